"""Every route of the desk, found by itself, with every role: the rules hold and nothing else."""

from typing import Any

import pytest

from chalicelib import desk_app
from chalicelib.domain.organisers.roles import Role, may
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access
from chalicelib.routes.desk.access import AccessRule
from chalicelib.store.organisers import trail
from ops.local.api_gateway import HttpResponse
from tests import desk_accounts
from tests.desk_client import DeskClient
from tests.desk_paths import filled
from tests.world import World

RULES = [rule for rule in access.RULES if rule.path in desk_app.app.routes]
PETITION_RULES = [rule for rule in RULES if rule.permission]
WRONG_ROLE = "Your role does not allow this"
NO_ROLE = "This petition is not among yours"
NO_TOUCH = "Confirm with your passkey"
TYPED = {"text": "Typed by an organiser"}


def named(rule: AccessRule) -> str:
    return f"{rule.methods[0]} {rule.path}"


every_rule = pytest.mark.parametrize("rule", RULES, ids=named)
every_petition_rule = pytest.mark.parametrize("rule", PETITION_RULES, ids=named)


def allowed(role: Role, rule: AccessRule) -> bool:
    return rule.permission is None or may([role], rule.permission)


def ask(client: DeskClient, rule: AccessRule) -> HttpResponse:
    """Ask for a route as a browser would."""
    path = filled(rule.path)
    return client.post(path, TYPED) if "POST" in rule.methods else client.get(path)


def stored(world: World) -> list[Any]:
    """Everything that is stored but for the trail."""
    tables = ("petitions", "signatures", "subscribers", "organisers")
    items = [item for table in tables for item in world.stored_items(table)]
    return [item for item in items if not item["pk"].startswith("trail#")]


def text_of(page: HttpResponse) -> str:
    return page.body.decode("utf-8", "replace")


def lines(world: World) -> list[tuple[str, bool]]:
    entries = trail.all_of(world.services.organisers, "open-door")
    return [(entry.actor.name, entry.refused) for entry in entries]


@pytest.fixture
def petition(world: World) -> World:
    """A petition with an update and people, and another petition with a steward of its own."""
    world.publish_update()
    desk_accounts.add(world, "Vera", "open-door", [Role.STEWARD])
    return world


def test_every_route_is_registered_with_a_rule() -> None:
    routes = {(path, method) for path, methods in desk_app.app.routes.items() for method in methods}

    assert routes == {(rule.path, method) for rule in RULES for method in rule.methods}


def test_nobody_comes_in_without_a_session(petition: World) -> None:
    before = stored(petition)
    wrong = []
    for rule in RULES:
        answer = ask(DeskClient(), rule)
        asked_to_enter = (
            answer.status == 403 and TYPED["text"] in answer.body.decode()
            if "POST" in rule.methods
            else (answer.status, answer.header("location").partition("#")[0])
            == (303, desk_urls.ENTER)
        )
        if asked_to_enter == rule.anyone:
            wrong.append(named(rule))

    assert wrong == []
    assert stored(petition) == before
    assert lines(petition) == []


def test_a_steward_of_another_petition_is_a_stranger(petition: World) -> None:
    client = DeskClient.signed_in(petition, slug="other-door", roles=list(Role))
    before = stored(petition)
    answers = {named(rule): ask(client, rule) for rule in PETITION_RULES}

    assert {name for name, answer in answers.items() if answer.status != 403} == set()
    assert {name for name, answer in answers.items() if NO_ROLE not in text_of(answer)} == set()
    assert stored(petition) == before
    assert lines(petition) == []


@pytest.mark.parametrize("role", Role)
def test_a_role_does_nothing_that_its_permissions_do_not_allow(role: Role, petition: World) -> None:
    client = DeskClient.signed_in(petition, roles=[role])
    before = stored(petition)
    forbidden = [rule for rule in PETITION_RULES if not allowed(role, rule)]
    answers = {named(rule): ask(client, rule) for rule in forbidden}

    assert {name for name, answer in answers.items() if answer.status != 403} == set()
    assert {name for name, answer in answers.items() if WRONG_ROLE not in text_of(answer)} == set()
    assert stored(petition) == before
    assert lines(petition) == [("Hanna", True)] * len(forbidden)


@every_petition_rule
def test_a_role_is_let_through_where_its_permission_says_so(
    rule: AccessRule, petition: World
) -> None:
    for role in Role:
        if allowed(role, rule):
            answer = ask(DeskClient.signed_in(petition, roles=[role], name=role), rule)
            assert answer.status != 500, role
            assert WRONG_ROLE not in text_of(answer), role


def test_a_stolen_cookie_does_nothing_that_needs_a_touch(petition: World) -> None:
    client = DeskClient.signed_in(petition, roles=list(Role), touched=False)
    before = stored(petition)
    answers = {named(rule): ask(client, rule) for rule in RULES if rule.touch}

    assert {name for name, answer in answers.items() if answer.status != 403} == set()
    for answer in answers.values():
        assert NO_TOUCH in text_of(answer)
        assert TYPED["text"] in text_of(answer)
    assert stored(petition) == before
    assert lines(petition) == []


def test_neither_a_page_nor_a_form_of_another_site_changes_anything(petition: World) -> None:
    client = DeskClient.signed_in(petition, roles=list(Role))
    before = stored(petition)
    for rule in RULES:
        if "POST" in rule.methods:
            elsewhere = {"Sec-Fetch-Site": "cross-site"}
            assert client.post(filled(rule.path), TYPED, headers=elsewhere).status == 403
        else:
            ask(client, rule)

    assert stored(petition) == before


@every_rule
def test_a_petition_that_is_not_published_meets_no_error(rule: AccessRule, world: World) -> None:
    client = DeskClient.signed_in(world, slug="new-door", roles=list(Role))
    path = filled(rule.path, slug="new-door")
    answer = client.post(path, TYPED) if "POST" in rule.methods else client.get(path)

    assert answer.status != 500
