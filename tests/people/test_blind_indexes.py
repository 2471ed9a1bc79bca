"""Blind indexes: what they depend on, and that a deleted salt silences them."""

from chalicelib.domain.mailboxes import email_address
from chalicelib.people import blind_indexes
from chalicelib.people.blind_indexes import blind_index
from chalicelib.store import keys
from chalicelib.store.limits import index_salts
from tests.world import World

KEY = b"\x05" * 32
ADDRESS = "hanna@example.org"
HANNA = email_address.parse(ADDRESS)


def test_a_blind_index_is_the_same_for_the_same_address_only() -> None:
    one = blind_index(1, KEY, "signature", ADDRESS)

    assert one == blind_index(1, KEY, "signature", ADDRESS)
    assert len(one) == 34
    assert one != blind_index(1, KEY, "signature", "other@example.org")


def test_a_blind_index_names_its_root_key() -> None:
    assert blind_index(255, KEY, "signature", ADDRESS)[:2] == "ff"
    assert blind_index(1, KEY, "signature", ADDRESS)[:2] == "01"


def test_blind_indexes_differ_by_kind_and_key() -> None:
    indexes = {
        blind_index(1, KEY, "signature", ADDRESS),
        blind_index(1, KEY, "subscriber", ADDRESS),
        blind_index(1, b"\x06" * 32, "signature", ADDRESS),
    }

    assert len(indexes) == 3


def test_a_person_has_other_indexes_on_another_petition(world: World) -> None:
    one, other = (
        blind_indexes.indexes_of(world.services, slug, HANNA) for slug in ("open-door", "other")
    )

    assert len({one.signature, one.subscriber, other.signature, other.subscriber}) == 4
    assert one.suppressions == other.suppressions


def test_all_processes_have_the_same_index(world: World) -> None:
    first = blind_indexes.signature_index(world.services, "open-door", HANNA)
    world.restart()

    assert blind_indexes.signature_index(world.services, "open-door", HANNA) == first


def test_without_its_salt_no_key_leads_to_an_index(world: World) -> None:
    first = blind_indexes.indexes_of(world.services, "open-door", HANNA)
    world.services.limits.delete(keys.index_salt("open-door"))
    world.restart()

    later = blind_indexes.indexes_of(world.services, "open-door", HANNA)

    assert later.signature != first.signature
    assert later.subscriber != first.subscriber


def test_a_petition_whose_data_was_destroyed_has_no_person_to_find(world: World) -> None:
    index_salts.mark_destroyed(world.services.limits, "open-door", now=world.clock.now())

    found = blind_indexes.find_indexes(world.services, "open-door", HANNA)

    assert (found.signature, found.subscriber) == ("", "")
    assert found.suppressions == blind_indexes.suppression_indexes(world.services, HANNA)
