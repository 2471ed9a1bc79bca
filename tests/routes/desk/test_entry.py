"""The pages to come in: by passkey, by a mailed link, and out again."""

import json

import pytest

from chalicelib.domain.organisers.roles import Role
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk.session_cookie import COOKIE
from ops.local.api_gateway import HttpResponse
from tests import desk_accounts
from tests.authenticator import Authenticator, options_of
from tests.desk_client import DeskClient
from tests.usecases.organisers.conftest import invite
from tests.world import World


def cookie_of(answer: HttpResponse) -> str:
    """The cookie that an answer gives."""
    given = answer.header("set-cookie")
    assert given.startswith(f"{COOKIE}=")
    return given.partition("=")[2].partition(";")[0]


def joined(world: World) -> tuple[Authenticator, str]:
    """Somebody who has followed an invitation: the passkey, and the cookie."""
    invite(world)
    passkey, link = Authenticator(), world.link()
    answer = DeskClient().post(link, {"answer": passkey.create(options_of(get(link)))})
    assert (answer.status, answer.header("location")) == (303, desk_urls.YOU)
    return passkey, cookie_of(answer)


def get(path: str, cookie: str = "") -> bytes:
    answer = DeskClient(cookie=cookie).get(path)
    assert answer.status == 200
    return answer.body


def test_an_invitation_leads_to_ones_own_account(world: World) -> None:
    _, cookie = joined(world)

    page = get(desk_urls.YOU, cookie).decode()

    assert "Hanna" in page
    assert "You have one passkey and no recovery code." in page


def test_a_used_a_guessed_and_an_old_link_look_the_same(world: World) -> None:
    joined(world)
    used = DeskClient().get(world.link())
    guessed = DeskClient().get(desk_urls.invitation("0" * 80))
    invite(world, "Maria")
    world.clock.advance(minutes=31)
    old = DeskClient().get(world.link())
    posted = DeskClient().post(world.link(), {"answer": "{}"})

    assert {used.status, guessed.status, old.status, posted.status} == {403}
    assert used.body == guessed.body == old.body == posted.body
    assert b"tell the person who has invited you at once" in used.body


def test_a_passkey_signs_in_with_a_cookie_for_the_desk_alone(world: World) -> None:
    passkey, _ = joined(world)
    answer = DeskClient().post(
        desk_urls.ENTER, {"answer": passkey.get(options_of(get(desk_urls.ENTER)))}
    )

    assert (answer.status, answer.header("location")) == (303, desk_urls.HOME)
    flags = answer.header("set-cookie").partition("; ")[2]
    assert flags == "Path=/; Secure; HttpOnly; SameSite=Strict"
    assert b"Hanna" in get(desk_urls.HOME, cookie_of(answer))


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/desk/petitions/open-door/people", "/desk/petitions/open-door/people"),
        ("/desk//evil.example", desk_urls.HOME),
        ("//evil.example", desk_urls.HOME),
        ("/desk/../en", desk_urls.HOME),
        ("/desk/%2e%2e/en", desk_urls.HOME),
        ("https://evil.example/desk", desk_urls.HOME),
    ],
)
def test_who_signs_in_comes_to_the_page_of_the_desk_that_was_asked_for(
    world: World, wanted: str, reached: str
) -> None:
    passkey, _ = joined(world)
    answer = passkey.get(options_of(get(desk_urls.ENTER)))

    entered = DeskClient().post(desk_urls.ENTER, {"answer": answer, "wanted": wanted})

    assert (entered.status, entered.header("location")) == (303, reached)


def test_who_was_signed_out_is_told_why(world: World) -> None:
    _, cookie = joined(world)
    world.clock.advance(minutes=31)

    assert b"You were signed out" in get(desk_urls.ENTER, cookie)
    assert b"You were signed out" not in get(desk_urls.ENTER)


def test_signing_in_ends_the_session_that_the_browser_had(world: World) -> None:
    passkey, before = joined(world)
    client = DeskClient(cookie=before)
    answer = client.post(desk_urls.ENTER, {"answer": passkey.get(options_of(get(desk_urls.ENTER)))})

    assert cookie_of(answer) != before
    assert client.get(desk_urls.YOU).status == 303


def test_a_planted_cookie_is_not_taken_over(world: World) -> None:
    """Session fixation: an attacker's value never becomes that of a session."""
    passkey, _ = joined(world)
    planted = f"{'a' * 16}.{'b' * 43}"
    answer = DeskClient(cookie=planted).post(
        desk_urls.ENTER, {"answer": passkey.get(options_of(get(desk_urls.ENTER)))}
    )

    assert planted not in cookie_of(answer)
    assert DeskClient(cookie=planted).get(desk_urls.YOU).status == 303


@pytest.mark.parametrize("answer", ["", "{}", "null", json.dumps({"rawId": "x"})])
def test_what_no_passkey_says_lets_nobody_in(world: World, answer: str) -> None:
    refused = DeskClient().post(desk_urls.ENTER, {"answer": answer})

    assert refused.status == 403
    assert not refused.header("set-cookie")
    assert b"The passkey was not accepted." in refused.body


def test_signing_out_ends_the_session(world: World) -> None:
    _, cookie = joined(world)
    answer = DeskClient(cookie=cookie).post(desk_urls.LEAVE)

    assert (answer.status, answer.header("location")) == (303, desk_urls.ENTER)
    assert "Max-Age=0" in answer.header("set-cookie")
    assert DeskClient(cookie=cookie).get(desk_urls.YOU).status == 303
    assert DeskClient(cookie=cookie).post(desk_urls.LEAVE).status == 303


def test_who_is_signed_in_need_not_enter(world: World) -> None:
    _, cookie = joined(world)

    assert DeskClient(cookie=cookie).get(desk_urls.ENTER).status == 303


@pytest.mark.parametrize(
    ("told", "shown"),
    [("Firefox on Linux", "Firefox on Linux"), ("", "unknown browser"), ("a\u202eb", "unknown")],
)
def test_a_session_is_listed_with_a_rough_device(world: World, told: str, shown: str) -> None:
    passkey, _ = joined(world)
    options = options_of(get(desk_urls.ENTER))
    answer = DeskClient().post(desk_urls.ENTER, {"answer": passkey.get(options), "device": told})

    assert shown in get(desk_urls.YOU, cookie_of(answer)).decode()


def test_no_page_of_a_link_names_a_petition_or_is_stored(world: World) -> None:
    invite(world)
    answer = DeskClient().get(world.link())

    assert b"Open the door" not in answer.body
    assert answer.header("cache-control") == "no-store"
    assert answer.header("referrer-policy") in ("same-origin", "no-referrer")


def test_a_steward_adds_a_colleague_of_another_petition(world: World) -> None:
    desk_accounts.add(world, "Maria", "other", [Role.STEWARD])
    desk_accounts.add(world, "Hanna", "other", [Role.VIEWER])
    client = DeskClient.signed_in(world)
    people = desk_urls.petition("open-door", "people")
    assert "Maria" in client.get(people).body.decode()

    client.post(f"{people}/add", {"organiser": desk_accounts.id_of("Maria"), "role-editor": "yes"})

    assert "editor" in client.get(people).body.decode()


def test_who_has_an_account_takes_an_invitation_with_it(world: World) -> None:
    passkey, _ = joined(world)
    invite(world, "Maria", "other-door")
    link = world.link()
    account = f"{link}/account"
    assert account.encode() in get(link)

    answer = DeskClient().post(account, {"answer": passkey.get(options_of(get(account)))})

    assert (answer.status, answer.header("location")) == (303, desk_urls.HOME)
    home = get(desk_urls.HOME, cookie_of(answer)).decode()
    assert "open-door" in home
    assert "other-door" in home
    assert DeskClient().get(account).body == DeskClient().get(link).body


def test_a_passkey_of_nobody_takes_no_invitation(world: World) -> None:
    invite(world)
    account = f"{world.link()}/account"
    answer = Authenticator().get(options_of(get(account)))

    refused = DeskClient().post(account, {"answer": answer})

    assert refused.status == 403
    assert b"The passkey was not accepted" in refused.body
