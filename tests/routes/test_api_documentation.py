"""The examples of docs/api.md against the responses of the service."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.petitions.petition import FormerKey, VerificationKeys
from chalicelib.store.petitions import petitions
from ops.compiling import ROOT
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, get
from tests.world import World

DOCUMENT = (ROOT / "docs/api.md").read_text("utf-8")
EXAMPLES = {
    path: json.loads(example)
    for path, example in re.findall(
        r"^## .*?`GET (\S+)`.*?^```json\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL
    )
}


@pytest.fixture
def six_signatures(world: World) -> World:
    """The whole service with an update, six signatures, a former key and known service keys."""
    former = FormerKey(
        fingerprint="1a2b3c4d5e6f708192a3b4c5d6e7f809",
        since=date(2026, 1, 1),
        until=date(2026, 2, 1),
    )
    petitions.save(
        world.services.petitions,
        builders.with_picture(
            version=2,
            key_since=date(2026, 2, 1),
            former_keys=(former,),
            verification=VerificationKeys(attestation=(bytes(range(32)),)),
            amendments=(builders.amendment(),),
        ),
    )
    world.publish_update()
    world.raise_tally(PL=6)
    world.set_figures()
    return world


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_is_the_response_of_the_service(six_signatures: World, path: str) -> None:
    assert json.loads(get(path).text) == EXAMPLES[path]


def test_every_path_for_programs_is_documented() -> None:
    assert set(EXAMPLES) == {
        f"/api/petitions/{SLUG}",
        f"/api/petitions/{SLUG}/count",
        f"/en/{SLUG}/feed.json",
    }
    for path in (f"/en/{SLUG}/feed.atom", f"/embed/{SLUG}/en", f"/en/{SLUG}/card.png"):
        assert f"{path}`" in DOCUMENT


@pytest.mark.parametrize("path", [*EXAMPLES, f"/en/{SLUG}/feed.atom"])
def test_scripts_of_other_sites_may_read_it_changed_or_not(
    six_signatures: World, path: str
) -> None:
    first = get(path, {"Origin": "https://elsewhere.example"})
    again = get(path, {"If-None-Match": first.headers["ETag"]})

    assert (first.status, again.status, again.text) == (200, 304, "")
    for response in (first, again):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_documented_fields_are_those_of_the_response(world: World) -> None:
    rows = re.findall(r"^\| (`.*?) \|", DOCUMENT, re.MULTILINE)
    fields = [field for row in rows for field in re.findall(r"`(\w+)`", row)]

    response: Mapping[str, Any] = json.loads(get(f"/api/petitions/{SLUG}").text)
    assert fields == list(response)


def test_the_documented_embed_code_is_that_of_the_share_page(six_signatures: World) -> None:
    [code] = re.findall(r"^```html\n(.*?)\n```", DOCUMENT, re.MULTILINE | re.DOTALL)

    assert PUBLIC_URL in code
    assert ParsedPage(get(f"/en/{SLUG}/share").text).all("textarea")[-1].text == code


def test_the_text_of_the_count_is_the_sentence_of_the_page(six_signatures: World) -> None:
    texts = json.loads(get(f"/api/petitions/{SLUG}/count").text)["text"]

    for language, sentence in texts.items():
        assert sentence in ParsedPage(get(f"/{language}/{SLUG}").text).text


def test_the_text_of_a_count_of_zero_is_empty(world: World) -> None:
    count = json.loads(get(f"/api/petitions/{SLUG}/count").text)

    assert (count["count"], set(count["text"].values())) == (0, {""})
