"""Whatever `petition check --live` calls ready is published, and all that shows it can be read."""

import json
from collections.abc import Iterator
from datetime import date
from email import policy
from email.parser import Parser
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.petitions import publishing
from ops.content import petition_loader, preview_images
from ops.errors import NotReady
from tests.ops import folders
from tests.ops.folders import SLUG
from tests.routes.requests import get
from tests.world import World

EXAMPLES: Final = 12
MAX_IMAGE_BYTES: Final = 300_000
"""What fits an item, with room for its key and digest."""

ODD: Final = st.sampled_from(
    [
        *"\x00\x10\x85\t\n\u200b\u200d\u202e\u2066\u2028\u3164\u00ad\ufeff\ufdd0\uffff\U0001fffe",
        "<&\"'>",
    ]
)
PLAIN: Final = st.sampled_from(
    ["a", "Дзверы", "门", "باب", "x" * 120, "'", "🚪", "1. ", "%(x)s", "{}"]
)
LINES: Final = st.lists(PLAIN, min_size=1, max_size=4).map("".join) | st.tuples(PLAIN, ODD).map(
    "".join
)
MARKUP: Final = st.sampled_from(
    [
        *("Open it.", "**bold**", "[a](https://a.example/ж?b&c)", "[](https://a.example)"),
        *("- one\n- two", "> > quoted", "### Inner", "```\n<b>\n```", "&#8238;", "&#16;", "&nbsp;"),
        *("****", "---", "## Another", "## 3. Three", "* * *", "a\\\nb", "<hr>", "é" * 9_000),
        *(
            "<" * 9_000,
            "*a " * 400 + "a* " * 400,
            "1. a\n   1. b",
            "| a |\n|---|",
            "\u200b",
            "a\x10",
        ),
    ]
)
BODIES: Final = st.lists(MARKUP | PLAIN, min_size=1, max_size=3).map("\n\n".join)
DAYS: Final = st.sampled_from(
    ["2026-01-01", "2026-12-31", "2099-12-31", "9999-12-31", "0001-01-01"]
)


GOALS: Final = st.lists(st.integers(-1, 10**10) | st.integers(1, 10**6), max_size=3).map(sorted)
QUOTED: Final = LINES.map(json.dumps)
USUAL: Final[dict[str, tuple[Any, SearchStrategy[Any]]]] = {
    "title": ("Open the door", LINES),
    "target": ("The keeper", LINES),
    "lead": ("It is shut.", LINES),
    "summary": ("About a door.", LINES),
    "risk": ("The keeper.", LINES),
    "risk_question": ("Do you keep it?", LINES),
    "outcome": ("It is open.", LINES),
    "introduction": ("Please.", BODIES),
    "heading": ("Now", LINES),
    "demand": ("Open it now.", BODIES),
    "background_heading": ("Why", LINES),
    "background": ("It was shut.", BODIES),
    "opens_on": ("2026-01-01", DAYS),
    "closes_on": ("2099-12-31", DAYS),
    "goals": ([10, 100], GOALS),
    "name": ('"Door Watch"', QUOTED),
    "email": ('"desk@door-watch.org"', QUOTED),
    "website": ('"https://door-watch.org"', QUOTED.map(lambda it: f'"https://a.org/{it[1:]}')),
    "published_on": ("2026-03-01", DAYS),
    "news_title": ("It moved", LINES),
    "news": ("It moved a little.", BODIES),
}
"""Each field of a folder: what usually stands there, and what else might."""
FILES: Final = {
    "petition.toml": """\
languages = ["en", "be"]
opens_on = {opens_on}
closes_on = {closes_on}
goals = {goals}
[organiser]
name = {name}
email = {email}
website = {website}
""",
    "en.md": """\
---
title: {title}
target: {target}
lead: {lead}
summary: {summary}
risk: {risk}
risk_question: {risk_question}
outcome: {outcome}
---
{introduction}

## 1. {heading}
{demand}

## 2. For good
Leave it open.

## {background_heading}
{background}
""",
    "be.md": folders.PETITION_TEXT.replace("---\n", "---\noutcome: It is open.\n", 1),
    "updates/first-news/update.toml": "published_on = {published_on}\n",
    "updates/first-news/en.md": "---\ntitle: {news_title}\nsummary: A little.\n---\n{news}\n",
}


@st.composite
def written(draw: Any) -> dict[str, str]:
    """The files of a petition and its update, of which up to two fields are not as usual."""
    odd = draw(st.sets(st.sampled_from(sorted(USUAL)), max_size=2))
    values = {name: draw(other) if name in odd else usual for name, (usual, other) in USUAL.items()}
    return {name: text.format(**values) for name, text in FILES.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a petition with an update."""
    return folders.update(tmp_path_factory.mktemp("written")).parents[1]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=written())
def test_what_is_ready_is_published_and_every_page_feed_image_and_mail_of_it_is_made(
    shared_world: World, folder: Path, files: dict[str, str]
) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    try:
        petition = petition_loader.read_petition(folder, live_on=date(2026, 3, 8))
        update = petition_loader.read_update(folder / "updates/first-news")
    except NotReady:
        event("not ready")
        return
    event("ready")
    shared_world.reset()
    show(shared_world, petition, update)


def test_what_the_examples_begin_with_is_ready(shared_world: World, tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    path = folders.update(tmp_path)
    shared_world.reset()

    show(
        shared_world,
        petition_loader.read_petition(path.parents[1], live_on=date(2026, 3, 8)),
        petition_loader.read_update(path),
    )


def show(world: World, petition: Petition, update: Update) -> None:
    """Publish all, sign, and look at everything."""
    published = world.publish(petition)
    images = preview_images.draw_all(published)
    assert all(len(image) < MAX_IMAGE_BYTES for image in images.values())
    publishing.publish_preview_images(world.services, SLUG, images)
    world.publish_update(update)
    for path in paths(petition):
        response = get(path)
        assert response.status == 200, path
        if path.endswith(".atom"):
            ET.fromstring(response.text)  # noqa: S314 - our own response
        if path.endswith(".json") or path.startswith("/api"):
            json.loads(response.text)
    sign(world)
    for mail in world.mails():
        headers = Parser(policy=policy.default).parsestr(f"Subject: {mail.subject}\n\n")
        assert headers["subject"] == mail.subject
        assert headers.get_content().strip() == ""


def sign(world: World) -> None:
    """Sign and follow the news, and send it, if the petition is open."""
    world.sign(alerts="yes")
    world.deliver_all()
    if world.mails():
        world.post(world.link(), {})
    starting.start_update(world.services, f"{SLUG}/first-news")
    world.deliver_all()


def paths(petition: Petition) -> Iterator[str]:
    """Every public page of a petition."""
    yield f"/api/petitions/{SLUG}"
    yield f"/api/petitions/{SLUG}/count"
    for language in petition.languages:
        yield f"/{language}"
        yield f"/{language}/privacy"
        yield f"/embed/{SLUG}/{language}"
        yield f"/{language}/{SLUG}"
        for part in (
            *("feed.atom", "feed.json", "share", "poster", "card.png"),
            *("updates/first-news", "subscribe", "manage"),
        ):
            yield f"/{language}/{SLUG}/{part}"
