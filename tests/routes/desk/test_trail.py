"""The trail at the desk: filtered, page by page, and as a file."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.organisers.jobs import new_job_id
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.store.organisers import trail
from chalicelib.usecases.organisers import reviewing
from tests import desk_accounts
from tests.builders import NOW
from tests.desk_client import DeskClient
from tests.world import World

TRAIL = desk_urls.petition("open-door", "trail")
MARIA = Actor(id="b" * 16, name="Maria")


def add(
    world: World, detail: str, *, by: Actor = MARIA, act: Act = Act.INVITE, day: int = 0
) -> None:
    trail.append(
        world.services.organisers,
        "open-door",
        actor=by,
        act=act,
        detail=detail,
        now=NOW + timedelta(days=day),
    )


@pytest.fixture
def client(world: World) -> DeskClient:
    """A steward of a petition with some lines."""
    add(world, "first line")
    add(world, "second <b>line", by=OPERATOR, act=Act.REMOVE, day=1)
    return DeskClient.signed_in(world)


def shown(client: DeskClient, **fields: str) -> str:
    page = client.post(TRAIL, fields) if fields else client.get(TRAIL)
    assert page.status == 200
    return page.body.decode()


def test_the_newest_line_comes_first(client: DeskClient) -> None:
    page = shown(client)

    assert page.index("second &lt;b&gt;line") < page.index("first line")


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"who": MARIA.id}, "first line"),
        ({"who": OPERATOR.id}, "second"),
        ({"act": Act.REMOVE}, "second"),
        ({"day": NOW.date().isoformat()}, "first line"),
        ({"before": "2"}, "first line"),
    ],
)
def test_lines_are_filtered(client: DeskClient, fields: dict[str, str], found: str) -> None:
    page = shown(client, **fields)

    assert found in page
    assert ("first line" in page) != ("second &lt;b&gt;line" in page)


@pytest.mark.parametrize(
    "fields",
    [{"day": "x"}, {"before": "x"}, {"before": "-1"}, {"before": "9" * 40}, {"before": "²"}],
)
def test_a_senseless_filter_filters_nothing(client: DeskClient, fields: dict[str, str]) -> None:
    page = shown(client, **fields)

    assert "first line" in page
    assert "second &lt;b&gt;line" in page


def test_older_lines_are_on_further_pages(world: World, client: DeskClient) -> None:
    for number in range(reviewing.PAGE_LINES):
        add(world, f"line {number}")

    assert "first line" not in shown(client)
    assert 'name="before" value="3"' in shown(client)
    assert "first line" in shown(client, before="3")


def test_a_copy_can_be_checked(world: World, client: DeskClient) -> None:
    answer = client.post(f"{TRAIL}/export", {"format": "jsonl"})

    copy = reviewing.read_json_lines(answer.body.decode())
    assert answer.header("content-disposition") == 'attachment; filename="open-door-trail.jsonl"'
    assert reviewing.check(copy) is None
    assert [entry.act for entry in copy] == [Act.INVITE, Act.REMOVE, Act.EXPORT_TRAIL]


def test_a_spreadsheet_takes_no_text_for_a_formula(world: World, client: DeskClient) -> None:
    add(world, "=HYPERLINK(1)")

    answer = client.post(f"{TRAIL}/export", {"format": "csv"})

    assert "'=HYPERLINK(1)" in answer.body.decode()
    assert answer.header("content-type").startswith("text/csv")


@pytest.mark.parametrize("name", ["Maria", "MARIA", OPERATOR.name])
def test_nobody_acts_under_the_name_of_another(world: World, client: DeskClient, name: str) -> None:
    ivan = DeskClient.signed_in(world, name="Ivan")
    ivan.post(desk_urls.RENAME, {"name": name})
    ivan.post(f"{TRAIL}/export", {"format": "csv"})

    line = f"<td>{name} ({desk_accounts.id_of('Ivan')[:6]})</td>"
    assert line in shown(client)
    ivan.post(desk_urls.RENAME, {"name": "Ivan"})
    assert line in shown(client)


def test_an_empty_trail_says_so(world: World) -> None:
    page = shown(DeskClient.signed_in(world))

    assert "No line" in page
    assert "Keep a copy" not in page


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_trail_that_lambda_cannot_hand_out_is_the_operators_to_write(
    client: DeskClient, world: World, kind: str
) -> None:
    """Lambda answers with 6 MB at most, and a file is a third more in base64."""
    [*_, last] = reviewing.all_lines(world.services, "open-door")
    long = replace(last, detail="x" * 5_000_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviewing, "all_lines", lambda *_: [long])
        answer = client.post(f"{TRAIL}/export", {"format": kind})

    assert answer.status == 200
    assert "zaklik trail export open-door" in answer.body.decode()
    assert len(answer.body) < 100_000


def test_a_list_is_named_by_its_moment_and_linked(world: World, client: DeskClient) -> None:
    job_id = new_job_id(NOW)
    add(world, job_id, act=Act.FETCH_EXPORT)
    add(world, f"{job_id}: it was over", act=Act.FETCH_EXPORT)
    add(world, job_id, act=Act.HOLD)
    link = (
        f'<a href="/desk/petitions/open-door/signatures/{job_id}">list of {NOW:%Y-%m-%d %H:%M}</a>'
    )

    page = client.get(TRAIL).body.decode()

    assert f"<td>{link}</td>" in page
    assert f"<td>{link}: it was over</td>" in page
    assert f"<td>{job_id}</td>" in page
