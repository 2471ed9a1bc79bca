"""The Atom feed of updates, and the petition as JSON."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import date, datetime
from xml.etree import ElementTree as ET

from chalicelib.crypto.sealing import fingerprint
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.requests import SLUG, get
from tests.world import World

ATOM = "{http://www.w3.org/2005/Atom}"


def _feed(language: str = "en") -> ET.Element:
    response = get(f"/{language}/{SLUG}/feed.atom")
    return ET.fromstring(response.text.encode())  # noqa: S314 - our own feed


def _text(element: ET.Element, name: str) -> str:
    text = element.findtext(ATOM + name)
    assert text is not None, f"no <{name}>"
    return text


def _links(element: ET.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in element.findall(ATOM + "link")}


def test_the_feed_is_atom_with_the_updates_newest_first(world: World) -> None:
    world.publish_update()
    world.publish_update(builders.update(name="later", published_on=date(2026, 3, 5)))

    feed = _feed()
    newest, oldest = feed.findall(ATOM + "entry")

    assert feed.tag == ATOM + "feed"
    assert _text(feed, "title") == "Open the door"
    assert _text(feed, "id") == f"{PUBLIC_URL}/en/{SLUG}/feed.atom"
    assert _text(feed, "updated") == _text(newest, "updated") == "2026-03-05T00:00:00+00:00"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Door Watch"
    assert _links(feed) == {
        "self": f"{PUBLIC_URL}/en/{SLUG}/feed.atom",
        "alternate": f"{PUBLIC_URL}/en/{SLUG}",
    }
    assert _text(oldest, "title") == "The door moved"
    assert _text(oldest, "summary") == "A little."
    assert _text(oldest, "content") == "<p>It moved a little.</p>"
    assert _links(oldest)["alternate"] == f"{PUBLIC_URL}/en/{SLUG}/updates/first-news"


def test_the_feed_is_in_the_language_of_its_path(with_update: World) -> None:
    feed = _feed("be")

    entry = feed.find(ATOM + "entry")
    assert entry is not None
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "be"
    assert _text(entry, "title") == "Дзверы зрушылі"


def test_an_amended_update_is_new_in_the_feeds_and_on_its_page(world: World) -> None:
    news = world.publish_update()
    world.publish_update(builders.update(name="later", published_on=date(2026, 3, 5)))
    before = world.get(f"/en/{SLUG}/feed.atom")
    page_before = world.get(f"/en/{SLUG}/updates/first-news")
    world.clock.advance(days=1)

    world.publish_update(news)
    unchanged = world.get(f"/en/{SLUG}/feed.atom")
    text = replace(news.texts["en"], text="It moved back.", html="<p>It moved back.</p>")
    world.publish_update(builders.update(texts={**news.texts, "en": text}))
    feed = _feed()
    newest, amended = feed.findall(ATOM + "entry")
    items = json.loads(world.get(f"/en/{SLUG}/feed.json").body)["items"]
    page = world.get(f"/en/{SLUG}/updates/first-news")

    moment = "2026-03-09T12:00:00+00:00"
    assert (unchanged.body, unchanged.headers["ETag"]) == (before.body, before.headers["ETag"])
    assert _text(feed, "updated") == _text(amended, "updated") == moment
    assert _text(amended, "published") == "2026-03-01T00:00:00+00:00"
    assert _text(newest, "updated") == _text(newest, "published") == "2026-03-05T00:00:00+00:00"
    assert [item["date_modified"] for item in items] == ["2026-03-05T00:00:00+00:00", moment]
    assert [item["date_published"][:10] for item in items] == ["2026-03-05", "2026-03-01"]
    assert "changed on 9 March 2026" in page.body.decode()
    assert "changed on" not in page_before.body.decode()
    assert page.headers["ETag"] != page_before.headers["ETag"]


def test_the_feed_of_a_petition_without_updates_is_valid(world: World) -> None:
    feed = _feed()

    assert feed.findall(ATOM + "entry") == []
    assert datetime.fromisoformat(_text(feed, "updated")).date() == date(2026, 1, 1)


def test_xml_characters_are_escaped_in_the_feed(world: World) -> None:
    text = builders.update().texts["en"]
    odd = type(text)(title='A & B < C "D"', summary="<b>&amp;</b>", html="<p>&lt;</p>", text="<")
    world.publish_update(builders.update(texts={"en": odd}))

    [entry] = _feed().findall(ATOM + "entry")

    assert _text(entry, "title") == 'A & B < C "D"'
    assert _text(entry, "summary") == "<b>&amp;</b>"
    assert _text(entry, "content") == "<p>&lt;</p>"


def test_the_page_links_to_the_feed(with_update: World) -> None:
    assert (
        f'<link rel="alternate" type="application/atom+xml" href="/en/{SLUG}/feed.atom"'
        in get(f"/en/{SLUG}").text
    )


def test_other_sites_may_read_the_petition_as_json(world: World) -> None:
    world.raise_tally(PL=7)
    world.set_figures()

    [ring_key] = world.services.secrets.attestation_public_keys.keys

    response = get(f"/api/petitions/{SLUG}", {"Origin": "https://elsewhere.example"})

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(response.text) == {
        "slug": SLUG,
        "title": {"en": "Open the door", "be": "Адчыніце дзверы", "ru": "Откройте дверь"},
        "state": "open",
        "count": 5,
        "goal": 10,
        "opens_on": "2026-01-01",
        "closes_on": "2026-12-31",
        "key": {
            "fingerprint": fingerprint(builders.ORGANISER_KEY.public_bytes),
            "since": "2026-03-08",
        },
        "former_keys": [],
        "attestation_keys": [b64encode(ring_key.raw).decode()],
        "amendments": [],
        "picture": None,
    }
