"""A steward holds and releases many signatures: first the number, then the change, then back."""

from contextlib import suppress

import pytest

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.jobs import Job, JobState
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.mail.jobs import RunSlice
from chalicelib.store.organisers import jobs, trail
from chalicelib.usecases.signatures import bulk_moderating
from chalicelib.usecases.signatures.bulk_moderating import (
    CHANGED,
    MATCHED,
    Moderation,
    ModerationKind,
)
from tests import builders
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

PAGE = "/desk/petitions/open-door/held"
HOLD = {"move": "hold", "why": "a burst", "from": builders.NOW.date().isoformat()}


def sign(world: World, count: int, **fields: str) -> None:
    for number in range(count):
        world.sign_and_confirm(
            email=f"{fields.get('website', 'p')[:1]}{number}@example.org", **fields
        )


def path_of(world: World, client: DeskClient, fields: dict[str, str]) -> str:
    """The page of a count that has ended."""
    path = client.post(f"{PAGE}/look", fields).header("Location")
    world.deliver_all()
    return path


def job_of(world: World, path: str) -> Job:
    return bulk_moderating.get(world.services, "open-door", path.rpartition("/")[2])


def acts(world: World) -> list[tuple[str, str]]:
    lines, _ = trail.page_of(world.services.organisers, "open-door")
    return [(line.act, line.detail) for line in reversed(lines)]


def test_signatures_are_counted_then_held_then_released_again(world: World) -> None:
    sign(world, 3)
    steward = DeskClient.signed_in(world)

    counted = path_of(world, steward, HOLD)
    dry = steward.get(counted).body.decode()
    before = world.count()
    held = steward.post(f"{counted}/carry-out").header("Location")
    world.deliver_all()
    after = world.count()
    back = steward.post(f"{held}/undo").header("Location")
    world.deliver_all()
    released = steward.post(f"{back}/carry-out").header("Location")
    world.deliver_all()

    assert "3 signatures would be held" in dry
    assert (before, after, world.count()) == (3, 0, 3)
    assert "3 signatures were released" in steward.get(released).body.decode()
    assert acts(world) == [
        (
            "hold signatures",
            f"confirmed signatures of {HOLD['from']} or later; reason: a burst",
        ),
        ("release signatures", "held signatures held for “a burst”"),
    ]


def test_a_release_by_a_sign_is_taken_back_for_the_same_ones(world: World) -> None:
    sign(world, 1)
    sign(world, 2, website="x")
    steward = DeskClient.signed_in(world)

    counted = path_of(world, steward, {"move": "release", "signal": "honeypot"})
    released = steward.post(f"{counted}/carry-out").header("Location")
    world.deliver_all()
    all_count = world.count()
    back = steward.post(f"{released}/undo").header("Location")
    world.deliver_all()
    steward.post(f"{back}/carry-out")
    world.deliver_all()

    assert all_count == 3
    assert world.count() == 1


def test_the_page_shows_numbers_by_reason(world: World) -> None:
    sign(world, 2, website="x")

    page = DeskClient.signed_in(world).get(PAGE).body.decode()

    assert "a hidden field was filled in" in page
    assert "<strong>2</strong>" in page


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"move": "hold", "from": "2026-01-01"}, "why"),
        ({"move": "hold", "why": "everything"}, "signal"),
        ({"move": "release", "from": "yesterday"}, "from"),
        ({"move": "release", "country": "Poland"}, "country"),
        ({"move": "release", "signal": "luck"}, "signal"),
        ({"move": "hold", "why": "x" * 201, "from": "2026-01-01"}, "why"),
    ],
)
def test_a_form_that_cannot_be_meant_comes_back_as_it_was_typed(
    world: World, fields: dict[str, str], field: str
) -> None:
    page = DeskClient.signed_in(world).post(f"{PAGE}/look", fields)

    assert page.status == 422
    assert f'href="#{field}"' in page.body.decode()
    assert jobs.list_newest(world.services.organisers, "open-door", now=world.clock.now()) == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.SENDER, Role.EXPORTER])
def test_nobody_but_a_steward_sees_or_moves_held_signatures(world: World, role: Role) -> None:
    organiser = DeskClient.signed_in(world, roles=[role])

    assert organiser.get(PAGE).status == 403
    assert organiser.post(f"{PAGE}/look", HOLD).status == 403


def test_a_job_that_does_not_exist_is_explained(world: World) -> None:
    page = DeskClient.signed_in(world).get(f"{PAGE}/{'0' * 27}")

    assert page.status == 403


def asked(world: World, *, dry_run: bool = False) -> Job:
    moderation = Moderation(
        move=ModerationKind.HOLD,
        wanted=SignatureFilter(confirmed_from=builders.NOW.date()),
        why="a burst",
        dry_run=dry_run,
    )
    return bulk_moderating.ask(world.services, "open-door", moderation, by=OPERATOR)


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", ["dynamodb.Query", "dynamodb.PutItem", "sqs.SendMessage"])
def test_a_slice_that_fails_is_done_again(world: World, call: str, fault: Fault) -> None:
    sign(world, 2)
    job = asked(world)

    with recorded(AwsCalls(at=call, fault=fault)), suppress(Crash):
        world.deliver_all()
    world.clock.advance(minutes=5)
    world.make_messages_visible()
    world.deliver_all()

    assert world.count() == 0
    assert bulk_moderating.get(world.services, "open-door", job.id).state is JobState.DONE


def test_a_long_job_goes_on_where_its_slice_has_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(world, 3)
    monkeypatch.setattr(bulk_moderating, "SLICE", builders.NOW - builders.NOW)
    monkeypatch.setattr(bulk_moderating, "_CHECKED_AFTER", 1)
    job = asked(world)

    slices = 0
    while bulk_moderating.get(world.services, "open-door", job.id).is_open:
        bulk_moderating.run_slice(world.services, RunSlice(slug="open-door", job_id=job.id))
        slices += 1

    done = bulk_moderating.get(world.services, "open-door", job.id)
    assert slices > len("open-door")
    assert done.counts == {MATCHED: 3, CHANGED: 3}
    world.deliver_all()
    assert world.count() == 0


def test_a_job_that_was_stopped_changes_nothing_more(world: World) -> None:
    sign(world, 2)
    steward = DeskClient.signed_in(world)
    job = asked(world)

    steward.post(f"{PAGE}/{job.id}/stop")
    world.deliver_all()

    assert world.count() == 2
    assert "It was stopped" in steward.get(f"{PAGE}/{job.id}").body.decode()


def test_a_job_whose_message_was_lost_can_be_let_go_on(world: World) -> None:
    sign(world, 2)
    steward = DeskClient.signed_in(world)
    with recorded(AwsCalls(at="sqs.SendMessage", fault=Fault.KILLED_BEFORE)), pytest.raises(Crash):
        asked(world)
    [job] = bulk_moderating.list_newest(world.services, "open-door")
    world.clock.advance(minutes=5)
    page = steward.get(f"{PAGE}/{job.id}").body.decode()

    steward.post(f"{PAGE}/{job.id}/go-on")
    world.deliver_all()

    assert "It has stood still" in page
    assert world.count() == 0


def test_a_damaged_item_is_counted_and_stops_no_job(world: World) -> None:
    sign(world, 1)
    [item] = world.signatures()
    world.services.signatures.put(
        {"pk": item["pk"], "sk": f"{item['sk'][:-1]}g"}, {"state": "confirmed"}
    )
    job = asked(world)

    world.deliver_all()

    done = bulk_moderating.get(world.services, "open-door", job.id)
    assert done.counts[bulk_moderating.DAMAGED] == 1
    assert done.counts[CHANGED] == 1
