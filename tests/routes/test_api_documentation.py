"""What docs/api.md promises is what the service answers."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from ops.compiling import ROOT
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import Page
from tests.routes.requests import SLUG, read
from tests.world import World

DOCUMENT = (ROOT / "docs/api.md").read_text("utf-8")
PROMISED = {
    path: json.loads(example)
    for path, example in re.findall(
        r"^## .*?`GET (\S+)`.*?^```json\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL
    )
}


@pytest.fixture
def six_have_signed(world: World) -> World:
    """The whole service with an update and six signatures."""
    world.publish_update()
    for number in range(6):
        world.sign_and_confirm(email=f"signer{number}@example.org")
    return world


@pytest.mark.parametrize("path", PROMISED)
def test_an_example_is_what_is_answered(six_have_signed: World, path: str) -> None:
    assert json.loads(read(path).text) == PROMISED[path]


def test_every_address_for_programs_is_documented() -> None:
    assert set(PROMISED) == {
        f"/api/petitions/{SLUG}",
        f"/api/petitions/{SLUG}/count",
        f"/en/{SLUG}/feed.json",
    }
    for path in (f"/en/{SLUG}/feed.atom", f"/embed/{SLUG}/en", f"/en/{SLUG}/card.png"):
        assert f"{path}`" in DOCUMENT


@pytest.mark.parametrize("path", [*PROMISED, f"/en/{SLUG}/feed.atom"])
def test_scripts_of_other_sites_may_read_it_also_when_nothing_has_changed(
    six_have_signed: World, path: str
) -> None:
    first = read(path, {"Origin": "https://elsewhere.example"})
    again = read(path, {"If-None-Match": first.headers["ETag"]})

    assert (first.status, again.status, again.text) == (200, 304, "")
    for answer in (first, again):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_fields_of_the_table_are_those_of_the_answer(world: World) -> None:
    rows = re.findall(r"^\| (`.*?) \|", DOCUMENT, re.MULTILINE)
    fields = [field for row in rows for field in re.findall(r"`(\w+)`", row)]

    answer: Mapping[str, Any] = json.loads(read(f"/api/petitions/{SLUG}").text)
    assert fields == list(answer)


def test_the_code_to_embed_is_the_one_that_the_page_gives(world: World) -> None:
    [code] = re.findall(r"^```html\n(.*?)\n```", DOCUMENT, re.MULTILINE | re.DOTALL)

    assert PUBLIC_URL in code
    assert Page(read(f"/en/{SLUG}/share").text).one("textarea").text == code


def test_the_count_is_said_as_the_page_says_it(six_have_signed: World) -> None:
    said = json.loads(read(f"/api/petitions/{SLUG}/count").text)["text"]

    for language, sentence in said.items():
        assert sentence in Page(read(f"/{language}/{SLUG}").text).text


def test_nothing_is_said_while_the_count_is_nought(world: World) -> None:
    said = json.loads(read(f"/api/petitions/{SLUG}/count").text)

    assert (said["count"], set(said["text"].values())) == (0, {""})
