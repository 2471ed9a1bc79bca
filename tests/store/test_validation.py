"""Items are read as if an attacker had written them; what publishing writes passes unchanged."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import NotFound
from chalicelib.domain.fields import Fields
from chalicelib.domain.petitions import petition_rules, update_rules
from chalicelib.rendering import texts
from chalicelib.store import keys, validation
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.petitions import (
    amendment_items,
    petition_items,
    petitions,
    preview_images,
    updates,
)
from tests import builders

PETITION, UPDATE = keys.petition("open-door"), keys.update("open-door", "first-news")
LINES = st.text(
    st.characters(exclude_categories=("C", "Zl", "Zp")) | st.sampled_from("\u00ad\u200d<&\"'"),
    min_size=1,
    max_size=30,
)
BODIES = st.lists(
    st.text(max_size=20) | st.sampled_from(["[a](https://a.example)", "**b** &nbsp; &#11; &#8232;"])
).map("\n\n".join)
HOSTILE = "first\r\nBcc: a@b\x00\x0b\u2028<img src=x>\u202e"
AMENDMENT = amendment_items.to_item(builders.amendment())
REFUSED_INSTEAD = {*PETITION, "slug", "languages", "opens_on", "closes_on", "published_on"}
REFUSED_INSTEAD |= {
    "email",
    "website",
    "key_since",
    "former_keys",
    "verification",
    "kind",
    "on_doubt",
    "send_zone",
    "digest_times",
    "milestones",
    "approvals",
}


def as_read(key: keys.Key, attributes: Any) -> Item:
    """An item as boto3 reads it: with dicts and lists only."""
    return {**key, **_with_lists(attributes)}


def _with_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_lists(part) for name, part in value.items()}
    return [_with_lists(part) for part in value] if isinstance(value, tuple | list) else value


@settings(deadline=None)
@given(line=LINES, body=BODIES)
def test_a_petition_that_can_be_published_is_read_unchanged(line: str, body: str) -> None:
    lines = ("title", "target", "lead", "summary", "risk", "risk_question", "outcome")
    head = Fields(values=dict.fromkeys(lines, line), errors=[])
    text = texts.render_petition_text(
        head,
        f"Please.\n\n{body}\n\n## 1. Open {line}\n\nx\n\nWhy {line}\\\nindeed\n---\n\n{body} y",
    )
    assume(not head.errors)
    organiser = {"name": line, "email": "o'a+b_c@прыклад.бел", "website": "https://a.example/ж?a&b"}
    values = {"languages": ["en"], "goals": [10], "organiser": organiser}
    rest = Fields(
        values={**values, "opens_on": date(2026, 1, 1), "closes_on": date(2026, 12, 31)}, errors=[]
    )
    petition = petition_rules.parse_petition(
        rest,
        slug="open-door",
        texts={"en": text},
        public_key=bytes(32),
        interface_languages=["en"],
        live_on=None,
    )
    # A name that mails could not bear is refused.
    assume(not rest.errors)
    item = as_read(PETITION, petition_items.to_item(petition))

    assert list(validation.validated([item], petitions._checked)) == [petition]


@settings(deadline=None)
@given(line=LINES, body=BODIES)
def test_an_update_that_can_be_published_is_read_unchanged(line: str, body: str) -> None:
    head = Fields(values={"title": line, "summary": line}, errors=[])
    text = texts.render_update_text(head, f"x\n\n{body}\n\n    {line}\tcode")
    assume(not head.errors)
    rest = Fields(values={"published_on": date(2026, 3, 1)}, errors=[])
    update = update_rules.parse_update(
        rest, slug="open-door", name="first-news", texts={"en": text}, languages=["en"]
    )
    assert update
    item = as_read(UPDATE, updates.to_item(update))

    assert list(validation.validated([item], updates.from_item)) == [update]


def _spoilt(value: Any) -> Any:
    """A part of an item with hostile text in place of each text that is not refused instead."""
    if isinstance(value, dict):
        return {
            name: part if name in REFUSED_INSTEAD else _spoilt(part) for name, part in value.items()
        }
    if isinstance(value, list):
        return [_spoilt(part) for part in value]
    return HOSTILE if isinstance(value, str) else value


def _texts_of(name: str, value: Any) -> list[tuple[str, str]]:
    """Every text in a value of the domain, with the name of its field."""
    if isinstance(value, str):
        return [(name, value)]
    if isinstance(value, tuple):
        return [text for part in value for text in _texts_of(name, part)]
    parts = value if isinstance(value, dict) else {}
    if is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
    return [text for name, part in parts.items() for text in _texts_of(name, part)]


def test_every_text_of_a_petition_and_an_update_is_cleaned() -> None:
    """A new field needs no more code: its name says whether it is HTML."""
    amended = builders.petition(amendments=(builders.amendment(),))
    petition_item = _spoilt(as_read(PETITION, petition_items.to_item(amended)))
    update_item = _spoilt(as_read(UPDATE, updates.to_item(builders.update())))
    update_item["name"] = "first-news"

    [petition] = validation.validated([petition_item], petitions._checked)
    [update] = validation.validated([update_item], updates.from_item)
    values = [("", petition.texts), ("", petition.organiser), ("", update.texts)]
    values.append(("", petition.amendments))
    found = [text for value in values for text in _texts_of(*value)]

    assert len(found) > 40
    for name, text in found:
        if name in REFUSED_INSTEAD:
            continue
        if name.endswith("html"):
            assert text == "first\nBcc: a@b\u2028", name
        elif name == "text":
            assert text == "first\nBcc: a@b\u2028<img src=x>", name
        else:
            assert text == "first  Bcc: a@b   <img src=x> ", name


@pytest.mark.parametrize(
    "change",
    [
        lambda item: item["organiser"].update(website="javascript:alert(1)"),
        lambda item: item["organiser"].update(website=" https://door.example"),
        lambda item: item["organiser"].update(website=""),
        lambda item: item["organiser"].update(email="desk@example.org?bcc=spy@door.example"),
        lambda item: item["organiser"].update(email="desk@example.org,spy@door.example"),
        lambda item: item["organiser"].update(email="desk%40x@example.org"),
        lambda item: item["organiser"].update(email="desk@example.org\nspy"),
        lambda item: item["organiser"].update(email=5),
        lambda item: item["organiser"].update(phone="1"),
        lambda item: item.update(slug="/door.example"),
        lambda item: item.update(languages=["/door.example"]),
        lambda item: item.update(languages=[]),
        lambda item: item.update(languages=["en", "xx"]),
        lambda item: item.update(texts="<img src=x>"),
        lambda item: item.update(opens_on="<img src=x>"),
        lambda item: item.update(closes_on="9999-12-31"),
        lambda item: item.update(opens_on="0001-01-01"),
        lambda item: item.update(goals=[]),
        lambda item: item.update(goals=[0]),
        lambda item: item.update(goals=[10**30]),
        lambda item: item.update(goals=["<img src=x>"]),
        lambda item: item.update(proof_until=10**30),
        lambda item: item.update(amendments=[{"number": 1}]),
        lambda item: item.update(amendments=[{**AMENDMENT, "made_at": 10**30}]),
        lambda item: item.update(amendments=[{**AMENDMENT, "kind": "<img src=x>"}]),
        lambda item: item.update(amendments=[{**AMENDMENT, "number": "<img src=x>"}]),
        lambda item: item.update(amendments=[{**AMENDMENT, "languages": []}]),
        lambda item: item.update(
            amendments=[{**AMENDMENT, "languages": ["/x"], "reasons": {"/x": "y"}}]
        ),
        lambda item: item.pop("organiser"),
        lambda item: item["texts"]["en"].update(more="1"),
    ],
)
def test_a_petition_that_cannot_have_been_published_does_not_exist(
    petitions_table: Table, log_lines: list[dict[str, Any]], change: Callable[[Item], Any]
) -> None:
    petitions.save(petitions_table, builders.petition(slug="window"))
    item = as_read({}, petition_items.to_item(builders.petition()))
    change(item)
    petitions_table.put(PETITION, item)

    with pytest.raises(NotFound):
        petitions.get(petitions_table, "open-door")

    assert [petition.slug for petition in petitions.list_all(petitions_table)] == ["window"]
    assert petitions.slugs(petitions_table) == ["open-door", "window"]
    events = {line["event"] for line in log_lines}
    assert events == {"item open-door of petition was not written by publishing: refused"}


@pytest.mark.parametrize(
    "changes",
    [
        {"slug": "../door"},
        {"name": "week-2026-03-09"},
        {"name": "a/b"},
        {"languages": ["en\r\nx"]},
        {"languages": "en"},
        {"published_on": 5},
        {"send_at": "soon"},
        {"send_at": "2026-03-01T09:00:00"},
        {"changed_at": "2026-03-01T09:00:00"},
        {"texts": {}},
    ],
)
def test_an_update_that_cannot_have_been_published_does_not_exist(
    petitions_table: Table, log_lines: list[dict[str, Any]], changes: Item
) -> None:
    petitions_table.put(
        keys.update("open-door", "second"), updates.to_item(builders.update(name="second"))
    )
    petitions_table.put(UPDATE, {**updates.to_item(builders.update()), **changes})

    with pytest.raises(NotFound):
        updates.get(petitions_table, "open-door", "first-news")

    assert [update.name for update in updates.list_of(petitions_table, "open-door")] == ["second"]
    events = {line["event"] for line in log_lines}
    assert events == {"item first-news of update#open-door was not written by publishing: refused"}


def test_a_cleaned_item_is_logged_without_its_content(
    petitions_table: Table, log_lines: list[dict[str, Any]]
) -> None:
    petitions_table.put(UPDATE, updates.to_item(builders.update()))
    assert updates.list_of(petitions_table, "open-door") == [builders.update()]
    assert log_lines == []
    item = as_read({}, updates.to_item(builders.update()))
    item["texts"]["en"]["html"] = "<p>It moved a little.<img src=x></p>"
    petitions_table.put(UPDATE, item)

    assert updates.get(petitions_table, "open-door", "first-news") == builders.update()

    [line] = log_lines
    assert line["level"] == "WARNING"
    event = "item first-news of update#open-door was not written by publishing: cleaned"
    assert line["event"] == event


@pytest.mark.parametrize(
    "picture", [b"<svg onload=alert(1)>", b"<html>", b"", b"\x89PN", "\x89PNG\r\n\x1a\n", None]
)
def test_a_preview_image_that_is_neither_png_nor_jpeg_does_not_exist(
    petitions_table: Table, picture: object
) -> None:
    petitions_table.put(keys.preview_image("open-door", "en"), {"picture": picture})

    with pytest.raises(NotFound):
        preview_images.get(petitions_table, "open-door", "en")
