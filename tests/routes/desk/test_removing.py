"""A steward removes a draft that was never published, and all that belongs to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.organisers import memberships, trail
from chalicelib.store.petitions import petitions
from chalicelib.usecases.organisers import assigning
from chalicelib.usecases.petitions import drafting, opening, removing
from chalicelib.usecases.petitions.opening import NotReadyToPublish
from chalicelib.usecases.petitions.removing import NotADraft
from tests import builders, desk_accounts
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.routes.desk.test_opening import hanna, prove_key
from tests.routes.desk.test_writing import SETTINGS, SLUG, WRITE, fields_of, text_of
from tests.world import World

__all__ = ["hanna"]
REMOVE = f"/desk/petitions/{SLUG}/end/remove"
NAMED = {"name": SLUG}


def left(world: World) -> dict[str, list[str]]:
    """The sort keys of what the desk keeps of the petition, by partition, without accounts."""
    found: dict[str, list[str]] = {}
    for item in world.stored_items("organisers"):
        if SLUG in item["pk"] or SLUG in item["sk"]:
            found.setdefault(item["pk"].partition("#")[0], []).append(item["sk"])
    return found


def steward(world: World) -> Actor:
    held = memberships.get(world.services.organisers, SLUG).roles
    [id_] = [id_ for id_, roles in held.items() if Role.STEWARD in roles]
    return Actor(id=id_, name="Hanna")


def test_a_draft_is_removed_with_all_that_belongs_to_it(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    zmicer = DeskClient.signed_in(world, SLUG, [Role.EDITOR], name="Zmicer")
    assert "Draft, not published" in text_of(zmicer.get("/desk"))

    removed = hanna.post(REMOVE, NAMED)

    assert (removed.status, removed.header("Location")) == (303, "/desk")
    assert left(world).keys() == {"people", "trail"}
    for client in (hanna, zmicer):
        assert "You have no petition yet" in text_of(client.get("/desk"))
        assert client.get(WRITE).status == 403


def test_what_stays_is_the_trail_and_the_mark_that_keeps_the_name(
    world: World, hanna: DeskClient
) -> None:
    hanna.post(REMOVE, NAMED)

    last = trail.find_last(world.services.organisers, SLUG)
    assert last is not None
    assert (last.act, last.actor.name, last.refused) == (Act.REMOVE_DRAFT, "Hanna", False)
    again = {"title": "Open", "language": "en", "slug": SLUG, **SETTINGS}
    for name in ("Hanna", "Zmicer"):
        begins = DeskClient.signed_in(world, "another-door", name=name)
        refused = begins.post("/desk/new", again)
        assert refused.status == 422
        assert "There is a petition of this name" in text_of(refused)


def test_the_tab_of_the_end_leads_to_the_removal_until_it_is_published(
    world: World, hanna: DeskClient
) -> None:
    end = f"/desk/petitions/{SLUG}/end"
    before = hanna.get(end).header("Location")
    page = text_of(hanna.get(REMOVE))
    world.publish(builders.petition(slug=SLUG))

    assert before == REMOVE
    assert f"To delete it all, type {SLUG}" in page
    assert hanna.get(end).status == 200
    assert hanna.get(REMOVE).header("Location") == end


@pytest.mark.parametrize("name", ["", "another-door"])
def test_another_name_removes_nothing(world: World, hanna: DeskClient, name: str) -> None:
    before = drafting.get_draft(world.services, SLUG)

    refused = hanna.post(REMOVE, {"name": name})

    assert refused.status == 422
    assert drafting.get_draft(world.services, SLUG) == before


def test_only_a_steward_removes_it_after_a_touch_of_the_passkey(
    world: World, hanna: DeskClient
) -> None:
    before = left(world)["draft"]
    editor = DeskClient.signed_in(world, SLUG, [Role.EDITOR], name="Zmicer")
    stale = DeskClient.signed_in(world, SLUG, name="Vera", touched=False)

    answers = [client.post(REMOVE, NAMED).status for client in (editor, stale)]

    assert answers == [403, 403]
    assert left(world)["draft"] == before


def test_what_is_published_is_never_removed(world: World, hanna: DeskClient) -> None:
    world.publish(builders.petition(slug=SLUG))
    before = left(world)

    refused = hanna.post(REMOVE, NAMED)

    assert refused.status == 409
    assert left(world).keys() == before.keys()
    assert assigning.roles_on(world.services, SLUG, steward(world).id)


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.THROTTLED])
@pytest.mark.parametrize("at", range(1, 10))
def test_a_removal_that_died_anywhere_is_finished_by_doing_it_again(
    world: World, hanna: DeskClient, at: int, fault: Fault
) -> None:
    desk_accounts.add(world, "Zmicer", SLUG, [Role.EDITOR])
    by = steward(world)
    with recorded(AwsCalls(at=at, fault=fault)), pytest.raises((Crash, Unavailable)):
        removing.remove(world.services, SLUG, by=by)

    if assigning.roles_on(world.services, SLUG, by.id):
        assert hanna.get(REMOVE).status == 200
        assert hanna.post(REMOVE, NAMED).status == 303

    assert left(world).keys() == {"people", "trail"}


Race = Iterator[Callable[..., Any]]


def during(world: World, before: str, act: Callable[[], Any]) -> Any:
    """Let `act` run once, before the first call of this kind to DynamoDB."""
    pending = [act]

    def run(**_: object) -> None:
        if pending:
            pending.pop()()

    return intercepted(world.services.organisers.client, f"before-call.dynamodb.{before}", run)


def test_who_publishes_before_the_removal_wins(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    by, number = steward(world), drafting.get_draft(world.services, SLUG).version.number

    def publish() -> None:
        opening.publish_draft(world.services, SLUG, number=number, by=OPERATOR)

    with during(world, "TransactWriteItems", publish), pytest.raises(NotADraft):
        removing.remove(world.services, SLUG, by=by)

    assert petitions.get(world.services.petitions, SLUG).version == 1
    assert drafting.get_draft(world.services, SLUG).version.number == number
    assert hanna.get(WRITE).status == 200


def test_who_publishes_after_the_removal_has_begun_is_refused(
    world: World, hanna: DeskClient
) -> None:
    prove_key(world)
    by, number = steward(world), drafting.get_draft(world.services, SLUG).version.number

    def remove() -> None:
        removing.remove(world.services, SLUG, by=by)

    with during(world, "TransactWriteItems", remove), pytest.raises(NotReadyToPublish):
        opening.publish_draft(world.services, SLUG, number=number, by=OPERATOR)

    assert petitions.find_as_stored(world.services.petitions, SLUG) is None
    assert left(world).keys() == {"people", "trail"}


def test_what_an_operator_publishes_during_the_removal_keeps_its_steward(
    world: World, hanna: DeskClient
) -> None:
    by = steward(world)
    killed = AwsCalls(at="dynamodb.TransactWriteItems", fault=Fault.KILLED_AFTER)
    with recorded(killed), pytest.raises(Crash):
        removing.remove(world.services, SLUG, by=by)
    world.publish(builders.petition(slug=SLUG))

    refused = hanna.post(REMOVE, NAMED)

    assert refused.status == 409
    assert not removing.has_begun(world.services, SLUG)
    assert Role.STEWARD in assigning.roles_on(world.services, SLUG, by.id)


def test_a_text_that_is_saved_during_the_removal_is_not_left_behind(
    world: World, hanna: DeskClient
) -> None:
    page = fields_of(hanna.get(f"{WRITE}/texts/en"))
    by = steward(world)

    def remove() -> None:
        removing.remove(world.services, SLUG, by=by)

    with during(world, "TransactWriteItems", remove):
        answer = hanna.post(f"{WRITE}/texts/en", {**page, "texts.en.title": "Too late"})

    assert answer.status == 409
    assert "draft" not in left(world)


def test_nobody_is_invited_while_it_is_removed(world: World, hanna: DeskClient) -> None:
    killed = AwsCalls(at="dynamodb.TransactWriteItems", fault=Fault.KILLED_AFTER)
    with recorded(killed), pytest.raises(Crash):
        removing.remove(world.services, SLUG, by=steward(world))

    invited = hanna.post(
        f"/desk/petitions/{SLUG}/people",
        {"name": "Vera", "email": "vera@example.org", "role.viewer": "on"},
    )

    assert invited.status in (403, 422)
    assert removing.has_begun(world.services, SLUG)
    assert "The removal was interrupted" in text_of(hanna.get(REMOVE))
