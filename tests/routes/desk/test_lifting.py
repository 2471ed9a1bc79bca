"""That two people decide is taken away by two people: who saves it cannot publish it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chalicelib.domain.organisers.jobs import JobState
from chalicelib.domain.organisers.roles import Role
from chalicelib.store.organisers import trail
from chalicelib.usecases.exports import ordering
from chalicelib.usecases.petitions import publishing
from ops.local.api_gateway import HttpResponse
from tests import desk_accounts
from tests.desk_client import DeskClient
from tests.routes.desk.test_opening import change_title, online, prove_key, publish
from tests.routes.desk.test_writing import SETTINGS, SLUG, WRITE, fields_of, text_of, write_all
from tests.world import World

BOTH = {"approvals.exports": "yes", "approvals.sending": "yes"}
NOTICE = "Another steward publishes this"


@pytest.fixture
def hanna(world: World) -> DeskClient:
    """A steward who has published a petition on which two people decide."""
    hanna = DeskClient.signed_in(world, slug=SLUG)
    start = {"title": "Open", "language": "en", "slug": SLUG, **SETTINGS}
    hanna.post("/desk/new", start)
    write_all(hanna)
    set_approvals(hanna, BOTH)
    prove_key(world)
    assert publish(hanna).status == 200
    assert online(world).approvals == {"exports", "sending"}
    return hanna


@pytest.fixture
def olga(world: World) -> DeskClient:
    """Another steward. Tests ask for the first one before."""
    return DeskClient.signed_in(world, slug=SLUG, name="Olga")


def set_approvals(client: DeskClient, ticked: dict[str, str]) -> None:
    """Save the settings with these boxes ticked, and no others of their kind."""
    page = fields_of(client.get(f"{WRITE}/settings"))
    kept = {name: value for name, value in page.items() if not name.startswith("approvals.")}
    assert client.post(f"{WRITE}/settings", {**kept, **ticked}).status == 303


def force(client: DeskClient, number: int) -> HttpResponse:
    """Publish a version as no page offers it."""
    return client.post(f"{WRITE}/open", {"number": str(number)})


def newest(client: DeskClient) -> int:
    return int(fields_of(client.get(f"{WRITE}/settings"))["base"])


def lines(world: World) -> Sequence[tuple[str, str, bool]]:
    found = trail.all_of(world.services.organisers, SLUG)
    return [
        (line.actor.name, line.detail, line.refused)
        for line in found
        if line.act == "let one person decide"
    ]


@pytest.mark.parametrize("kept", [{}, {"approvals.sending": "yes"}], ids=["both", "one"])
def test_who_takes_it_away_cannot_publish_it(
    world: World, hanna: DeskClient, kept: dict[str, str]
) -> None:
    set_approvals(hanna, kept)

    page = text_of(hanna.get(f"{WRITE}/open"))
    forced = force(hanna, newest(hanna))

    assert NOTICE in page
    assert "Publish the change</button>" not in page
    assert forced.status == 422
    assert "another steward must agree" in text_of(forced)
    assert online(world).approvals == {"exports", "sending"}
    assert [refused for _, _, refused in lines(world)] == [False, True]


def test_another_steward_publishes_it(world: World, hanna: DeskClient, olga: DeskClient) -> None:
    set_approvals(hanna, {})

    page = text_of(olga.get(f"{WRITE}/open"))
    published = publish(olga)

    assert NOTICE not in page
    assert "Two people decide" in page
    assert published.status == 200
    assert online(world).approvals == frozenset()
    assert lines(world) == [("Olga", "exports, sending", False)]


def test_what_others_save_afterwards_changes_nothing(
    world: World, hanna: DeskClient, olga: DeskClient
) -> None:
    set_approvals(hanna, {})
    for number in range(3):
        change_title(olga, f"Open {number} doors")

    assert force(hanna, newest(hanna)).status == 422
    assert publish(olga).status == 200
    assert online(world).approvals == frozenset()


def test_who_brings_back_a_version_from_before_takes_it_away_as_well(
    world: World, hanna: DeskClient, olga: DeskClient
) -> None:
    assert olga.post(f"{WRITE}/versions/3/restore").status == 303

    assert force(olga, newest(olga)).status == 422
    assert NOTICE not in text_of(hanna.get(f"{WRITE}/open"))
    assert online(world).approvals == {"exports", "sending"}


def test_each_who_takes_away_a_part_needs_another(
    world: World, hanna: DeskClient, olga: DeskClient
) -> None:
    set_approvals(hanna, {"approvals.sending": "yes"})
    set_approvals(olga, {})
    third = DeskClient.signed_in(world, slug=SLUG, name="Yana")

    assert [force(each, newest(each)).status for each in (hanna, olga)] == [422, 422]
    assert publish(third).status == 200


def test_who_puts_it_back_can_publish_again(world: World, hanna: DeskClient) -> None:
    set_approvals(hanna, {})
    set_approvals(hanna, BOTH)
    change_title(hanna)

    assert publish(hanna).status == 200
    assert lines(world) == []


def test_a_draft_that_never_had_it_needs_another_than_who_began_it(
    world: World, hanna: DeskClient, olga: DeskClient
) -> None:
    set_approvals(hanna, {})
    assert publish(olga).status == 200
    publishing.publish_petition(
        world.services, replace(online(world), approvals=frozenset({"exports"}))
    )

    assert force(hanna, newest(hanna)).status == 422


def test_what_was_asked_for_waits_on_though_none_is_required_any_more(
    world: World, hanna: DeskClient, olga: DeskClient
) -> None:
    asked = desk_accounts.add(world, "Hanna").actor
    job = ordering.start(world.services, SLUG, by=asked)
    set_approvals(hanna, {})
    assert publish(olga).status == 200
    world.services.cache.clear()

    ordering.resume(world.services, job)
    world.deliver_all()
    waiting = ordering.get(world.services, SLUG, job.id)
    exporter = DeskClient.signed_in(world, slug=SLUG, name="Ihar", roles=[Role.EXPORTER])
    path = f"/desk/petitions/{SLUG}/signatures/{job.id}"
    page = text_of(exporter.get(path))
    exporter.post(f"{path}/approve")
    world.deliver_all(200)

    assert waiting.state is JobState.WAITING
    assert f'action="{path}/approve"' in page
    assert ordering.get(world.services, SLUG, job.id).state is JobState.DONE
