"""Attacker: a dishonest organiser, or a thief of an organiser's account or laptop.

Has the private key of one petition, and so the names of its signers. Protected: other petitions,
subscribers, people who left, and the count.
"""

from typing import Any

import pytest

import app
from chalicelib.crypto import sealing, unsealing
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed
from chalicelib.domain.errors import NotFound
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.mail import jobs
from chalicelib.mail.jobs import SendMail
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.signatures import moderating
from chalicelib.usecases.signatures.moderating import Moderator
from tests import builders
from tests.abuse.scenarios import CODE, PENDING, hold, post_form, subscribe
from tests.routes.requests import SLUG, post
from tests.world import World

OTHER_KEY = PrivateKey(b"\x09" * 32)
OTHER = "window"


@pytest.fixture
def two_petitions(world: World) -> World:
    """Two petitions with different keys, and one address that signed both."""
    world.publish(builders.petition(slug=OTHER, public_key=OTHER_KEY.public_bytes))
    world.sign_and_confirm(email="hanna@example.org")
    post_form("sign", slug=OTHER, name="Hanna", email="hanna@example.org", country="PL")
    world.deliver_all()
    post(world.link())
    world.deliver_all()
    return world


def _stored(world: World, slug: str) -> dict[str, Any]:
    [item] = world.signatures(slug)
    return item


def test_the_key_of_one_petition_unseals_nothing_of_another(two_petitions: World) -> None:
    own, foreign = _stored(two_petitions, OTHER), _stored(two_petitions, SLUG)
    of_own = sealing.info(sealing.SIGNATURE, OTHER, own["sk"])
    of_foreign = sealing.info(sealing.SIGNATURE, SLUG, foreign["sk"])

    assert unsealing.unseal(own["sealed"], [OTHER_KEY], of_own)["name"] == "Hanna"
    for context in (of_own, of_foreign):
        with pytest.raises(UnsealFailed):
            unsealing.unseal(foreign["sealed"], [OTHER_KEY], context)


@pytest.mark.parametrize("slug", [OTHER, SLUG])
def test_a_signature_moved_to_another_place_cannot_be_unsealed(
    two_petitions: World, slug: str
) -> None:
    """The seal binds a signature to its petition and its blind index."""
    stored = _stored(two_petitions, SLUG)
    index = stored["sk"] if slug == OTHER else stored["sk"][:-1] + "x"

    with pytest.raises(UnsealFailed):
        unsealing.unseal(
            stored["sealed"],
            [two_petitions.organiser_key],
            sealing.info(sealing.SIGNATURE, slug, index),
        )


def test_signers_of_two_petitions_cannot_be_matched(two_petitions: World) -> None:
    [one], [other] = two_petitions.signatures(SLUG), two_petitions.signatures(OTHER)

    assert one["sk"] != other["sk"]
    assert one["sealed"] != other["sealed"]
    assert "hanna" not in repr([one, other])


def test_the_organisers_key_unseals_no_subscriber_and_no_mail(two_petitions: World) -> None:
    """Consent to a signature is no consent to mails."""
    subscribe(two_petitions, "reader@example.org")
    post_form("manage", email="reader@example.org")
    [message] = two_petitions.sqs.receive_message(
        QueueUrl=two_petitions.services.settings.mail_queue_url
    )["Messages"]
    job = jobs.from_body(message["Body"], two_petitions.services.secrets.job_keys)
    assert isinstance(job, SendMail)
    [subscriber] = two_petitions.subscriptions()

    for sealed, context in (
        (
            subscriber["sealed_address"],
            sealing.info(sealing.SUBSCRIBER, SLUG, subscriber["sk"]),
        ),
        (job.sealed, sealing.info(sealing.MAIL, job.id)),
    ):
        with pytest.raises(UnsealFailed):
            unsealing.unseal(sealed, [two_petitions.organiser_key], context)


@pytest.mark.parametrize("form", ["code", "again"])
def test_a_pending_token_and_its_code_are_refused_by_another_petition(
    two_petitions: World, form: str
) -> None:
    """Elsewhere: the id of another petition's signature was enough."""
    pending = PENDING.search(
        post_form("sign", name="Ada", email="ada@example.org", country="").text
    )
    two_petitions.deliver_all()
    code = CODE.search(two_petitions.mails()[-1].text)
    assert pending
    assert code
    before, mails = two_petitions.signatures(), len(two_petitions.mails())

    response = post_form(form, slug=OTHER, pending=pending[1], code=code[1])
    two_petitions.deliver_all()

    assert response.status == 404
    assert two_petitions.signatures() == before
    assert len(two_petitions.signatures(OTHER)) == 1
    assert len(two_petitions.mails()) == mails


def test_the_link_of_one_petition_withdraws_nothing_of_another(two_petitions: World) -> None:
    post(two_petitions.ask_for_own_page("hanna@example.org"), {"do": "delete"})

    assert [item["state"] for item in two_petitions.signatures(SLUG)] == ["withdrawn"]
    assert [item["state"] for item in two_petitions.signatures(OTHER)] == ["confirmed"]


def test_holding_on_one_petition_holds_nothing_on_another(two_petitions: World) -> None:
    hold(two_petitions, "PL")

    assert [item["state"] for item in two_petitions.signatures(SLUG)] == ["held"]
    assert [item["state"] for item in two_petitions.signatures(OTHER)] == ["confirmed"]
    with pytest.raises(NotFound):
        Moderator(services=two_petitions.services, slug="open").select(
            SignatureFilter(), SignatureState.CONFIRMED
        )


def test_people_who_never_subscribed_or_unsubscribed_are_not_mailed(world: World) -> None:
    """Elsewhere: mails went on for minutes after people had unsubscribed."""
    world.sign_and_confirm(email="signed.only@example.org")
    subscribe(world, "stays@example.org")
    subscribe(world, "leaves@example.org")
    post(world.ask_for_own_page("leaves@example.org"), {"do": "stop"})
    before = len(world.mails())

    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()

    assert [mail.to for mail in world.mails()[before:]] == ["stays@example.org"]


def test_a_subscriber_who_leaves_during_an_alert_is_not_mailed(world: World) -> None:
    subscribe(world, "leaves@example.org")
    own = world.ask_for_own_page("leaves@example.org")
    before = len(world.mails())

    starting.start_update(world.services, world.publish_update().id)
    post(own, {"do": "stop"})
    world.deliver_all()

    assert len(world.mails()) == before


def test_signing_for_others_needs_their_mailboxes(world: World) -> None:
    for number in range(5):
        post_form("sign", name="Made Up", email=f"made-up{number}@example.org", country="PL")
    world.deliver_all()

    assert world.count() == 0
    assert world.signatures() == []


def test_a_falsified_count_is_repaired_at_night(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    """Reconciling counts the sealed signatures and logs the repair."""
    world.sign_and_confirm()
    world.raise_tally(PL=1000)
    assert world.count() == 1001

    tallying.reconcile(world.services, settling_seconds=0)

    assert world.count() == 1
    assert "repaired by -1000" in str(log_lines)


def test_a_signature_held_by_hand_keeps_the_reason_and_can_be_released(world: World) -> None:
    world.sign_and_confirm(email="foe@example.org", country="DE")
    hold(world, "DE")
    [item] = world.signatures()
    assert (item["state"], item["why"], world.count()) == ("held", "they came in one minute", 0)
    assert item["sealed"]

    moderator = Moderator(services=world.services, slug=SLUG)
    held = moderator.select(SignatureFilter(), SignatureState.HELD)
    moderating.request_release(world.services, held)
    world.deliver_all()
    assert world.count() == 1


def test_no_public_route_is_for_organisers(world: World) -> None:
    """Organisers use the command line with their own access to AWS."""
    words = " ".join(app.app.routes)

    for word in ("login", "admin", "session", "export", "signatures", "organiser"):
        assert word not in words
