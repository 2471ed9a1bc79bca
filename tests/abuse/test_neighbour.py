"""A curious neighbour, an employer, a spouse: types an address that is not theirs into our forms.

At stake is the one thing that must not be known: whether somebody is on the list. Whatever the
standing of an address (it has signed, is held, blocked, subscribed, withdrawn, unknown), each form
has to look alike: page, status, size, headers, and what it asks AWS for, which is time. Who has the
address's mailbox may know; the mail goes there.
"""

import re

import pytest

from tests.abuse.people import (
    BLOCKED,
    EVERYBODY,
    HELD,
    PENDING,
    SIGNED,
    SUBSCRIBED,
    UNKNOWN,
    WITHDRAWN,
    Sight,
    blocks,
    calls_of,
    hold,
    seen,
    sends,
    settle_everybody,
    signs,
)
from tests.routes.requests import get
from tests.world import World


@pytest.fixture(scope="module")
def street(house: World) -> World:
    """A petition with an address of every standing."""
    house.wipe()
    house.publish()
    settle_everybody(house)
    return house


def _sights(street: World, form: str, **fields: str) -> list[Sight]:
    """What a neighbour sees of each address in turn."""
    found = []
    with calls_of(street) as calls:
        for email in EVERYBODY:
            calls.made.clear()
            typed = signs(email) if form == "sign" else sends(form, email=email, **fields)
            found.append(seen(typed, calls.made, email))
    street.settle()
    return found


@pytest.mark.parametrize("form", ["sign", "subscribe", "manage"])
def test_no_form_tells_whether_an_address_is_on_a_list(street: World, form: str) -> None:
    """Elsewhere "you have already signed" on the screen answers whoever asks."""
    first, *others = _sights(street, form)

    assert first.status == 200
    assert first.calls == ("dynamodb.UpdateItem", "dynamodb.BatchGetItem", "sqs.SendMessage")
    assert others == [first] * (len(EVERYBODY) - 1)


def test_asking_for_the_mail_again_tells_nothing_either(street: World) -> None:
    found = []
    for email in EVERYBODY:
        pending = PENDING.search(signs(email).text)
        assert pending
        with calls_of(street) as calls:
            found.append(seen(sends("again", pending=pending[1]), calls.made))
    street.settle()

    assert found[0].status == 200
    assert found == [found[0]] * len(EVERYBODY)


def test_a_wrong_code_tells_nothing_either(street: World) -> None:
    found = []
    for email in EVERYBODY:
        pending = PENDING.search(signs(email).text)
        assert pending
        with calls_of(street) as calls:
            response = sends("code", pending=pending[1], code="AAAAAAAA")
        found.append(seen(response, calls.made))
    street.settle()

    assert found[0].status == 422
    assert found == [found[0]] * len(EVERYBODY)


def test_a_form_that_comes_back_to_be_mended_tells_nothing(street: World) -> None:
    """A fault in another field: elsewhere the check for doubles speaks up beside it."""
    found = [seen(signs(email, name=""), (), email) for email in EVERYBODY]

    assert found[0].status == 422
    assert found == [found[0]] * len(EVERYBODY)


def test_what_is_put_on_the_queue_is_sealed_and_says_nothing(street: World) -> None:
    """Only the mailer can open it, so a reader of the queue sees neither address nor answer."""
    with calls_of(street) as calls:
        for email in (SIGNED, UNKNOWN, BLOCKED):
            signs(email)
        bodies = [
            message["Body"]
            for message in street.sqs.receive_message(
                QueueUrl=street.services.settings.mail_queue_url, MaxNumberOfMessages=10
            )["Messages"]
        ]
    street.release_messages()
    street.settle()

    assert len(bodies) == 3
    assert calls.made.count("sqs.SendMessage") == 3
    assert not re.search(r"example\.org|already_signed|confirm_signature", "".join(bodies))


def test_only_the_mailbox_itself_is_told(world: World) -> None:
    settle_everybody(world)
    for email in EVERYBODY:
        signs(email)
    world.settle()

    said = {email: [mail.text for mail in world.mails(email)][-1] for email in EVERYBODY}
    assert "/confirm/" in said[UNKNOWN]
    assert "/confirm/" in said[WITHDRAWN]
    assert "/confirm/" in said[SUBSCRIBED]
    assert "/manage/" in said[SIGNED]
    assert "/manage/" in said[HELD]
    # Held and counted read the same; the blocked one had its last mail when it was blocked.
    assert _without_links(said[HELD]) == _without_links(said[SIGNED])
    assert len(world.mails(BLOCKED)) == 1


def _without_links(text: str) -> str:
    return re.sub(r"\S{40,}", "", text)


def test_trying_until_an_address_gets_no_more_mails_tells_nothing(street: World) -> None:
    """Who has had its mails for the day, and who gets none at all, is seen by nobody."""
    found = {email: [seen(signs(email), ()) for _ in range(8)] for email in (SIGNED, BLOCKED)}
    street.settle()

    assert found[SIGNED] == found[BLOCKED]
    assert len({sight.size for sight in found[SIGNED]}) == 1


def test_the_public_page_is_byte_for_byte_the_same_after_one_person_signed(world: World) -> None:
    """Who looks at the count before and after a neighbour signed learns nothing."""
    world.have_counted(PL=12, DE=12, LT=11)
    paths = ("/en/open-door", "/api/petitions/open-door", "/embed/open-door/en", "/en")
    before = [(get(path).text, get(path).headers["ETag"]) for path in paths]

    world.sign_and_confirm(country="LT")

    assert world.count() == 36
    assert [(get(path).text, get(path).headers["ETag"]) for path in paths] == before


def test_a_page_of_ones_own_shows_the_same_for_held_and_counted(world: World) -> None:
    """A verdict is silent: who is held finds out nowhere, and neither does anybody else."""
    world.sign_and_confirm(email=SIGNED, country="PL")
    world.sign_and_confirm(email=HELD, country="DE")
    hold(world, "DE")

    pages = [_without_links(get(world.ask_for_own_page(who)).text) for who in (SIGNED, HELD)]

    assert {item["state"] for item in world.signatures()} == {"confirmed", "held"}
    assert pages[0] == pages[1].replace("Germany", "Poland")


def test_nobody_can_block_an_address_without_its_mailbox(world: World) -> None:
    """The link is sealed and stands in mails alone; none of ours can be made from outside."""
    never = blocks(world, BLOCKED)
    token = never.rpartition("/")[2]
    for forged in (token[:-6] + "AAAAAA", "AAAA", SIGNED):
        assert world.post(f"/en/block/{forged}", {}).status_code == 404

    world.sign(email=SIGNED)
    world.settle()
    assert len(world.mails(SIGNED)) == 1
