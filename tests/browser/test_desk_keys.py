"""At the desk a browser makes, proves and shares a petition's key; nothing private leaves it."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.domain.organisers.roles import Role
from chalicelib.rendering import assets
from chalicelib.usecases.petitions import key_files, publishing
from ops.keys import key_lifecycle, organiser_keys
from tests import builders
from tests.browser import accessibility, offline
from tests.desk_client import DeskClient
from tests.ops import folders
from tests.ops.folders import ANNA, BORIS
from tests.world import World

SLUG: Final = "new-door"
ORIGIN: Final = "http://localhost:1"
KEYS: Final = f"{ORIGIN}/desk/petitions/{SLUG}/keys"
PASSPHRASE: Final = offline.PASSPHRASE
DAY: Final = date(2026, 1, 3)
ANNA_FILE: Final = organiser_keys.lock(ANNA, PASSPHRASE)
PROVEN: Final = key_lifecycle.prove(
    key_lifecycle.new_keys(SLUG, [folders.public(ANNA)], DAY), ANNA, DAY
)
SECRETS: Final = (
    PASSPHRASE,
    PASSPHRASE.replace(" ", "+"),
    PASSPHRASE.replace(" ", "%20"),
    ANNA.private.seed.hex(),
    b64encode(ANNA.private.seed).decode(),
    "private_key",
    "anna.key",
)


@dataclass
class Desk:
    """The desk in this process, behind a browser: it answers requests and keeps them."""

    client: DeskClient
    asked: list[str] = field(default_factory=list)

    def answer(self, route: Route, request: Request) -> None:
        """Answer one request of the browser."""
        self.asked.append(f"{request.method} {request.url} {request.all_headers()}")
        self.asked.append((request.post_data_buffer or b"").decode("utf-8", "replace"))
        path = urlsplit(request.url).path
        if path.startswith("/static/"):
            script = assets.find_static(path.rpartition("/")[2])
            route.fulfill(body=script or "", content_type="text/javascript")
            return
        if request.method == "POST":
            fields = dict(parse_qsl(request.post_data or "", keep_blank_values=True))
            response = self.client.post(path, fields)
        else:
            response = self.client.get(path)
        headers = {name: value for name, value in response.headers if name != "Content-Length"}
        route.fulfill(status=response.status, headers=headers, body=response.body)


@pytest.fixture
def desk(world: World) -> Desk:
    """The desk for a steward."""
    return Desk(client=DeskClient.signed_in(world, slug=SLUG))


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    """The page of the petition's key. No request may hold a secret, and nothing may fail."""
    context = browser.new_context(accept_downloads=True)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.extend([said.text] * (said.type == "error")))
    context.route("**/*", desk.answer)
    opened.goto(KEYS)
    yield opened
    context.close()
    assert faults == []
    assert [secret for secret in SECRETS if any(secret in text for text in desk.asked)] == []


def public(key: organiser_keys.OrganiserKey) -> bytes:
    return organiser_keys.public_text(folders.public(key)).encode()


def stored(world: World) -> PetitionKeys:
    found = key_files.find(world.services, SLUG)
    assert found
    return found.keys


def store(world: World, keys: PetitionKeys) -> None:
    text = petition_key_files.to_text(keys)
    key_files.save(world.services, SLUG, text, seen=key_files.seen(world.services, SLUG))


def unlock(page: Page, block: str) -> None:
    """Choose Anna's key file and type its passphrase."""
    part = page.locator(f"#{block}")
    offline.choose(part, "Your key file", [("anna.key", ANNA_FILE.encode())])
    part.get_by_label("Its passphrase").fill(PASSPHRASE)


def test_a_petition_key_is_made_and_proven_at_the_desk(page: Page, world: World) -> None:
    offline.choose(page.locator("#make"), "The public halves", [("anna.pub", public(ANNA))])
    page.get_by_label("I am the only organiser").check()
    page.get_by_role("button", name="Make the petition’s key").click()
    expect(page.get_by_role("heading", name="The petition’s key is made.")).to_be_visible()
    page.get_by_role("button", name="Store it at the desk").click()
    expect(page.get_by_role("cell", name="not yet")).to_be_visible()

    unlock(page, "prove")
    page.get_by_role("button", name="Prove it").click()
    page.get_by_role("button", name="Store it at the desk").click()
    expect(page.get_by_role("cell", name="not yet")).to_have_count(0)

    assert key_files.proven_key(world.services, SLUG) == stored(world).current.public_key
    assert set(stored(world).proven_on) == {folders.public(ANNA).fingerprint}


def test_a_key_file_learns_the_service_s_keys_when_the_petition_is_open(
    page: Page, world: World
) -> None:
    store(world, PROVEN)
    publishing.publish_petition(
        world.services,
        builders.petition(slug=SLUG, public_key=PROVEN.current.public_key),
        key_file=key_files.text_to_publish(world.services, SLUG),
    )
    page.reload()

    unlock(page, "prove")
    page.get_by_role("button", name="Prove it").click()

    trusting = organiser_keys.open_key(offline.saved(page, "anna.key").decode(), PASSPHRASE)
    assert trusting.trusted == {SLUG: publishing.verification_keys(world.services)}


def test_another_organiser_is_let_in(page: Page, world: World) -> None:
    store(world, PROVEN)
    page.reload()

    offline.choose(page, "The other organiser’s public half", [("boris.pub", public(BORIS))])
    unlock(page, "share")
    page.get_by_role("button", name="Share it").click()
    page.get_by_role("button", name="Store it at the desk").click()
    expect(page.get_by_role("cell", name="Борис")).to_be_visible()

    assert set(stored(world).current.organisers.values()) == {"Anna", "Борис"}


def test_a_viewer_proves_and_takes_the_file_to_a_steward(
    page: Page, desk: Desk, world: World
) -> None:
    store(world, key_lifecycle.new_keys(SLUG, [folders.public(ANNA)], DAY))
    desk.client = DeskClient.signed_in(world, slug=SLUG, roles=[Role.VIEWER], name="Vera")
    page.goto(KEYS)

    unlock(page, "prove")
    page.get_by_role("button", name="Prove it").click()

    assert page.get_by_role("button", name="Store it at the desk").count() == 0
    proven = petition_key_files.read(offline.saved(page, "key.json").decode())
    assert set(proven.proven_on) == {folders.public(ANNA).fingerprint}


def test_without_scripts_nothing_can_be_typed_that_would_be_sent(
    browser: Browser, desk: Desk
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    context.route("**/*", desk.answer)
    page.goto(KEYS)

    expect(page.get_by_text("Making and proving keys needs JavaScript")).to_be_visible()
    assert page.locator("input[type=password]:visible").count() == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_page(page: Page, world: World, scheme: accessibility.Scheme) -> None:
    store(world, PROVEN)
    page.reload()
    unlock(page, "prove")
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_role("button", name="Store it at the desk")).to_be_visible()

    for width in (390, 1280):
        assert accessibility.violations_on(page, width=width, scheme=scheme) == []
    assert accessibility.structure_faults(page) == []
