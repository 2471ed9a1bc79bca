"""A petition is marked handed in once, whatever fails and whoever else publishes meanwhile."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.petitions.petition import Petition
from chalicelib.store.alerts import milestones
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import handing_in, publishing
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.world import World

DAY = date(2026, 3, 7)
WRITE = "before-call.dynamodb.TransactWriteItems"


def stored(world: World) -> Petition:
    return petitions.get(world.services.petitions, "open-door")


def test_the_figures_are_exact_and_by_day_and_country(world: World) -> None:
    for number in range(10):
        world.sign_and_confirm(email=f"nina{number}@example.org", country="PL")
    world.sign_and_confirm(email="ann@example.org", country="LT")

    figures = handing_in.prepare(world.services, "open-door").figures

    assert (figures.count, figures.countries, figures.other_countries) == (11, [("PL", 10)], 1)
    assert (figures.days, figures.other_days) == ([(date(2026, 3, 8), 11)], 0)
    assert figures.counted_at == world.clock.now()


def test_the_keys_are_those_of_the_petition(world: World) -> None:
    publishing.publish_petition(world.services, builders.petition())
    petition = stored(world)

    keys = handing_in.prepare(world.services, "open-door").keys

    assert len(keys.petition) == 1 + len(petition.former_keys)
    assert len(keys.attestation) == len(petition.verification.attestation) > 0
    assert len(keys.export) == len(petition.verification.export) > 0


def test_a_petition_that_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        handing_in.prepare(world.services, "shut-door")
    with pytest.raises(NotFound):
        handing_in.mark_handed_in(world.services, "shut-door", DAY)


def test_marking_plans_the_milestone(world: World) -> None:
    publishing.publish_petition(
        world.services, builders.petition(milestones=(Milestone.HANDED_IN,))
    )

    handing_in.mark_handed_in(world.services, "open-door", DAY)

    [plan] = milestones.list_plans(world.services.petitions)
    assert plan.handed_in_on == DAY


def test_marking_changes_nothing_else(world: World) -> None:
    before = stored(world)

    handing_in.mark_handed_in(world.services, "open-door", DAY)

    after = stored(world)
    assert (after.handed_in_on, after.version) == (DAY, before.version + 1)
    assert after.texts == before.texts


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("place", range(2))
def test_whatever_fails_the_next_try_marks_it_once(world: World, fault: Fault, place: int) -> None:
    version = stored(world).version
    with recorded(AwsCalls(at=place, fault=fault)), suppress(Unavailable, Crash):
        handing_in.mark_handed_in(world.services, "open-door", DAY)

    world.restart()
    handing_in.mark_handed_in(world.services, "open-door", DAY)

    assert (stored(world).handed_in_on, stored(world).version) == (DAY, version + 1)


def test_a_publication_at_the_same_moment_keeps_both(world: World) -> None:
    published: list[Petition] = []

    def publish(**_: Any) -> None:
        if not published:
            published.append(builders.petition(goals=(7, 70)))
            publishing.publish_petition(world.services, published[0])

    with intercepted(world.services.petitions.client, WRITE, publish):
        handing_in.mark_handed_in(world.services, "open-door", DAY)

    assert (stored(world).goals, stored(world).handed_in_on) == ((7, 70), DAY)


def test_endless_publications_end_in_a_no_that_can_be_tried_again(world: World) -> None:
    goals = iter(range(10, 100))
    inside: list[bool] = []

    def publish(**_: Any) -> None:
        if not inside:
            inside.append(True)
            publishing.publish_petition(
                world.services, builders.petition(goals=(next(goals), 1000))
            )
            inside.clear()

    with intercepted(world.services.petitions.client, WRITE, publish), pytest.raises(Unavailable):
        handing_in.mark_handed_in(world.services, "open-door", DAY)
