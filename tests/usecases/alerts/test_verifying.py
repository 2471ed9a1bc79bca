"""An organiser's address is verified by a code, and remembered where nobody can read it."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import ExpiredToken
from chalicelib.domain.mailboxes import email_address
from chalicelib.store.alerts import verified_addresses
from chalicelib.usecases.alerts import verifying
from tests.world import World

ADDRESS = email_address.parse("anna@example.org")
OTHER = email_address.parse("boris@example.org")


def mailed_code(world: World) -> str:
    """The code in the last mail."""
    [line] = [line for line in world.mails()[-1].text.splitlines() if len(line) == 9]
    return line.replace(" ", "")


def verified(world: World) -> None:
    """Verify the address."""
    pending = verifying.mail_code(world.services, "open-door", "be", ADDRESS)
    world.deliver_all()
    assert verifying.verify(world.services, pending, mailed_code(world).lower(), ADDRESS)


def test_an_address_is_verified_by_the_mailed_code_and_then_known(world: World) -> None:
    before = verifying.is_verified(world.services, ADDRESS)

    verified(world)

    assert not before
    assert verifying.is_verified(world.services, email_address.parse("Anna@Example.org"))
    assert not verifying.is_verified(world.services, OTHER)
    assert [mail.to for mail in world.mails()] == ["anna@example.org"]


def test_the_table_holds_a_keyed_hash_that_expires(world: World) -> None:
    verified(world)

    [item] = [it for it in world.stored_items("petitions") if it["pk"] == "test-address"]
    assert item.keys() == {"pk", "sk", "expires_at"}
    assert "anna" not in str(item)
    world.clock.advance(days=90, seconds=1)
    assert not verifying.is_verified(world.services, ADDRESS)


def test_a_wrong_code_and_the_code_of_another_address_verify_nothing(world: World) -> None:
    pending = verifying.mail_code(world.services, "open-door", "en", ADDRESS)
    world.deliver_all()

    assert not verifying.verify(world.services, pending, "AAAA AAAA", ADDRESS)
    assert not verifying.verify(world.services, pending, mailed_code(world), OTHER)
    assert not verifying.is_verified(world.services, ADDRESS)


def test_a_code_expires_after_a_quarter_of_an_hour(world: World) -> None:
    pending = verifying.mail_code(world.services, "open-door", "en", ADDRESS)
    world.deliver_all()
    world.clock.advance(minutes=15, seconds=1)

    with pytest.raises(ExpiredToken):
        verifying.verify(world.services, pending, mailed_code(world), ADDRESS)


def test_a_blocked_address_gets_no_code(world: World) -> None:
    world.sign(email="anna@example.org")
    world.deliver_all()
    world.post(world.link_to("block"), {})
    mails = len(world.mails())

    verifying.mail_code(world.services, "open-door", "en", ADDRESS)
    world.deliver_all()

    assert len(world.mails()) == mails


def test_codes_to_one_address_are_limited_by_day(world: World) -> None:
    for _ in range(world.services.settings.mails_per_network + 2):
        verifying.mail_code(world.services, "open-door", "en", ADDRESS)
    world.deliver_all()

    assert len(world.mails()) == world.services.settings.mails_per_network


def test_an_expired_entry_that_is_not_deleted_yet_counts_no_more(world: World) -> None:
    table, now = world.services.petitions, world.clock.now()
    verified_addresses.save(table, "51c0", expires_at=now - timedelta(seconds=1))

    assert not verified_addresses.exists(table, ["51c0", "a17e"], now=now)
