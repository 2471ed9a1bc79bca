"""The page of a petition's key stores key.json, and gives the page for lists as a file."""

import hashlib
import re
from datetime import date

from chalicelib.crypto import petition_key_files, sealing
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import unseal_page
from chalicelib.routes.desk.forms import UploadedFile
from chalicelib.store.organisers import trail
from chalicelib.usecases.petitions import key_files, publishing
from ops import offline_page
from ops.keys import key_lifecycle
from tests import builders
from tests.desk_client import DeskClient
from tests.ops import folders
from tests.ops.folders import ANNA, BORIS
from tests.world import World

SLUG = "new-door"
KEYS = f"/desk/petitions/{SLUG}/keys"
DAY = date(2026, 1, 3)
MADE = key_lifecycle.new_keys(SLUG, [folders.public(ANNA)], DAY)
PROVEN = key_lifecycle.prove(MADE, ANNA, DAY)


def steward(world: World) -> DeskClient:
    return DeskClient.signed_in(world, slug=SLUG)


def save(client: DeskClient, keys: PetitionKeys, seen: str = "") -> int:
    fields = {"key_file": petition_key_files.to_text(keys), "seen": seen}
    return client.post(f"{KEYS}/save", fields).status


def seen_on(client: DeskClient) -> str:
    match = re.search(r'name="seen" value="([0-9a-f]*)"', client.get(KEYS).body.decode())
    assert match
    return match[1]


def test_a_steward_stores_a_key_and_reads_who_opens_it(world: World) -> None:
    client = steward(world)
    assert "This petition has no key yet" in client.get(KEYS).body.decode()

    assert save(client, PROVEN) == 303

    page = client.get(KEYS).body.decode()
    assert "Anna" in page
    assert "2026-01-03" in page
    assert "One organiser alone can open it" in page
    assert client.get(f"{KEYS}/file").body.decode() == petition_key_files.to_text(PROVEN)


def test_the_trail_names_what_was_stored(world: World) -> None:
    save(steward(world), PROVEN)

    digest = hashlib.sha256(petition_key_files.to_text(PROVEN).encode()).hexdigest()
    lines, _ = trail.page_of(world.services.organisers, SLUG)
    assert [line.detail for line in lines if line.act == "save key"] == [
        f"key.json of SHA-256 {digest}"
    ]


def test_line_ends_of_a_browser_change_nothing(world: World) -> None:
    client = steward(world)
    text = petition_key_files.to_text(PROVEN).replace("\n", "\r\n")

    assert client.post(f"{KEYS}/save", {"key_file": text, "seen": ""}).status == 303

    stored = key_files.find(world.services, SLUG)
    assert stored
    assert stored.keys == PROVEN


def test_a_file_can_be_uploaded_instead(world: World) -> None:
    raw = petition_key_files.to_text(PROVEN).encode()
    upload = UploadedFile(name="key.json", content=raw, media_type="application/json")

    answer = steward(world).post(f"{KEYS}/save", {"seen": ""}, {"upload": upload})

    assert answer.status == 303
    assert key_files.proven_key(world.services, SLUG) == PROVEN.current.public_key


def test_a_refusal_is_shown_with_the_reason_and_nothing_is_stored(world: World) -> None:
    client = steward(world)
    save(client, key_lifecycle.share(PROVEN, ANNA, folders.public(BORIS)))

    answer = client.post(
        f"{KEYS}/save",
        {"key_file": petition_key_files.to_text(PROVEN), "seen": seen_on(client)},
    )

    assert answer.status == 400
    assert "it lacks the key" in answer.body.decode()
    assert "for Борис" in answer.body.decode()


def test_only_stewards_store_and_everybody_else_takes_the_file_to_them(world: World) -> None:
    save(steward(world), PROVEN)
    viewer = DeskClient.signed_in(world, slug=SLUG, roles=[Role.VIEWER], name="Vera")

    page = viewer.get(KEYS).body.decode()
    assert "Send key.json to a steward" in page
    assert 'name="seen"' not in page
    assert save(viewer, PROVEN) == 403


def test_a_new_key_of_an_open_petition_is_published_when_it_is_proven(world: World) -> None:
    client = steward(world)
    save(client, PROVEN)
    publishing.publish_petition(
        world.services,
        builders.petition(slug=SLUG, public_key=PROVEN.current.public_key),
        key_file=key_files.text_to_publish(world.services, SLUG),
    )
    changed = key_lifecycle.change(PROVEN, [folders.public(BORIS)], DAY)

    save(client, changed, seen_on(client))
    assert "Publish the new key" not in client.get(KEYS).body.decode()
    save(client, key_lifecycle.prove(changed, BORIS, DAY), seen_on(client))
    assert "Publish the new key" in client.get(KEYS).body.decode()
    fingerprint = sealing.grouped(changed.current.fingerprint)
    assert f'name="fingerprint" value="{fingerprint}"' in client.get(KEYS).body.decode()
    answer = client.post(f"{KEYS}/publish", {"fingerprint": fingerprint})

    assert answer.status == 303
    last = list(trail.all_of(world.services.organisers, SLUG))[-1]
    assert (last.act, last.detail) == (Act.PUBLISH_KEY, fingerprint)
    assert "Publish the new key" not in client.get(KEYS).body.decode()
    assert key_files.proven_key(world.services, SLUG) == changed.current.public_key


def test_a_key_that_nobody_waits_for_is_not_published(world: World) -> None:
    answer = steward(world).post(f"{KEYS}/publish")

    assert answer.status == 400
    assert "There is no new key to publish" in answer.body.decode()


def test_the_page_of_keys_can_send_nothing_but_its_forms(world: World) -> None:
    answer = steward(world).get(KEYS)

    policy = dict(answer.headers)["Content-Security-Policy"]
    assert "connect-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "form-action 'self'" in policy
    page = answer.body.decode()
    secret = re.findall(r"<input[^>]*type=\"(?:password|file)\"[^>]*>", page)
    assert [field for field in secret if " name=" in field and "upload" not in field] == []


def test_the_page_for_lists_is_the_very_file_that_the_command_writes(world: World) -> None:
    answer = steward(world).get("/desk/unseal")

    assert answer.body.decode() == unseal_page.text() == offline_page.assemble()
    policy = dict(answer.headers)["Content-Security-Policy"]
    assert policy.startswith(unseal_page.policy())
    assert "default-src 'none'" in policy
    assert "connect-src 'none'; form-action 'none'" in policy


def test_nobody_gets_the_page_without_a_session(world: World) -> None:
    assert DeskClient().get("/desk/unseal").status == 303
