"""A whole service lives through the rotation of each of its secrets: nothing that is out ends."""

import base64
import gzip
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from chalicelib import wiring
from chalicelib.crypto import attestation, proof_of_work, sealing
from chalicelib.domain.mailboxes import email_address
from chalicelib.people import blind_indexes
from chalicelib.protection import rate_limits
from chalicelib.store import suppressions
from chalicelib.usecases.alerts import starting
from chalicelib.wiring import Services
from ops.local import moto_internals
from ops.secrets import rotation
from ops.secrets.inventory import RINGS
from tests import builders
from tests.proving import challenge, press, solved
from tests.world import World

pytestmark = pytest.mark.usefixtures("store")

CODE = re.compile(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", re.MULTILINE)
PENDING = re.compile(r'name="pending" value="([^"]+)"')
SIGNED = "signed@example.org"
ALL = "all of them"


def rotated(*names: str) -> pytest.MarkDecorator:
    """Runs a test for the rotation of each of these secrets, and of all together."""
    return pytest.mark.parametrize("name", [*names, ALL])


def rotate(world: World, name: str) -> None:
    """Rotate a secret, or all, as the operator does from a machine of their own."""
    operator = Services(settings=world.services.settings, now=world.clock.now)
    operator._session = world._session
    for each in RINGS if name == ALL else [name]:
        rotation.rotate(operator, each)


def new_process(world: World) -> Services:
    world.restart()
    return world.services


def use(world: World, process: Services) -> None:
    """Let this process answer from now on."""
    world.services = process
    wiring.install(process)


def address_of(who: str) -> str:
    return f"{who}@example.org"


def sign(world: World, who: str) -> str:
    """Send the sign form; the page that waits for the mail."""
    return world.sign(email=address_of(who)).body.decode()


def mail_to(world: World, who: str) -> str:
    """The text of the last mail to somebody."""
    return world.mails(address_of(who))[-1].text


def link_of(world: World, who: str, page: str) -> str:
    return world.link_to(page, world.mails(address_of(who))[-1])


def press_button(world: World, path: str, **fields: str) -> None:
    """Open a link and press its button: both work."""
    for answer in (world.get(path), world.post(path, fields)):
        assert answer.status_code == 200, path


def states(world: World) -> dict[str, str]:
    """The state of each signature, by its index."""
    return {item["sk"]: item["state"] for item in world.signatures()}


def is_signed(world: World, who: str) -> bool:
    address = email_address.parse(address_of(who))
    index = blind_indexes.signature_index(world.services, builders.SLUG, address)
    return states(world).get(index) == "confirmed"


def is_subscribed(world: World, who: str) -> bool:
    address = email_address.parse(address_of(who))
    index = blind_indexes.subscriber_index(world.services, builders.SLUG, address)
    return any(item["state"] == "active" for item in world.subscriptions() if item["sk"] == index)


@dataclass(frozen=True, kw_only=True)
class Outstanding:
    """What people hold in their hands, or is on its way to them."""

    confirm: str
    pending: str
    code: str
    confirm_alerts: str
    manage: str
    unsubscribe: str
    block: str

    @classmethod
    def collect(cls, world: World) -> "Outstanding":
        """Let people ask for everything that can be mailed. A mail to "queued" is not sent yet."""
        world.sign_and_confirm(email=SIGNED, alerts="yes")
        world.publish_update()
        starting.start_update(world.services, f"{builders.SLUG}/first-news")
        world.deliver_all()
        unsubscribe = link_of(world, "signed", "unsubscribe")
        sign(world, "confirms")
        page = sign(world, "types-code")
        sign(world, "blocks")
        world.post("/en/open-door/subscribe", {"email": address_of("reads")})
        world.post("/en/open-door/manage", {"email": SIGNED})
        world.deliver_all()
        pending, code = PENDING.search(page), CODE.search(mail_to(world, "types-code"))
        assert pending
        assert code
        outstanding = cls(
            confirm=link_of(world, "confirms", "confirm"),
            pending=pending[1],
            code=code[1],
            confirm_alerts=link_of(world, "reads", "confirm-alerts"),
            manage=link_of(world, "signed", "manage"),
            unsubscribe=unsubscribe,
            block=link_of(world, "blocks", "block"),
        )
        sign(world, "queued")
        return outstanding

    def use_up(self, world: World) -> None:
        """Every link, code and waiting mail works."""
        press_button(world, self.confirm)
        assert is_signed(world, "confirms")
        typed = {"pending": self.pending, "code": self.code}
        assert world.post("/en/open-door/code", typed).status_code == 200
        assert is_signed(world, "types-code")
        press_button(world, self.confirm_alerts)
        assert is_subscribed(world, "reads")
        press_button(world, self.unsubscribe)
        assert not is_subscribed(world, "signed")
        world.deliver_all()
        press_button(world, link_of(world, "queued", "confirm"))
        assert is_signed(world, "queued")
        press_button(world, self.block)
        assert is_signed(world, "signed")
        press_button(world, self.manage, do="withdraw", news="stop")
        assert not is_signed(world, "signed")


@rotated(*RINGS)
def test_what_was_mailed_before_works_under_the_new_key(world: World, name: str) -> None:
    outstanding = Outstanding.collect(world)
    rotate(world, name)
    world.clock.advance(minutes=40)

    outstanding.use_up(world)


@rotated("index")
def test_people_from_before_are_recognised_under_the_new_key(world: World, name: str) -> None:
    outstanding = Outstanding.collect(world)
    press_button(world, outstanding.block)
    rotate(world, name)
    world.clock.advance(minutes=40)
    new_process(world)

    sign(world, "signed")
    sign(world, "blocks")
    count = len(world.mails(address_of("blocks")))
    world.deliver_all()

    assert "You have already signed" in mail_to(world, "signed")
    assert len(world.mails(address_of("blocks"))) == count, "a blocked address gets no mail"


@rotated("permanent-token", "job", "mailer")
def test_alerts_reach_subscribers_from_before_and_after(world: World, name: str) -> None:
    world.sign_and_confirm(email=address_of("before"), alerts="yes")
    rotate(world, name)
    world.clock.advance(minutes=40)
    world.sign_and_confirm(email=address_of("after"), alerts="yes")
    world.publish_update()

    starting.start_update(world.services, f"{builders.SLUG}/first-news")
    world.deliver_all()

    for who in ("before", "after"):
        press_button(world, link_of(world, who, "unsubscribe"))
        assert not is_subscribed(world, who)


@rotated(*RINGS)
def test_a_process_that_has_not_read_the_new_key_works_with_one_that_has(
    world: World, name: str
) -> None:
    old = new_process(world)
    outstanding = Outstanding.collect(world)
    rotate(world, name)
    world.clock.advance(minutes=9)
    new = new_process(world)

    for number, (sender, reader) in enumerate([(old, new), (new, old)]):
        who = f"signer{number}"
        use(world, sender)
        sign(world, who)
        use(world, reader)
        world.deliver_all()
        press_button(world, link_of(world, who, "confirm"))
        assert is_signed(world, who)
    use(world, new)
    outstanding.use_up(world)


@rotated("token", "job", "mailer")
def test_at_the_moment_of_use_every_process_knows_the_key(world: World, name: str) -> None:
    """The old process has read just before the rotation, the other begins with the new key."""
    old = new_process(world)
    sign(world, "warms-up")
    world.deliver_all()
    rotate(world, name)
    for _ in range(3):
        # As late as can be: each read comes when the last one is ten minutes old.
        world.clock.advance(minutes=10)
        sign(world, "keeps-warm")
    new = new_process(world)

    use(world, new)
    sign(world, "signer")
    use(world, old)
    world.deliver_all()
    press_button(world, link_of(world, "signer", "confirm"))

    assert is_signed(world, "signer")


def test_a_proof_of_work_that_was_begun_before_is_accepted_after(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof_of_work, "MAX_NUMBERS", 2)
    press(world, proof_posts_per_network=1)
    sign(world, "first")
    rotate(world, "token")
    world.clock.advance(minutes=20)
    begun = challenge(world)
    world.clock.advance(minutes=20)

    world.sign(email=address_of("proves"), proof=solved(begun))
    world.deliver_all()

    assert world.mails(address_of("proves"))


# What is new is made under the new key.


def key_id_of_link(path: str) -> int:
    return base64.urlsafe_b64decode(path.rpartition("/")[2][:4])[0]


@pytest.mark.parametrize(
    ("name", "page", "other"),
    [("token", "confirm", "block"), ("permanent-token", "block", "confirm")],
)
def test_new_links_are_made_under_the_new_key(
    world: World, name: str, page: str, other: str
) -> None:
    rotate(world, name)
    ids = []
    for minutes in (29, 1):
        world.clock.advance(minutes=minutes)
        sign(world, "signer")
        world.deliver_all()
        assert key_id_of_link(link_of(world, "signer", other)) == 1
        ids.append(key_id_of_link(link_of(world, "signer", page)))

    assert ids == [1, 2]


def test_new_petitions_and_suppressions_are_indexed_under_the_new_root(world: World) -> None:
    outstanding = Outstanding.collect(world)
    rotate(world, "index")
    world.clock.advance(minutes=40)
    world.publish(builders.petition(slug="new-door"))
    person = email_address.parse(SIGNED)

    press_button(world, outstanding.block)

    assert blind_indexes.signature_index(world.services, "open-door", person).startswith("01")
    assert blind_indexes.signature_index(world.services, "new-door", person).startswith("02")
    assert suppressions.count_by_root_key(world.services.subscribers) == {2: 1}
    assert all(index.startswith("01") for index in states(world))


def test_new_messages_have_the_code_of_the_new_key(world: World) -> None:
    rotate(world, "job")
    ids = []
    for minutes in (29, 1):
        world.clock.advance(minutes=minutes)
        sign(world, "signer")
        [message] = [
            message
            for queue in moto_internals.queues().values()
            for message in moto_internals.messages_of(queue)
        ]
        ids.append(json.loads(message.body)["key"])
        world.deliver_all()

    assert ids == [1, 2]


def test_new_signatures_are_attested_by_the_new_key_and_old_ones_stay_valid(world: World) -> None:
    world.sign_and_confirm(email=address_of("before"))
    rotate(world, "attestation")
    world.clock.advance(minutes=40)
    world.sign_and_confirm(email=address_of("after"))

    public = world.services.secrets.attestation_public_keys
    named = {item["attestation"][:4] for item in world.signatures()}
    assert named == {sealing.key_id(key.raw) for key in public.keys}
    for item in world.signatures():
        statement = attestation.signature_statement(
            "open-door", item["sk"], item["sealed"], date.fromisoformat(item["confirmed_on"])
        )
        keys = [key.raw for key in public.keys]
        assert attestation.is_attested(statement, item["attestation"], keys)


def exported(world: World) -> bool:
    """Whether the manifest of an export is attested by the current key of the exporter."""
    last = json.loads(gzip.decompress(world.file_of(world.run_export())).splitlines()[-1])
    current = world.services.secrets.export_public_keys.current(world.clock.now())
    return attestation.is_attested(
        attestation.manifest_statement(last["manifest"].encode()),
        base64.b64decode(last["attestation"]),
        [current.raw],
    )


def test_new_exports_are_attested_by_the_new_key(world: World) -> None:
    assert exported(world)
    rotate(world, "export")
    before = world.services.secrets.export_public_keys
    world.clock.advance(minutes=40)

    assert exported(world)
    now = world.clock.now()
    assert world.services.secrets.export_public_keys.current(now).id == 2
    assert before.current(now).id == 1


def test_new_addresses_and_mails_are_sealed_to_the_new_key(world: World) -> None:
    world.sign_and_confirm(email=address_of("before"), alerts="yes")
    rotate(world, "mailer")
    world.clock.advance(minutes=40)
    world.sign_and_confirm(email=address_of("after"), alerts="yes")

    public = world.services.secrets.mailer_public_keys.keys
    named = {item["sealed_to"] for item in world.subscriptions()}
    assert named == {sealing.key_id(key.raw) for key in public}


# Limits.


def mails(world: World, count: int) -> int:
    """Ask for so many mails to one address; how many have come by now."""
    for _ in range(count):
        world.post("/en/open-door/manage", {"email": SIGNED})
    world.deliver_all()
    return len(world.mails(SIGNED))


def test_the_mails_of_an_address_are_counted_together_over_a_change_of_peppers(
    world: World,
) -> None:
    limit = world.services.settings.mails_per_network
    assert mails(world, limit - 2) == limit - 2
    rotate(world, "limit-pepper")

    world.clock.advance(minutes=40)
    new_process(world)
    assert mails(world, 1) == limit - 1
    world.clock.moment = world.clock.moment.replace(hour=23, minute=59)
    new_process(world)
    assert mails(world, 5) == limit

    world.clock.advance(minutes=1)
    assert mails(world, 1) == limit + 1, "a new day"


def test_the_next_day_has_the_new_pepper_in_every_process(world: World) -> None:
    """The rotation comes so late that its key is used at midnight, to the second."""
    world.clock.moment = world.clock.moment.replace(hour=23, minute=30)
    old, person = new_process(world), email_address.parse(SIGNED)
    today = world.clock.now().date()
    tomorrow = today + timedelta(days=1)
    mails(world, 1)
    rotate(world, "limit-pepper")
    world.clock.advance(minutes=30)
    new = new_process(world)

    assert {rate_limits.address_hash(each, person, tomorrow) for each in (old, new)} == {
        rate_limits.address_hash(new, person, tomorrow)
    }
    assert {rate_limits.address_hash(each, person, today) for each in (old, new)} == {
        rate_limits.address_hash(new, person, today)
    }
    assert new.secrets.limit_peppers.current(world.clock.now()).id == 2
