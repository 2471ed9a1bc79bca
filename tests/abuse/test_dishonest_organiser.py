"""A dishonest organiser, or one whose account or laptop somebody else has.

Holds the key of one petition, and so the names of those who signed it: the form says so. At stake
is everything beyond that: people of other petitions, readers who never signed, who has left, and
the truth of the count.
"""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import app
from chalicelib.crypto import sealing, unsealing
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.domain.errors import NotFound
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.usecases.alerts import fan_out
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.signatures.moderating import Moderator
from tests import builders
from tests.abuse.people import CODE, PENDING, hold, sends, subscribes
from tests.routes.requests import SLUG, post
from tests.world import World

OTHER_KEY = X25519PrivateKey.from_private_bytes(b"\x09" * 32)
OTHER = "window"


@pytest.fixture
def two(world: World) -> World:
    """Two petitions of two organisers, with a key each, and a signature on both."""
    public_key = OTHER_KEY.public_key().public_bytes_raw()
    world.publish(builders.petition(slug=OTHER, public_key=public_key))
    world.sign_and_confirm(email="hanna@example.org")
    sends("sign", slug=OTHER, name="Hanna", email="hanna@example.org", country="PL")
    world.settle()
    post(world.link())
    world.settle()
    return world


def _sealed(world: World, slug: str) -> bytes:
    [item] = world.signatures(slug)
    return bytes(item["sealed"])


def test_the_key_of_one_petition_opens_nothing_of_another(two: World) -> None:
    own = sealing.info(sealing.SIGNATURE, OTHER)
    foreign = sealing.info(sealing.SIGNATURE, SLUG)

    assert json.loads(unsealing.unseal(_sealed(two, OTHER), OTHER_KEY, own))["name"] == "Hanna"
    for context in (own, foreign):
        with pytest.raises(UnsealFailed):
            unsealing.unseal(_sealed(two, SLUG), OTHER_KEY, context)


def test_a_signature_moved_to_another_petition_does_not_open_even_with_the_right_key(
    two: World,
) -> None:
    """Names taken from one petition cannot be passed off as names under another."""
    with pytest.raises(UnsealFailed):
        unsealing.unseal(
            _sealed(two, SLUG), two.organiser_key, sealing.info(sealing.SIGNATURE, OTHER)
        )


def test_who_signed_both_cannot_be_seen_by_laying_the_two_side_by_side(two: World) -> None:
    [one], [other] = two.signatures(SLUG), two.signatures(OTHER)

    assert one["sk"] != other["sk"]
    assert _sealed(two, SLUG) != _sealed(two, OTHER)
    assert "hanna" not in repr([one, other])


def test_the_organisers_key_opens_no_address_of_readers_and_no_mail(two: World) -> None:
    """Consent to hand in a name is no consent to be written to."""
    subscribes(two, "reader@example.org")
    sends("manage", email="reader@example.org")
    [message] = two.sqs.receive_message(QueueUrl=two.services.settings.mail_queue_url)["Messages"]
    mail = base64.b64decode(json.loads(message["Body"])["sealed"])
    [reader] = two.subscriptions()

    for sealed, context in (
        (bytes(reader["sealed_address"]), sealing.info(sealing.SUBSCRIBER, SLUG)),
        (mail, sealing.info(sealing.MAIL)),
    ):
        with pytest.raises(UnsealFailed):
            unsealing.unseal(sealed, two.organiser_key, context)


@pytest.mark.parametrize("form", ["code", "again"])
def test_what_belongs_to_one_petition_is_worthless_at_the_door_of_another(
    two: World, form: str
) -> None:
    """Elsewhere the id of a foreign signature and one's own permission were enough."""
    pending = PENDING.search(sends("sign", name="Ada", email="ada@example.org", country="").text)
    two.settle()
    code = CODE.search(two.mails()[-1].text)
    assert pending
    assert code
    before, mails = two.signatures(), len(two.mails())

    response = sends(form, slug=OTHER, pending=pending[1], code=code[1])
    two.settle()

    assert response.status == 404
    assert two.signatures() == before
    assert len(two.signatures(OTHER)) == 1
    assert len(two.mails()) == mails


def test_a_link_to_one_petition_withdraws_nothing_of_another(two: World) -> None:
    post(two.ask_for_own_page("hanna@example.org"), {"do": "delete"})

    assert [item["state"] for item in two.signatures(SLUG)] == ["withdrawn"]
    assert [item["state"] for item in two.signatures(OTHER)] == ["confirmed"]


def test_holding_on_one_petition_holds_nothing_on_another(two: World) -> None:
    hold(two, "PL")

    assert [item["state"] for item in two.signatures(SLUG)] == ["held"]
    assert [item["state"] for item in two.signatures(OTHER)] == ["confirmed"]
    with pytest.raises(NotFound):
        Moderator(services=two.services, slug="open").count(
            SignatureFilter(), SignatureState.CONFIRMED
        )


def test_who_has_left_or_never_asked_cannot_be_mailed(world: World) -> None:
    """Elsewhere mails went on for minutes after people had left."""
    world.sign_and_confirm(email="signed.only@example.org")
    subscribes(world, "stays@example.org")
    subscribes(world, "leaves@example.org")
    post(world.ask_for_own_page("leaves@example.org"), {"do": "stop"})
    before = len(world.mails())

    fan_out.start_alert(world.services, world.publish_update().id)
    world.settle()

    assert [mail.to for mail in world.mails()[before:]] == ["stays@example.org"]


def test_who_leaves_while_an_alert_is_under_way_is_not_mailed(world: World) -> None:
    subscribes(world, "leaves@example.org")
    own = world.ask_for_own_page("leaves@example.org")
    before = len(world.mails())

    fan_out.start_alert(world.services, world.publish_update().id)
    post(own, {"do": "stop"})
    world.settle()

    assert len(world.mails()) == before


def test_signing_for_others_takes_their_mailboxes(world: World) -> None:
    for number in range(5):
        sends("sign", name="Made Up", email=f"made-up{number}@example.org", country="PL")
    world.settle()

    assert world.count() == 0
    assert world.signatures() == []


def test_a_count_that_somebody_has_written_up_or_down_is_put_right_at_night(
    world: World, lines: list[dict[str, Any]]
) -> None:
    """The table of sealed signatures is the truth; and what is mended is said."""
    world.sign_and_confirm()
    world.have_counted(PL=1000)
    assert world.count() == 1001

    tallying.reconcile(world.services, settling_seconds=0)

    assert world.count() == 1
    assert "repaired by -1000" in str(lines)


def test_what_an_organiser_holds_leaves_a_trace_and_can_be_let_go(world: World) -> None:
    """A verdict says why it was given, deletes nothing, and is taken back by one command."""
    world.sign_and_confirm(email="foe@example.org", country="DE")
    hold(world, "DE")
    [item] = world.signatures()
    assert (item["state"], item["why"], world.count()) == ("held", "they came in one minute", 0)
    assert item["sealed"]

    assert Moderator(services=world.services, slug=SLUG).release(SignatureFilter()) == 1
    world.settle()
    assert world.count() == 1


def test_there_is_no_door_for_organisers_to_be_forced(world: World) -> None:
    """Nothing to log in to: organisers work with the command, with their own access to AWS."""
    words = " ".join(app.app.routes)

    for word in ("login", "admin", "session", "export", "signatures", "organiser"):
        assert word not in words
