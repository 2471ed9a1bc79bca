"""Jobs: a change that two make at once is stored once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.jobs import Job, JobKind, JobState, new_job_id
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.organisers import jobs
from tests.builders import NOW
from tests.faults import AwsCalls, Fault, recorded

SLUG = "open-door"
HANNA = Actor(id="hanna", name="Hanna")


def job(*, minutes: int = 0, kind: JobKind = JobKind.EXPORT) -> Job:
    """A job as it is when somebody asks for it."""
    now = NOW + timedelta(minutes=minutes)
    return Job(
        id=new_job_id(now),
        slug=SLUG,
        kind=kind,
        state=JobState.WAITING,
        asked_by=HANNA,
        asked_at=now,
        changed_at=now,
    )


@pytest.fixture
def table(petitions_table: Table) -> Table:
    """An empty table."""
    return petitions_table


def test_a_job_is_read_as_it_was_stored(table: Table) -> None:
    asked = replace(job(), counts={"held": 2}, checkpoint={"crc": 7, "digest": b"\x01"})

    jobs.add(table, asked)
    jobs.add(table, asked)

    assert jobs.get(table, SLUG, asked.id) == asked
    with pytest.raises(ConditionFailed):
        jobs.add(table, replace(asked, detail="another one"))


def test_a_job_of_another_petition_is_not_found(table: Table) -> None:
    asked = job()
    jobs.add(table, asked)

    with pytest.raises(NotFound):
        jobs.get(table, "other-door", asked.id)


def test_the_newest_job_comes_first_and_an_expired_one_not_at_all(table: Table) -> None:
    asked = [job(minutes=minutes) for minutes in (0, 2, 1)]
    for each in asked:
        jobs.add(table, each)

    listed = jobs.list_newest(table, SLUG, now=NOW)

    assert [each.id for each in listed] == [asked[1].id, asked[2].id, asked[0].id]
    assert jobs.list_newest(table, SLUG, now=NOW + jobs.KEPT + timedelta(hours=1)) == []


def test_the_job_of_a_destruction_is_kept(table: Table) -> None:
    jobs.add(table, job(kind=JobKind.DESTROY))

    assert len(jobs.list_newest(table, SLUG, now=NOW + 10 * jobs.KEPT)) == 1


def test_of_two_changes_at_once_one_is_stored(table: Table) -> None:
    asked = job()
    jobs.add(table, asked)

    first = jobs.save(table, replace(asked, state=JobState.RUNNING, worker="a"))
    second = jobs.save(table, replace(asked, state=JobState.RUNNING, worker="b"))

    assert first == replace(asked, state=JobState.RUNNING, worker="a", revision=1)
    assert second is None
    assert jobs.get(table, SLUG, asked.id) == first


def test_a_change_that_is_repeated_as_its_answer_was_lost_is_stored_once(table: Table) -> None:
    asked = job()
    jobs.add(table, asked)
    changed = replace(asked, state=JobState.RUNNING, worker="a")
    lost = AwsCalls(at="dynamodb.PutItem", fault=Fault.ANSWER_LOST)
    with recorded(lost), pytest.raises(Unavailable):
        jobs.save(table, changed)

    saved = jobs.save(table, changed)

    assert saved is not None
    assert saved.revision == 1
