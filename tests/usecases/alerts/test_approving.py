"""Two organisers decide what is mailed: one asks, another approves what they have seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import ZonedMoment
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.subscriber import Frequency
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import updates
from chalicelib.usecases.alerts import approving, starting, timing
from chalicelib.usecases.alerts.approving import AmendedMeanwhile, ApprovalNeeded
from chalicelib.usecases.petitions import handing_in
from tests import builders
from tests.usecases.alerts.alerting import news, subscribe
from tests.world import World

ID = "open-door/first-news"
HANNA, IHAR = Actor(id="a" * 16, name="Hanna"), Actor(id="b" * 16, name="Ihar")


@pytest.fixture
def careful(world: World) -> World:
    """A petition on which two organisers decide, a reader of each update, and one update."""
    world.publish(builders.petition(approvals=frozenset({"sending"})))
    subscribe(world, "hanna@example.org")
    world.publish_update()
    return world


def approve(world: World, by: Actor = IHAR) -> None:
    digest = approving.show(world.services, ID).digest
    approving.approve(world.services, ID, digest, by=by)


def retitle(world: World, title: str = "The door fell") -> None:
    """Publish the update with another title."""
    text = replace(builders.update().texts["en"], title=title)
    world.publish_update(builders.update(texts={**builders.update().texts, "en": text}))


def was_sent(world: World) -> bool:
    return alerts.find_id(world.services.petitions, "open-door", "first-news") is not None


def test_nothing_is_sent_that_nobody_has_approved(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)

    with pytest.raises(ApprovalNeeded):
        starting.start_update(careful.services, ID)

    assert not was_sent(careful)


def test_news_of_a_hand_in_waits_for_a_second_organiser(careful: World) -> None:
    handed_in = "open-door/handed-in"
    milestones = (Milestone.HANDED_IN,)
    asked = builders.petition(approvals=frozenset({"sending"}), milestones=milestones)
    careful.publish(asked)
    handing_in.mark_handed_in(careful.services, "open-door", careful.clock.now().date())
    careful.clock.advance(hours=24)
    careful.run_every_minute()
    waits = approving.show(careful.services, handed_in)
    approving.ask(careful.services, handed_in, by=HANNA)
    approving.approve(careful.services, handed_in, waits.digest, by=IHAR)

    assert waits.needed
    assert news(careful) == []
    assert starting.start_update(careful.services, handed_in)


def test_news_of_a_goal_waits_for_nobody(careful: World) -> None:
    goal = builders.update(name="goal-100", automatic=True)
    careful.services.petitions.transact(updates.first_writes(goal))

    assert not approving.show(careful.services, goal.id).needed


def test_what_another_has_approved_is_sent(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)
    approve(careful)

    assert starting.start_update(careful.services, ID)


def test_nobody_approves_what_they_have_asked_for(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)

    with pytest.raises(ApprovalNeeded):
        approve(careful, by=HANNA)

    assert not approving.show(careful.services, ID).given


def test_nobody_approves_what_nobody_has_asked_for(careful: World) -> None:
    with pytest.raises(ApprovalNeeded):
        approve(careful)


def test_a_change_after_the_approval_makes_it_void(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)
    approve(careful)
    retitle(careful)

    assert approving.show(careful.services, ID).is_void
    with pytest.raises(ApprovalNeeded):
        starting.start_update(careful.services, ID)


def test_a_change_of_the_petition_s_title_makes_it_void(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)
    approve(careful)
    texts = {**builders.petition().texts, "en": builders.petition_text(title="Open both")}
    careful.publish(builders.petition(approvals=frozenset({"sending"}), texts=texts))

    with pytest.raises(ApprovalNeeded):
        starting.start_update(careful.services, ID)


def test_what_was_seen_is_what_is_approved(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)
    seen = approving.show(careful.services, ID).digest
    retitle(careful)
    approving.ask(careful.services, ID, by=HANNA)

    with pytest.raises(AmendedMeanwhile):
        approving.approve(careful.services, ID, seen, by=IHAR)


def test_another_time_does_not_make_it_void(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)
    approve(careful)
    later = ZonedMoment(at=careful.clock.now() + timedelta(hours=1), zone="Europe/Minsk")
    timing.set_time(careful.services, ID, later)
    careful.clock.advance(hours=1)
    careful.run_every_minute()

    assert was_sent(careful)


def test_what_was_taken_back_is_not_sent(careful: World) -> None:
    approving.ask(careful.services, ID, by=HANNA)
    approve(careful)
    approving.withdraw(careful.services, ID)

    with pytest.raises(ApprovalNeeded):
        starting.start_update(careful.services, ID)


def test_a_scheduled_update_that_nobody_approves_is_not_sent_and_holds_nothing_up(
    careful: World,
) -> None:
    careful.publish_update(builders.update(send_at=careful.clock.now()))
    careful.run_every_minute()

    assert not was_sent(careful)
    assert updates.due_by(careful.services.petitions, careful.clock.now()) == []


def test_an_operator_can_send_without_approval(careful: World) -> None:
    assert starting.start_update(careful.services, ID, without_approval=True)


def test_a_petition_that_requires_none_needs_none(world: World) -> None:
    world.publish_update()

    assert not approving.show(world.services, ID).needed
    assert starting.start_update(world.services, ID)


def test_a_digest_says_what_was_approved_and_not_what_was_amended_since(careful: World) -> None:
    subscribe(careful, "vera@example.org", frequency=Frequency.DAILY)
    approving.ask(careful.services, ID, by=HANNA)
    approve(careful)
    starting.start_update(careful.services, ID)
    retitle(careful)
    careful.clock.advance(days=1)
    careful.run_every_minute()
    careful.deliver_all()

    [digest] = news(careful, "vera@example.org")
    assert "The door moved" in digest.text
    assert "The door fell" not in digest.text
