"""The page and the API say to which key signatures are sealed; without a proven key, to none."""

from base64 import b64decode
from datetime import date

import pytest

from chalicelib.crypto import sealing
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.store.petitions import petitions
from tests import builders
from tests.routes.markup import ParsedPage
from tests.world import World

OTHER_KEY = PrivateKey(b"\x09" * 32).public_bytes


def digits(public_key: bytes) -> str:
    """A fingerprint as people read it."""
    return sealing.grouped(sealing.fingerprint(public_key))


def section_of(world: World, language: str = "en") -> str:
    """The folded part of the page about keys."""
    page = ParsedPage(world.get(f"/{language}/open-door").body.decode())
    return page.all("details")[-1].text


def test_the_page_shows_the_key_since_when_and_the_services_own(world: World) -> None:
    [ring_key] = world.services.secrets.attestation_public_keys.keys

    text = section_of(world)

    key = digits(builders.petition().public_key)
    assert f"Since 8 March 2026, signatures have been sealed to the organisers’ key {key}." in text
    assert "Before that" not in text
    [code] = [part for part in text.split() if len(part) == 44 and part.endswith("=")]
    assert b64decode(code, validate=True) == ring_key.raw


@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_former_keys_stay_on_the_page_with_their_days(world: World, language: str) -> None:
    world.clock.advance(days=30)
    world.publish(builders.petition(public_key=OTHER_KEY))
    world.clock.advance(days=1)
    world.publish(builders.petition(public_key=PrivateKey(b"\x0a" * 32).public_bytes))

    text = section_of(world, language)

    current, newer, older = (
        text.index(digits(PrivateKey(b"\x0a" * 32).public_bytes)),
        text.index(digits(OTHER_KEY)),
        text.index(digits(builders.petition().public_key)),
    )
    assert current < newer < older


def test_a_key_that_is_published_again_later_has_three_periods(world: World) -> None:
    for key in (OTHER_KEY, builders.petition().public_key):
        world.clock.advance(days=1)
        world.publish(builders.petition(public_key=key))

    petition = petitions.get(world.services.petitions, "open-door")

    assert petition.key_since == date(2026, 3, 10)
    assert [(key.since.day, key.until.day) for key in petition.former_keys] == [(8, 9), (9, 10)]


def test_without_a_proven_key_nobody_can_sign(world: World) -> None:
    world.sign()
    world.deliver_all()
    link = world.link()
    world.publish(builders.petition(key_proven=False))

    page = world.get("/en/open-door").body.decode()
    sent, confirmed = world.sign(email="late@example.org"), world.post(link, {})
    world.deliver_all()

    assert "<form" not in page
    assert (sent.status_code, confirmed.status_code) == (403, 403)
    assert world.signatures() == []
