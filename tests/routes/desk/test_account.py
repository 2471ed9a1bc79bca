"""One's own account at the desk: passkeys, recovery code, sessions, name."""

import re

import pytest

from chalicelib.rendering import desk_urls
from chalicelib.store.organisers import registered_passkeys
from tests import desk_accounts
from tests.authenticator import Authenticator, options_of
from tests.desk_client import DeskClient
from tests.world import World

CODE = re.compile(r"<strong>((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})</strong>")


@pytest.fixture
def client(world: World) -> DeskClient:
    """Hanna, with a passkey."""
    client = DeskClient.signed_in(world)
    add_passkey(client, Authenticator(), "Phone")
    return client


def add_passkey(client: DeskClient, passkey: Authenticator, label: str) -> int:
    options = options_of(client.get(desk_urls.ADD_PASSKEY).body)
    return client.post(
        desk_urls.ADD_PASSKEY, {"answer": passkey.create(options), "label": label}
    ).status


def shown(client: DeskClient) -> str:
    page = client.get(desk_urls.YOU)
    assert page.status == 200
    return page.body.decode()


def test_passkeys_are_added_and_removed(client: DeskClient) -> None:
    key = Authenticator()

    assert add_passkey(client, key, "Blue key") == 303
    assert "Blue key" in shown(client)
    assert client.post(desk_urls.REMOVE_PASSKEY, {"passkey": key.id}).status == 303
    assert "Blue key" not in shown(client)


def test_the_only_passkey_stays(world: World, client: DeskClient) -> None:
    [passkey] = registered_passkeys.list_passkeys(
        world.services.organisers, desk_accounts.id_of("Hanna")
    )

    answer = client.post(desk_urls.REMOVE_PASSKEY, {"passkey": passkey.credential_id})

    assert answer.status == 422
    assert b"This is your only passkey" in answer.body
    assert "Phone" in shown(client)


def test_a_passkey_needs_a_name_and_an_answer(client: DeskClient) -> None:
    assert add_passkey(client, Authenticator(), "") == 422
    assert client.post(desk_urls.ADD_PASSKEY, {"answer": "{}", "label": "Key"}).status == 422


def test_the_passkey_of_another_page_is_not_added(world: World, client: DeskClient) -> None:
    other = DeskClient.signed_in(world, name="Maria", slug="other")
    options = options_of(other.get(desk_urls.ADD_PASSKEY).body)
    answer = {"answer": Authenticator().create(options), "label": "Hers"}

    assert client.post(desk_urls.ADD_PASSKEY, answer).status == 422
    assert "Hers" not in shown(client)


def test_a_recovery_code_is_shown_once_and_stored_nowhere(world: World, client: DeskClient) -> None:
    page = client.post(desk_urls.RECOVERY_CODE)

    match = CODE.search(page.body.decode())
    assert match
    assert page.header("cache-control") == "no-store"
    assert match[1] not in shown(client)
    assert match[1].replace("-", "") not in str(world.stored_items("organisers")).upper()


@pytest.mark.parametrize(
    "path", [desk_urls.ADD_PASSKEY, desk_urls.REMOVE_PASSKEY, desk_urls.RECOVERY_CODE]
)
def test_a_stolen_cookie_makes_no_way_back_in(world: World, path: str) -> None:
    stolen = DeskClient.signed_in(world, touched=False)

    answer = stolen.post(path, {"answer": "{}", "label": "Mine", "passkey": "x"})

    assert answer.status == 403
    assert b"Confirm with your passkey" in answer.body


def test_a_session_is_ended_from_another(world: World, client: DeskClient) -> None:
    other = DeskClient.signed_in(world)
    ids = re.findall(r'name="session" value="([0-9a-f]{64})"', shown(client))

    for session_id in ids:
        client.post(desk_urls.END_SESSION, {"session": session_id})

    assert len(ids) == 1
    assert other.get(desk_urls.YOU).status == 303
    assert "this one" in shown(client)


def test_the_session_of_somebody_else_is_not_ended(world: World, client: DeskClient) -> None:
    maria = DeskClient.signed_in(world, name="Maria", slug="other")
    [session] = [
        item["sk"].removeprefix("session#")
        for item in world.stored_items("organisers")
        if item["pk"] == f"organiser#{desk_accounts.id_of('Maria')}"
        and item["sk"].startswith("session#")
    ]

    client.post(desk_urls.END_SESSION, {"session": session})

    assert maria.get(desk_urls.YOU).status == 200


def test_all_sessions_are_ended(world: World, client: DeskClient) -> None:
    other = DeskClient.signed_in(world)
    world.clock.advance(seconds=1)

    answer = client.post(desk_urls.END_ALL_SESSIONS)

    assert (answer.status, answer.header("location")) == (303, desk_urls.ENTER)
    assert [one.get(desk_urls.YOU).status for one in (client, other)] == [303, 303]


def test_a_name_is_changed_or_refused(client: DeskClient) -> None:
    assert client.post(desk_urls.RENAME, {"name": " Ганна Ш. "}).status == 303
    assert "Ганна Ш." in shown(client)

    refused = client.post(desk_urls.RENAME, {"name": "\u202e"})

    assert refused.status == 422
    assert "Ганна Ш." in shown(client)
