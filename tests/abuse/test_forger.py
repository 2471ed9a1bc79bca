"""Attacker: a forger, who can write what it likes into the table of petitions.

Comes by a leaked role, a bribed operator or a fault of ours. Protected: readers' browsers and
mailboxes. Nothing in a page, feed or mail loads, runs or reports anything, whatever the table says.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.fields import Fields
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.mail import inline_styles
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.rendering import texts
from chalicelib.store import keys, preferences
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import starting
from ops.local.outbox import SentMail
from tests import builders
from tests.abuse.scenarios import subscribe
from tests.rendering.test_sanitiser import CONSTRUCTS, HOSTILE
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, ApiResponse, get
from tests.world import World

TRACKER: Final = "tracker.example"
HOSTILE_HTML: Final = f"<p>Forged.</p>{''.join(HOSTILE)}"
HOSTILE_LINE: Final = (
    f"Forged\r\nBcc: spy@{TRACKER}\r\n\r\n\x00\x0b\u2028\u202e"
    f"<img src=https://{TRACKER}/t.png> \"' onload=alert(1) {{{{ html }}}} </title><script>"
)
PETITION, UPDATE = keys.petition(SLUG), keys.update(SLUG, "first-news")
PAGES: Final = (
    "/en",
    "/en/privacy",
    f"/en/{SLUG}",
    f"/en/{SLUG}/updates/first-news",
    f"/en/{SLUG}/share",
    f"/en/{SLUG}/poster",
    f"/embed/{SLUG}/en",
    f"/en/{SLUG}/subscribe",
    f"/en/{SLUG}/manage",
)
EACH, WEEKLY = "each@example.org", "weekly@example.org"
OWN_STYLES: Final = frozenset(";".join(inline_styles.styles().values()).split(";"))
LOADED: Final = ("src", "srcset", "poster", "data", "background", "ping", "action", "formaction")


def forge(world: World, key: keys.Key, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change an item in the table itself."""
    item = world.services.petitions.find(key)
    assert item
    change(item)
    world.services.petitions.put(key, item)


def forge_texts(item: dict[str, Any]) -> None:
    """Put hostile text into every text of an item."""
    item["texts"] = {language: _forged(text) for language, text in item["texts"].items()}
    if "organiser" in item:
        item["organiser"]["name"] = HOSTILE_LINE


def _forged(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {part: _forged(inner, part) for part, inner in value.items()}
    if isinstance(value, list):
        return [_forged(part, name) for part in value]
    if not isinstance(value, str):
        return value
    return HOSTILE_HTML if name.endswith("html") else HOSTILE_LINE


@pytest.fixture
def forged(world: World) -> World:
    """A petition and an update whose texts were all forged."""
    world.publish_update()
    forge(world, PETITION, forge_texts)
    forge(world, UPDATE, forge_texts)
    return world


def loads_and_runs(page: ParsedPage) -> list[tuple[str, str, str]]:
    """Every element and attribute by which a page loads, runs, sends or restyles anything."""
    return sorted(_loading(page))


def _loading(page: ParsedPage) -> Iterator[tuple[str, str, str]]:
    for element in page.elements:
        if element.tag in ("script", "style", "link", "meta", "base", "form", "iframe", "object"):
            yield element.tag, "", element.get("rel") + element.get("http-equiv")
        for name, value in element.attributes.items():
            if name == "style" and OWN_STYLES.issuperset(value.split(";")):
                continue
            if name in LOADED or name.startswith("on") or name == "style":
                yield element.tag, name, value
            if name in ("href", "xlink:href") and not value.startswith(
                ("/", "#", "https:", "http:", "mailto:", "viber:", "data:,")
            ):
                yield element.tag, name, value


def _send_alert(world: World) -> tuple[SentMail, SentMail]:
    """The alert and the digest of the stored update."""
    for address, frequency in ((EACH, Frequency.EACH), (WEEKLY, Frequency.WEEKLY)):
        parsed = email_address.parse(address)
        sealed_records.add_subscription(
            world.services,
            slug=SLUG,
            language="en",
            address=parsed,
            requested_at=world.clock.now(),
        )
        index = blind_indexes.subscriber_index(world.services, SLUG, parsed)
        preferences.save(
            world.services.subscribers,
            world.services.petitions,
            SLUG,
            index,
            language="en",
            frequency=frequency,
        )
    assert starting.start_update(world.services, f"{SLUG}/first-news")
    world.deliver_all()
    world.clock.moment += timedelta(hours=21)
    world.run_every_minute()
    world.deliver_all()
    [alert], [digest] = world.mails(EACH), world.mails(WEEKLY)
    return alert, digest


# Mail.


def test_alert_and_digest_load_and_run_nothing_of_a_forged_update(world: World) -> None:
    """Elsewhere: a picture in each mail tells a stranger who reads it, when and where."""
    world.publish_update()
    honest = _send_alert(world)
    world.reset()
    world.publish()
    world.publish_update()
    forge(world, PETITION, forge_texts)
    forge(world, UPDATE, forge_texts)

    mails = _send_alert(world)

    for mail, other in zip(mails, honest, strict=True):
        page = ParsedPage(mail.html)
        assert "Forged" in page.one("body").text
        assert loads_and_runs(page) == loads_and_runs(ParsedPage(other.html))
        assert page.all("img", "svg", "input", "button", "video", "audio", "source") == []
        assert mail.subject == other.subject
        assert mail.headers.keys() == other.headers.keys()
        assert not [name for name, value in mail.headers.items() if "\n" in name + value]
        assert not {"\x00", "\x0b", "\r"} & set(mail.text + mail.html + mail.subject)


def test_a_title_cannot_begin_a_header_in_any_single_mail(forged: World) -> None:
    subscribe(forged, "ada@example.org")
    forged.sign()
    forged.deliver_all()

    for mail in forged.mails():
        page = ParsedPage(mail.html)
        assert "Forged" in page.one("body").text
        assert page.all("img", "script") == []
        assert TRACKER not in mail.subject + repr(mail.headers)
        assert not [name for name, value in mail.headers.items() if "\n" in name + value]


def test_the_name_of_an_organiser_cannot_change_whom_a_mail_comes_from(forged: World) -> None:
    def make_open(item: dict[str, Any]) -> None:
        item["discreet"] = False
        item["organiser"]["name"] = "Door\r\nBcc: vera@example.org\r\n\r\nWatch"

    forge(forged, PETITION, make_open)

    forged.sign()
    forged.deliver_all()

    [mail] = forged.mails()
    # A name with an address in it is not used.
    assert mail.sender == "Desk <desk@zaklik.example>"
    assert mail.to == "hanna@example.org"


# Pages.


def test_no_page_loads_or_runs_anything_of_forged_texts(world: World) -> None:
    world.publish_update()
    honest = {path: get(path) for path in PAGES}
    forge(world, PETITION, forge_texts)
    forge(world, UPDATE, forge_texts)

    for path in PAGES:
        page = get(path)
        assert page.status == 200
        assert loads_and_runs(ParsedPage(page.text)) == loads_and_runs(
            ParsedPage(honest[path].text)
        ), path
        assert page.headers["Content-Security-Policy"] == _policy_of(honest[path])
        assert not {"\x00", "\x0b", "\r"} & set(page.text), path
        assert not [name for name, value in page.headers.items() if "\n" in name + value]


def _policy_of(response: ApiResponse) -> str:
    return response.headers["Content-Security-Policy"]


def test_feeds_hold_sanitised_html_and_stay_well_formed(forged: World) -> None:
    atom = ET.fromstring(get(f"/en/{SLUG}/feed.atom").text.encode())  # noqa: S314 - our own feed
    [content] = atom.iter("{http://www.w3.org/2005/Atom}content")
    feed = json.loads(get(f"/en/{SLUG}/feed.json").text)
    [entry] = feed["items"]

    for html in (content.text or "", entry["content_html"]):
        assert html.startswith("<p>Forged.</p>")
        assert loads_and_runs(ParsedPage(html)) == []
        assert ParsedPage(html).all("img", "script", "svg") == []
    for line in (entry["title"], entry["summary"], feed["title"], feed["authors"][0]["name"]):
        assert line.startswith("Forged  Bcc: ")
        assert line.isprintable()


# What cannot be cleaned.

ADDRESSES: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "script": lambda item: item["organiser"].update(website="javascript:alert(1)"),
    "bcc": lambda item: item["organiser"].update(email=f"desk@example.org?bcc=spy@{TRACKER}"),
    "redirect": lambda item: item.update(
        languages=[f"/{TRACKER}"], texts={f"/{TRACKER}": item["texts"]["en"]}
    ),
    "path": lambda item: item.update(slug=f"/{TRACKER}"),
}


@pytest.mark.parametrize("change", ADDRESSES.values(), ids=ADDRESSES)
def test_a_petition_with_a_forged_address_is_not_shown(
    world: World, log_lines: list[dict[str, Any]], change: Callable[[dict[str, Any]], Any]
) -> None:
    world.publish(builders.petition(slug="window"))
    forge(world, PETITION, change)

    responses = [get(f"/en/{SLUG}"), get("/"), get("/en"), get("/en/privacy"), get("/en/window")]

    assert [response.status for response in responses] == [404, 303, 200, 200, 200]
    assert responses[1].headers["Location"] == "/en/window"
    assert TRACKER not in "".join(response.text for response in responses)
    errors = [line["event"] for line in log_lines if line["level"] == "ERROR"]
    assert set(errors) == {f"item {SLUG} of petition was not written by publishing: refused"}
    assert TRACKER not in repr(log_lines)


def test_a_forged_update_does_not_exist_without_an_address(world: World) -> None:
    world.publish_update()
    forge(world, UPDATE, lambda item: item.update(name=f"../../{TRACKER}"))

    assert get(f"/en/{SLUG}/updates/first-news").status == 404
    assert TRACKER not in get(f"/en/{SLUG}").text + get(f"/en/{SLUG}/feed.atom").text
    with pytest.raises(NotFound):
        updates.get(world.services.petitions, SLUG, "first-news")


def test_publishing_again_replaces_what_was_forged(world: World) -> None:
    for change in (*ADDRESSES.values(), forge_texts):
        forge(world, PETITION, change)

        world.publish()

        assert get(f"/en/{SLUG}").status == 200
        stored = petitions.find_as_stored(world.services.petitions, SLUG)
        assert stored
        assert stored.texts == builders.petition().texts
        assert stored.organiser == builders.petition().organiser


@pytest.mark.parametrize("picture", [b"<svg onload=alert(1)>", b"<!doctype html><script>"])
def test_a_preview_image_is_a_png_or_jpeg_or_nothing(
    world: World, log_lines: list[dict[str, Any]], picture: bytes
) -> None:
    world.services.petitions.put(keys.preview_image(SLUG, "en"), {"picture": picture})

    assert get(f"/en/{SLUG}/card.png").status == 404

    errors = [line["event"] for line in log_lines if line["level"] == "ERROR"]
    assert errors == [f"preview image of {SLUG} in en is neither PNG nor JPEG: refused"]


# The control: nothing is lost of what organisers write.


def test_an_honest_text_reaches_pages_feeds_and_mails_unchanged(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    head = Fields(values={"title": "Дзверы & “more”", "summary": "A <little> one."}, errors=[])
    text = texts.render_update_text(head, "\n\n".join(CONSTRUCTS[:-1]))
    assert head.errors == []
    world.publish_update(builders.update(texts={"en": text}))

    alert, digest = _send_alert(world)

    assert inline_styles.written_into(text.html) in alert.html
    assert ParsedPage(alert.html).one("h1").text == text.title
    assert text.title in digest.text
    assert text.text.splitlines()[0] in alert.text
    assert text.html in get(f"/en/{SLUG}/updates/first-news").text
    [entry] = json.loads(get(f"/en/{SLUG}/feed.json").text)["items"]
    assert (entry["title"], entry["summary"]) == (text.title, text.summary)
    assert entry["content_html"] == text.html
    assert not [line for line in log_lines if line["level"] != "INFO"]


@pytest.mark.parametrize(
    "character",
    [
        *"\x00\x01\x08\x0b\x0c\x10\x1f\x7f\x85\x9f\ufdd0\ufffe\uffff",
        "\U0001fffe",
        "]]>",
        "&#16;",
        "\r\n",
    ],
    ids=ascii,
)
def test_a_feed_stays_readable_whatever_character_is_stored(world: World, character: str) -> None:
    def forge_characters(item: dict[str, Any]) -> None:
        for text in item["texts"].values():
            text |= {name: f"a{character}b" for name in text if isinstance(text[name], str)}
        if "organiser" in item:
            item["organiser"]["name"] = f"a{character}b"
        for amendment in item.get("amendments", []):
            amendment["reasons"] = {"en": f"a{character}b"}

    world.publish_update()
    world.amend()
    forge(world, PETITION, forge_characters)
    forge(world, UPDATE, forge_characters)

    for language in ("en", "be"):
        feed = ET.fromstring(get(f"/{language}/{SLUG}/feed.atom").text)  # noqa: S314 - our own
        assert len(list(feed.iter("{http://www.w3.org/2005/Atom}entry"))) == 2
        assert json.loads(get(f"/{language}/{SLUG}/feed.json").text)["items"]
    for path in (f"/en/{SLUG}", f"/en/{SLUG}/updates/first-news", f"/api/petitions/{SLUG}"):
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", get(path).text) is None
