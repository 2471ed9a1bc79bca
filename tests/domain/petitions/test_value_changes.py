"""What a petition's settings and unsigned lines say before and after a change."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, time
from typing import Any, Final

import pytest

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import DigestTimes
from chalicelib.domain.petitions.petition import Organiser, Petition
from chalicelib.domain.petitions.picture import MediaType, Picture
from chalicelib.domain.petitions.value_changes import value_changes
from tests import builders

_PICTURE = Picture(media_type=MediaType.JPG, digest="0" * 16, width=2, height=1)
_CHANGED: Final[Mapping[str, Any]] = {
    "opens_on": date(2026, 1, 2),
    "closes_on": date(2027, 1, 1),
    "goals": (7,),
    "discreet": False,
    "pseudonyms": True,
    "risk_languages": ("en",),
    "publishes_countries": False,
    "amendments_offer_withdrawal": True,
    "picture": _PICTURE,
    "digest_times": DigestTimes(at=time(10)),
    "milestones": (Milestone.GOAL,),
    "handed_in_on": date(2026, 5, 1),
    "approvals": frozenset({"exports"}),
    "organiser": Organiser(name="Door Watch", email="new@example.org", website="https://e.org"),
}
_BY_PUBLISHING_OR_SWITCHES = {
    "slug",
    "version",
    "public_key",
    "key_proven",
    "key_since",
    "former_keys",
    "verification",
    "proof_until",
    "switches",
    "amendments",
    "closed_at",
}


@pytest.mark.parametrize("name", _CHANGED)
def test_every_setting_that_changes_is_shown(name: str) -> None:
    before = builders.petition()

    assert value_changes(before, replace(before, **{name: _CHANGED[name]}))


def test_no_field_of_a_petition_is_forgotten() -> None:
    names = {each.name for each in fields(Petition)}

    assert names == {*_CHANGED, *_BY_PUBLISHING_OR_SWITCHES, "texts"}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("risk", "texts.en.risk"),
        ("risk_question", "texts.en.risk_question"),
        ("picture_alt", "texts.en.picture"),
        ("picture_credit", "texts.en.credit"),
        ("outcome", "texts.en.outcome"),
    ],
)
def test_a_line_that_nobody_signs_is_shown(name: str, path: str) -> None:
    line: dict[str, Any] = {name: "New words."}
    before = builders.petition(texts={"en": builders.petition_text(**{name: ""})})
    after = builders.petition(texts={"en": builders.petition_text(**line)})

    (change,) = value_changes(before, after)

    assert (change.path, change.before, change.after) == (path, "", "New words.")


def test_an_added_language_is_shown_with_its_lines() -> None:
    text = builders.petition_text()
    before = builders.petition(texts={"en": text})
    after = builders.petition(texts={"en": text, "be": replace(text, title="Адчыніце дзверы")})

    found = {change.path: change.after for change in value_changes(before, after)}

    assert found["languages"] == "en, be"
    assert found["texts.be.title"] == "Адчыніце дзверы"


def test_another_first_language_is_a_change() -> None:
    text = builders.petition_text()
    before = builders.petition(texts={"en": text, "be": text})

    (change,) = value_changes(before, builders.petition(texts={"be": text, "en": text}))

    assert (change.path, change.after) == ("languages", "be, en")
