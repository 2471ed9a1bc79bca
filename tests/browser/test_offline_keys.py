"""Keys that a browser makes without a network are read by the commands, and the reverse."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_keys import PetitionKeys, loses
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.keys import key_lifecycle, organiser_keys
from ops.keys.recovery import codes
from tests.browser import offline
from tests.ops import folders
from tests.ops.folders import ANNA, BORIS, CARLA, KEYS, SLUG

VOUCHING: Final = VerificationKeys(attestation=(b"\x01" * 32,), export=(b"\x02" * 32,))
PASSPHRASE: Final = offline.PASSPHRASE


@pytest.fixture(scope="module", params=["browser", "library"])
def opened(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The page from disk, with the KEM of the browser or of the library."""
    path = offline.written(tmp_path_factory.mktemp("page"), request.param)
    with offline.opened(browser, path) as page:
        yield page


@pytest.fixture
def page(opened: Page) -> Page:
    """The page as it is when it is opened."""
    opened.reload()
    return opened


def block(page: Page, name: str) -> Locator:
    """A part of the page by its heading, on whichever of its three sides it stands."""
    part = "petition" if name in ("make", "prove", "share", "change") else "keys"
    page.get_by_role("navigation").locator(f"#to-{part}").click()
    return page.locator(f"#{name}")


def locked(key: organiser_keys.OrganiserKey) -> bytes:
    return organiser_keys.lock(key, PASSPHRASE).encode()


def public(key: organiser_keys.OrganiserKey) -> bytes:
    return organiser_keys.public_text(folders.public(key)).encode()


def upload(place: Locator, label: str, *files: tuple[str, bytes]) -> None:
    offline.choose(place, label, files)


def saved_keys(page: Page) -> PetitionKeys:
    return petition_key_files.read(offline.saved(page, "key.json").decode())


def choose_petition(page: Page, keys: PetitionKeys) -> None:
    page.get_by_label("The petition’s key.json").set_input_files(
        {
            "name": "key.json",
            "mimeType": "application/json",
            "buffer": petition_key_files.to_text(keys).encode(),
        }
    )


def test_a_key_that_a_browser_makes_opens_by_the_command(page: Page) -> None:
    part = block(page, "new-key")
    part.get_by_label("Your name").fill("Ганна К.")
    part.get_by_label("A passphrase").fill(PASSPHRASE)
    part.get_by_label("The same passphrase again").fill(PASSPHRASE)
    part.get_by_role("button", name="Make the key").click()

    text = offline.saved(page, "ганна-к.key").decode()
    key = organiser_keys.open_key(text, PASSPHRASE)
    half = organiser_keys.public_half(offline.saved(page, "ганна-к.pub").decode())
    assert (key.name, key.trusted) == ("Ганна К.", {})
    assert half == organiser_keys.public_half(text)
    assert half.raw == key.private.public_bytes


def test_a_key_file_of_a_browser_is_written_as_the_command_writes_it(page: Page) -> None:
    given = {
        "seed": ANNA.private.seed.hex(),
        "name": ANNA.name,
        "attestation": b64encode(VOUCHING.attestation[0]).decode(),
        "export": b64encode(VOUCHING.export[0]).decode(),
    }
    text = page.evaluate(
        """({seed, name, attestation, export: exported}) => lockKey({seed: fromHex(seed), name,
          trusted: {'open-door':
            verificationBytes({attestation: [attestation], export: [exported]})}},
          'gravel teapot anthem lunar')""",
        given,
    )
    trusting = replace(ANNA, trusted={SLUG: VOUCHING})

    assert organiser_keys.open_key(text, PASSPHRASE) == trusting
    assert _without_chance(text) == _without_chance(organiser_keys.lock(trusting, PASSPHRASE))


def _without_chance(text: str) -> str:
    values = json.loads(text)
    values["kdf"]["salt"] = values["cipher"]["nonce"] = values["private_key"] = ""
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
    return json.dumps(values)


@pytest.mark.parametrize(
    ("passphrase", "again", "reason"),
    [
        ("short", "short", "needs 12 characters"),
        (PASSPHRASE, PASSPHRASE + " ", "not the same"),
        (PASSPHRASE, "", "not the same"),
    ],
)
def test_a_passphrase_is_long_and_typed_twice(
    page: Page, passphrase: str, again: str, reason: str
) -> None:
    part = block(page, "new-key")
    part.get_by_label("A passphrase").fill(passphrase)
    part.get_by_label("The same passphrase again").fill(again)
    part.get_by_role("button", name="Make the key").click()

    expect(part.get_by_role("alert")).to_contain_text(reason)


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("", ""),
        ("abc", "Too short: 9 characters more"),
        ("aaaaaaaaaaaaaaaaaaa", "Weak: the same"),
        ("correct horse battery", "Weak: five or six"),
        ("Sommer2026!Minsk", "Weak: five or six"),
        ("gravel teapot anthem lunar otter", "Good"),
        ("gravel teapot anthem lunar otter vivid", "Strong"),
    ],
)
def test_the_strength_is_told_in_words(page: Page, passphrase: str, words: str) -> None:
    part = block(page, "new-key")
    part.get_by_label("A passphrase").fill(passphrase)

    assert page.locator("#new-strength").text_content() == "" or words
    assert (page.locator("#new-strength").text_content() or "").startswith(words)


@pytest.mark.parametrize("key", [ANNA, BORIS, CARLA])
def test_the_recovery_sheet_has_the_lines_of_the_command(
    page: Page, key: organiser_keys.OrganiserKey
) -> None:
    part = block(page, "own-key")
    upload(part, "Your key file", ("some.key", locked(key)))
    part.get_by_label("Its passphrase").fill(PASSPHRASE)
    part.get_by_role("button", name="Show them").click()
    half = organiser_keys.public_half(offline.saved(page, "some.pub").decode())
    part.get_by_role("button", name="Show the recovery sheet").click()

    assert half == folders.public(key)
    rows = page.locator("#sheet-lines tr").all()
    lines = [" ".join(row.locator("td").all_text_contents()) for row in rows]
    assert lines == list(codes.lines_of(key.private))
    expect(page.get_by_role("img", name="QR code of the five lines")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    assert page.locator("#sheet-lines tr").count() == 0
    expect(part.get_by_role("button", name="Show the recovery sheet")).to_be_focused()


def type_lines(part: Locator, lines: list[str]) -> None:
    for number, line in enumerate(lines, start=1):
        part.get_by_label(f"Line {number}").fill(line)
    part.get_by_label("A new passphrase").fill(PASSPHRASE)
    part.get_by_label("The same passphrase again").fill(PASSPHRASE)
    part.get_by_role("button", name="Make it again").click()


def test_a_key_is_made_again_from_its_sheet(page: Page) -> None:
    part = block(page, "restore-key")
    typed = [
        line.lower().replace("0", "o").replace(" ", "-") for line in codes.lines_of(ANNA.private)
    ]

    type_lines(part, typed)

    text = offline.saved(page, "organiser.key").decode()
    assert organiser_keys.open_key(text, PASSPHRASE).private == ANNA.private


def test_a_mistyped_line_is_named(page: Page) -> None:
    one, two, *others = codes.lines_of(ANNA.private)
    last = codes.lines_of(BORIS.private)[-1]
    wrong = [
        ([two, one, *others], "This is line 2 of the sheet. Type line 1."),
        ([one, two[:-1] + ("A" if two[-1] != "A" else "B"), *others], "Line 2 has a typing error"),
        ([one, two[:-2], *others], "Line 2 has 14 characters"),
        ([one, two[:-1] + "Ы", *others], "Line 2 cannot have “Ы”"),
        ([one, two, *others[:-1], last], "not of one sheet"),
    ]
    part = block(page, "restore-key")
    for lines, reason in wrong:
        type_lines(part, lines)
        expect(part.get_by_role("alert")).to_contain_text(reason)


def test_a_petition_key_that_a_browser_makes_is_proven_and_opened_by_the_command(
    page: Page,
) -> None:
    part = block(page, "make")
    part.get_by_label("The petition’s name").fill(SLUG)
    upload(part, "The public halves", ("anna.pub", public(ANNA)), ("boris.pub", public(BORIS)))
    part.get_by_role("button", name="Make the petition’s key").click()

    keys = saved_keys(page)
    assert keys.current.organisers == KEYS.current.organisers
    proven = key_lifecycle.prove(
        key_lifecycle.prove(keys, ANNA, keys.current.made_on), BORIS, keys.current.made_on
    )
    assert set(proven.proven_on) == set(keys.current.organisers)


def test_a_browser_proves_and_its_key_file_learns_whom_to_trust(page: Page) -> None:
    part = block(page, "prove")
    choose_petition(page, replace(KEYS, verification=VOUCHING))
    upload(part, "Your key file", ("anna.key", locked(ANNA)))
    part.get_by_label("Its passphrase").fill(PASSPHRASE)
    part.get_by_role("button", name="Prove it").click()

    trusting = organiser_keys.open_key(offline.saved(page, "anna.key").decode(), PASSPHRASE)
    assert trusting == replace(ANNA, trusted={SLUG: VOUCHING})
    keys = saved_keys(page)
    assert folders.public(ANNA).fingerprint in keys.proven_on
    assert loses(KEYS, keys) == []
    expect(part).to_contain_text(b64encode(VOUCHING.attestation[0]).decode())


def test_a_browser_shares_all_keys_with_another_organiser(page: Page) -> None:
    changed = key_lifecycle.change(KEYS, [folders.public(ANNA)], folders.PROVEN_ON)
    part = block(page, "share")
    choose_petition(page, changed)
    upload(part, "The other organiser’s public half", ("carla.pub", public(CARLA)))
    upload(part, "Your key file", ("anna.key", locked(ANNA)))
    part.get_by_label("Its passphrase").fill(PASSPHRASE)
    part.get_by_role("button", name="Share it").click()

    keys = saved_keys(page)
    carla = folders.public(CARLA).fingerprint
    assert [carla in key.organisers for key in keys.all] == [True, True]
    assert carla in key_lifecycle.prove(keys, CARLA, keys.current.made_on).proven_on


def test_a_browser_changes_the_key_and_former_ones_stay(page: Page) -> None:
    part = block(page, "change")
    choose_petition(page, replace(KEYS, verification=VOUCHING))
    upload(part, "The public halves", ("boris.pub", public(BORIS)))
    part.get_by_label("There is one organiser only").check()
    part.get_by_role("button", name="Make a new key").click()

    keys = saved_keys(page)
    assert keys.current.organisers == {folders.public(BORIS).fingerprint: BORIS.name}
    assert [replace(key, until=None) for key in keys.former] == [KEYS.current]
    assert keys.verification == VOUCHING
    assert loses(KEYS, keys) == []


def _damaged(values: dict[str, Any]) -> bytes:
    return json.dumps({**values, "fingerprint": "0" * 32}).encode()


def test_what_does_not_fit_is_refused_with_the_file_named(page: Page) -> None:
    part = block(page, "share")
    choose_petition(page, KEYS)
    tries = [
        (("x.pub", public(CARLA)), ("carla.key", locked(CARLA)), "does not open the petition"),
        (("carla.key", locked(CARLA)), ("anna.key", locked(ANNA)), "This is a secret key"),
        (("x.pub", b"?"), ("anna.key", locked(ANNA)), "x.pub: This is not a key file"),
        (
            ("x.pub", _damaged(json.loads(public(CARLA)))),
            ("anna.key", locked(ANNA)),
            "x.pub: This key file is damaged",
        ),
        (("x.pub", public(BORIS)), ("anna.key", locked(ANNA)), "opens the petition already"),
    ]
    for half, key, reason in tries:
        upload(part, "The other organiser’s public half", half)
        upload(part, "Your key file", key)
        part.get_by_label("Its passphrase").fill(PASSPHRASE)
        part.get_by_role("button", name="Share it").click()
        expect(part.get_by_role("alert")).to_contain_text(reason)


def test_a_new_key_without_organisers_or_with_one_twice_is_refused(page: Page) -> None:
    part = block(page, "make")
    part.get_by_label("The petition’s name").fill(SLUG)
    part.get_by_role("button", name="Make the petition’s key").click()
    expect(part.get_by_role("alert")).to_contain_text("at least one organiser")

    upload(part, "The public halves", ("anna.pub", public(ANNA)), ("again.pub", public(ANNA)))
    part.get_by_role("button", name="Make the petition’s key").click()
    expect(part.get_by_role("alert")).to_contain_text("the same key")


def test_a_key_for_one_organiser_needs_a_tick(page: Page) -> None:
    part = block(page, "make")
    part.get_by_label("The petition’s name").fill(SLUG)
    upload(part, "The public halves", ("anna.pub", public(ANNA)))
    part.get_by_role("button", name="Make the petition’s key").click()
    expect(part.get_by_role("alert")).to_contain_text("Two organisers are the least")

    part.get_by_label("I am the only organiser").check()
    part.get_by_role("button", name="Make the petition’s key").click()

    assert list(saved_keys(page).current.organisers) == [folders.public(ANNA).fingerprint]
