"""A steward closes a petition at the desk: at this moment, and every page says so."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.petitions.petition import PetitionState
from chalicelib.rendering import translations
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import drafting, opening
from tests import builders
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.routes.desk.test_opening import hanna, online, prove_key, publish
from tests.routes.desk.test_writing import SLUG, WRITE, fields_of, text_of
from tests.world import World

__all__ = ["hanna"]
CLOSE = f"/desk/petitions/{SLUG}/end/close"


@pytest.fixture
def opened(world: World, hanna: DeskClient) -> DeskClient:
    """The steward of a petition that is open."""
    prove_key(world)
    publish(hanna)
    return hanna


def test_a_petition_closes_at_once_and_its_outcome_follows(
    world: World, opened: DeskClient
) -> None:
    closed = opened.post(f"/desk/petitions/{SLUG}/end/close")
    again = opened.post(f"/desk/petitions/{SLUG}/end/close")

    assert (closed.status, again.status) == (303, 409)
    assert online(world).state(world.clock.now()) is PetitionState.CLOSED
    draft = drafting.get_draft(world.services, SLUG)
    assert draft.source.settings["closes_on"] == online(world).closes_on
    page = fields_of(opened.get(f"{WRITE}/texts/en"))
    opened.post(f"{WRITE}/texts/en", {**page, "texts.en.outcome": "The door is open."})
    publish(opened)
    assert online(world).text("en").outcome == "The door is open."


def test_every_page_says_the_day_on_which_it_was_closed(world: World, opened: DeskClient) -> None:
    world.clock.moment = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)
    later = DeskClient.signed_in(world, SLUG)

    later.post(CLOSE)

    day = translations.format_date(date(2026, 3, 12), "en")
    assert f"This petition closed on {day}" in world.get(f"/en/{SLUG}").body.decode()
    assert json.loads(world.get(f"/api/petitions/{SLUG}").body)["closes_on"] == "2026-03-12"
    assert "Its last day was 2026-03-12, and it was closed at 14:05 (UTC)" in text_of(
        later.get(CLOSE)
    )


def test_nobody_can_sign_from_that_moment_on(world: World, opened: DeskClient) -> None:
    opened.post(CLOSE)

    refused = world.post(f"/en/{SLUG}/sign", builders.sign_form())

    assert refused.status_code == 403
    assert not world.signatures(SLUG)


def test_who_had_filled_in_the_form_before_still_confirms(world: World, opened: DeskClient) -> None:
    world.post(f"/en/{SLUG}/sign", builders.sign_form())
    world.deliver_all()
    world.clock.moment += timedelta(minutes=1)
    opened.post(CLOSE)

    confirmed = world.post(world.link(), {})

    assert confirmed.status_code == 200
    assert len(world.signatures(SLUG)) == 1


def test_it_can_be_closed_in_the_last_moment_of_its_last_day(
    world: World, opened: DeskClient
) -> None:
    assert opened.get(CLOSE).status == 200
    world.clock.moment = datetime(2026, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)

    DeskClient.signed_in(world, SLUG).post(CLOSE)

    assert online(world).closes_on == date(2026, 12, 31)
    assert online(world).closed_at == world.clock.moment
    assert online(world).state(world.clock.moment) is PetitionState.CLOSED


def test_it_stays_closed_when_its_draft_or_its_folder_is_published_again(
    world: World, opened: DeskClient
) -> None:
    opened.post(CLOSE)
    closed_at = online(world).closed_at
    page = fields_of(opened.get(f"{WRITE}/texts/en"))

    opened.post(f"{WRITE}/texts/en", {**page, "texts.en.outcome": "The door is open."})
    publish(opened)

    assert online(world).text("en").outcome
    assert online(world).closed_at == closed_at


def test_a_later_last_day_opens_it_again(world: World, opened: DeskClient) -> None:
    opened.post(CLOSE)
    page = fields_of(opened.get(f"{WRITE}/settings"))

    opened.post(f"{WRITE}/settings", {**page, "closes_on": "2026-12-31"})
    publish(opened)

    assert online(world).closed_at is None
    assert online(world).state(world.clock.now()) is PetitionState.OPEN


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.ANSWER_LOST])
def test_closing_that_died_is_finished_by_closing_again(
    world: World, opened: DeskClient, fault: Fault
) -> None:
    failing = AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)
    with recorded(failing), pytest.raises((Crash, Unavailable)):
        opening.close_now(world.services, SLUG, by=OPERATOR)

    opened.post(CLOSE)

    assert online(world).state(world.clock.now()) is PetitionState.CLOSED
    draft = drafting.get_draft(world.services, SLUG)
    assert draft.source.settings["closes_on"] == online(world).closes_on
    assert petitions.get_version(world.services.petitions, SLUG, online(world).version).closed_at
