"""Exports at the desk: who may start, approve and fetch them, and what the pages say."""

import csv
import io
import re
from dataclasses import replace

import pytest

from chalicelib.domain.organisers.jobs import JobState
from chalicelib.domain.organisers.roles import Role
from chalicelib.store.organisers import trail
from chalicelib.usecases.exports import ordering
from ops.local import moto_internals
from ops.local.api_gateway import HttpResponse
from tests import builders
from tests.desk_client import DeskClient
from tests.world import World

SLUG = "open-door"
LISTS = f"/desk/petitions/{SLUG}/signatures"


@pytest.fixture
def signed(world: World) -> World:
    """A petition with a signature, whose key file is stored."""
    world.sign_and_confirm()
    world.store_key_file()
    return world


def exporter(world: World, name: str = "Hanna") -> DeskClient:
    """An organiser who may export."""
    return DeskClient.signed_in(world, roles=[Role.EXPORTER], name=name)


def started(world: World, client: DeskClient) -> str:
    """Start an export; the path of its page."""
    answer = client.post(LISTS)
    assert answer.status == 303, answer.body
    return answer.header("location")


def text(answer: HttpResponse) -> str:
    """A page."""
    return answer.body.decode()


def acts(world: World) -> list[tuple[str, str]]:
    """Who did what, as the trail has it."""
    return [(line.actor.name, line.act) for line in trail.all_of(world.services.organisers, SLUG)]


def test_an_export_is_started_watched_and_fetched(signed: World) -> None:
    client = exporter(signed)

    path = started(signed, client)
    waiting = text(client.get(path))
    signed.deliver_all()
    ready = text(client.get(path))
    asked = client.post(f"{path}/link")
    link_page = client.get(asked.header("location"))
    signed.deliver_all()
    fetched = text(client.get(path))

    assert "In the queue" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "Get a link to the file" in ready
    assert re.search(r"<strong>[0-9.]+ kB</strong>", ready)
    assert "From then on the trail of the petition says" in ready
    assert "refresh" not in ready
    assert "The link is being made" in text(link_page)
    [job] = ordering.exports_of(signed.services, SLUG)
    assert re.search(rf'href="https://[^"]*{job.id}\.zaklik\?[^"]*X-Amz-Expires=600', fetched)
    assert acts(signed) == [("Hanna", "make list"), ("Hanna", "download list")]


def test_a_link_is_for_who_asked_for_it_and_for_ten_minutes(signed: World) -> None:
    client, other = exporter(signed), exporter(signed, "Zmicer")
    path = started(signed, client)
    signed.deliver_all()
    client.post(f"{path}/link")
    signed.deliver_all()

    assert ".zaklik?" in text(client.get(path))
    assert ".zaklik?" not in text(other.get(path))
    signed.clock.advance(minutes=11)
    assert ".zaklik?" not in text(client.get(path))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.SENDER])
def test_who_may_not_export_sees_the_lists_and_gets_none(signed: World, role: Role) -> None:
    path = started(signed, exporter(signed))
    signed.deliver_all()
    client = DeskClient.signed_in(signed, roles=[role], name="Viera")

    page = client.get(LISTS)

    assert page.status == 200
    assert "Make a list" not in text(page)
    assert "Get a link" not in text(client.get(path))
    assert client.post(LISTS).status == 403
    assert client.post(f"{path}/link").status == 403


def test_a_second_organiser_approves_where_the_petition_asks_for_it(signed: World) -> None:
    signed.publish_signed(replace(builders.petition(), approvals=frozenset({"exports"})))
    client, other = exporter(signed), exporter(signed, "Zmicer")

    path = started(signed, client)
    signed.deliver_all()
    own, lists = text(client.get(path)), text(other.get(LISTS))
    refused = client.post(f"{path}/approve")
    before = ordering.exports_of(signed.services, SLUG)[0].state
    approved = other.post(f"{path}/approve")
    queued = text(client.get(LISTS))
    signed.deliver_all()

    assert "It waits for a second organiser" in own
    assert "Approve</button>" not in own
    assert "refresh" not in own + lists
    assert "A list waits for approval" in lists
    assert "A list is being made" not in lists
    assert "Waits for approval" in lists
    assert f'<a href="{path}">looks at it and approves it</a>' in lists
    assert "In the queue" in queued
    assert "A list is being made" in queued
    assert refused.status == 403
    assert before is JobState.WAITING
    assert approved.status == 303
    assert ordering.exports_of(signed.services, SLUG)[0].state is JobState.DONE


def test_nobody_is_asked_to_approve_an_export_that_has_ended(signed: World) -> None:
    signed.publish_signed(replace(builders.petition(), approvals=frozenset({"exports"})))
    client, other = exporter(signed), exporter(signed, "Zmicer")
    path = started(signed, client)
    asked = text(other.get("/desk"))

    client.post(f"{path}/cancel")
    late = other.post(f"{path}/approve")

    assert "Waits for your approval: a list of signatures" in asked
    assert "Waits for" not in text(other.get("/desk"))
    assert late.header("location") == path
    assert "Ended" in text(other.get(path))


def test_a_second_click_starts_no_second_export(signed: World) -> None:
    client = exporter(signed)

    assert started(signed, client) == started(signed, client)
    assert len(ordering.exports_of(signed.services, SLUG)) == 1


def test_an_export_whose_message_was_lost_goes_on(signed: World) -> None:
    client = exporter(signed)
    path = started(signed, client)
    moto_internals.messages_of(moto_internals.queues()["zaklik-exports.fifo"]).clear()

    client.post(f"{path}/resume")
    signed.deliver_all()

    assert ordering.exports_of(signed.services, SLUG)[0].state is JobState.DONE


def test_an_ended_export_says_so(signed: World) -> None:
    client = exporter(signed)
    path = started(signed, client)

    client.post(f"{path}/cancel")
    signed.deliver_all()

    assert "Ended" in text(client.get(path))


def test_a_file_of_last_week_has_no_link(signed: World) -> None:
    path = started(signed, exporter(signed))
    signed.deliver_all()
    signed.clock.advance(days=8)

    page = text(exporter(signed).get(path))

    assert "Deleted after a week" in page
    assert "Get a link" not in page


def test_figures_are_a_table_in_which_small_ones_stand_together(signed: World) -> None:
    signed.raise_tally(PL=12, LT=3, without_country=20)

    answer = exporter(signed).get(f"{LISTS}/statistics")

    assert answer.header("content-disposition") == (
        'attachment; filename="open-door-2026-03-08.csv"'
    )
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert rows == [
        ["figure", "of", "signatures"],
        ["all", "", "36"],
        ["country", "PL", "13"],
        ["country", "not given", "20"],
        ["country", "others, each with fewer than 10", "3"],
        ["day", "others, each with fewer than 10", "1"],
    ]


def test_an_export_of_another_petition_is_not_shown(signed: World) -> None:
    path = started(signed, exporter(signed))
    signed.publish(replace(builders.petition(), slug="other-door"))
    client = DeskClient.signed_in(signed, slug="other-door", name="Viera")

    assert client.get(path).status == 403
    assert client.get(path.replace(SLUG, "other-door")).status == 403
