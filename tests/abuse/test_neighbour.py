"""Attacker: a neighbour, employer or spouse who types another person's address into the forms.

Protected: whether the address has signed or subscribed. For every status of an address the response
has the same page, status, size, headers and AWS calls (so the same timing).
"""

import re

import pytest

from tests.abuse.scenarios import (
    ALL_ADDRESSES,
    BLOCKED,
    HELD,
    PENDING,
    SIGNED,
    SUBSCRIBED,
    UNKNOWN,
    WITHDRAWN,
    VisibleResponse,
    block,
    hold,
    post_form,
    post_sign_form,
    prepare_every_status,
    recorded_calls,
    visible,
)
from tests.routes.requests import get
from tests.world import World


@pytest.fixture(scope="module")
def every_status(shared_world: World) -> World:
    """A petition with an address of every status."""
    shared_world.reset()
    shared_world.publish()
    prepare_every_status(shared_world)
    return shared_world


def _visible_responses(every_status: World, form: str, **fields: str) -> list[VisibleResponse]:
    """The visible response to each address in turn."""
    responses = []
    with recorded_calls(every_status) as calls:
        for email in ALL_ADDRESSES:
            calls.made.clear()
            typed = (
                post_sign_form(email) if form == "sign" else post_form(form, email=email, **fields)
            )
            responses.append(visible(typed, calls.made, email))
    every_status.deliver_all()
    return responses


@pytest.mark.parametrize("form", ["sign", "subscribe", "manage"])
def test_no_form_reveals_the_status_of_an_address(every_status: World, form: str) -> None:
    """Elsewhere: the page says "you have already signed"."""
    first, *others = _visible_responses(every_status, form)

    assert first.status == 200
    assert first.calls == ("dynamodb.UpdateItem", "dynamodb.BatchGetItem", "sqs.SendMessage")
    assert others == [first] * (len(ALL_ADDRESSES) - 1)


def test_sending_the_mail_again_reveals_nothing(every_status: World) -> None:
    responses = []
    for email in ALL_ADDRESSES:
        pending = PENDING.search(post_sign_form(email).text)
        assert pending
        with recorded_calls(every_status) as calls:
            responses.append(visible(post_form("again", pending=pending[1]), calls.made))
    every_status.deliver_all()

    assert responses[0].status == 200
    assert responses == [responses[0]] * len(ALL_ADDRESSES)


def test_a_wrong_code_reveals_nothing(every_status: World) -> None:
    responses = []
    for email in ALL_ADDRESSES:
        pending = PENDING.search(post_sign_form(email).text)
        assert pending
        with recorded_calls(every_status) as calls:
            response = post_form("code", pending=pending[1], code="AAAAAAAA")
        responses.append(visible(response, calls.made))
    every_status.deliver_all()

    assert responses[0].status == 422
    assert responses == [responses[0]] * len(ALL_ADDRESSES)


def test_a_form_with_a_mistake_reveals_nothing(every_status: World) -> None:
    """Elsewhere: the check for duplicates reports together with the mistake."""
    responses = [visible(post_sign_form(email, name=""), (), email) for email in ALL_ADDRESSES]

    assert responses[0].status == 422
    assert responses == [responses[0]] * len(ALL_ADDRESSES)


def test_queued_mails_are_sealed(every_status: World) -> None:
    with recorded_calls(every_status) as calls:
        for email in (SIGNED, UNKNOWN, BLOCKED):
            post_sign_form(email)
        bodies = [
            message["Body"]
            for message in every_status.sqs.receive_message(
                QueueUrl=every_status.services.settings.mail_queue_url, MaxNumberOfMessages=10
            )["Messages"]
        ]
    every_status.make_messages_visible()
    every_status.deliver_all()

    assert len(bodies) == 3
    assert calls.made.count("sqs.SendMessage") == 3
    assert not re.search(r"example\.org|already_signed|confirm_signature", "".join(bodies))


def test_only_the_mail_depends_on_the_status(world: World) -> None:
    prepare_every_status(world)
    for email in ALL_ADDRESSES:
        post_sign_form(email)
    world.deliver_all()

    last_mails = {email: [mail.text for mail in world.mails(email)][-1] for email in ALL_ADDRESSES}
    assert "/confirm/" in last_mails[UNKNOWN]
    assert "/confirm/" in last_mails[WITHDRAWN]
    assert "/confirm/" in last_mails[SUBSCRIBED]
    assert "/manage/" in last_mails[SIGNED]
    assert "/manage/" in last_mails[HELD]
    # Held and confirmed get the same text; the blocked address gets no more mail.
    assert _without_links(last_mails[HELD]) == _without_links(last_mails[SIGNED])
    assert len(world.mails(BLOCKED)) == 1


def _without_links(text: str) -> str:
    return re.sub(r"\S{40,}", "", text)


def test_reaching_the_daily_cap_of_an_address_reveals_nothing(every_status: World) -> None:
    responses = {
        email: [visible(post_sign_form(email), ()) for _ in range(8)] for email in (SIGNED, BLOCKED)
    }
    every_status.deliver_all()

    assert responses[SIGNED] == responses[BLOCKED]
    assert len({response.size for response in responses[SIGNED]}) == 1


def test_one_signature_changes_no_byte_of_the_public_pages(world: World) -> None:
    world.raise_tally(PL=12, DE=12, LT=11)
    world.set_figures()
    paths = ("/en/open-door", "/api/petitions/open-door", "/embed/open-door/en", "/en")
    before = [(get(path).text, get(path).headers["ETag"]) for path in paths]

    world.sign_and_confirm(country="LT")

    assert world.count() == 36
    assert [(get(path).text, get(path).headers["ETag"]) for path in paths] == before


def test_the_own_page_is_the_same_for_held_and_confirmed(world: World) -> None:
    world.sign_and_confirm(email=SIGNED, country="PL")
    world.sign_and_confirm(email=HELD, country="DE")
    hold(world, "DE")

    pages = [_without_links(get(world.ask_for_own_page(who)).text) for who in (SIGNED, HELD)]

    assert {item["state"] for item in world.signatures()} == {"confirmed", "held"}
    assert pages[0] == pages[1].replace("<td>Germany</td>", "<td>Poland</td>")


def test_an_address_cannot_be_blocked_without_its_mailbox(world: World) -> None:
    """The sealed link is in mails alone and cannot be forged."""
    block_link = block(world, BLOCKED)
    token = block_link.rpartition("/")[2]
    for forged in (token[:-6] + "AAAAAA", "AAAA", SIGNED):
        assert world.post(f"/en/block/{forged}", {}).status_code == 404

    world.sign(email=SIGNED)
    world.deliver_all()
    assert len(world.mails(SIGNED)) == 1
