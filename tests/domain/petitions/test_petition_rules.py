"""A petition's rules need no files: plain values become a petition, or errors by field."""

from datetime import date, time
from typing import Any

import pytest

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import DigestTimes
from chalicelib.domain.fields import FieldError, Fields
from chalicelib.domain.petitions import petition_rules
from chalicelib.domain.petitions.petition import Petition
from tests import builders

VALUES: dict[str, Any] = {
    "languages": ["en"],
    "opens_on": date(2026, 1, 1),
    "closes_on": date(2026, 12, 31),
    "goals": [10, 100],
    "organiser": {
        "name": "Door Watch",
        "email": "desk@door-watch.org",
        "website": "https://door-watch.org",
    },
}


def parsed(
    changes: dict[str, Any], slug: str = "open-door", public_key: bytes = bytes(32)
) -> tuple[Petition, list[FieldError]]:
    fields = Fields(values={**VALUES, **changes}, errors=[])
    petition = petition_rules.parse_petition(
        fields,
        slug=slug,
        texts={"en": builders.petition_text()},
        public_key=public_key,
        interface_languages=["en", "be"],
        live_on=None,
    )
    return petition, fields.errors


def test_plain_values_become_a_petition() -> None:
    petition, errors = parsed({})

    assert errors == []
    assert (petition.slug, petition.goals, petition.languages) == ("open-door", (10, 100), ("en",))
    assert petition.organiser.email == "desk@door-watch.org"


def test_a_petition_without_a_proven_key_is_not_taken_for_one_with_it() -> None:
    with_key, _ = parsed({})
    without, _ = parsed({}, public_key=b"")

    assert (with_key.key_proven, without.key_proven) == (True, False)


def test_every_error_names_its_field() -> None:
    changes = {
        "languages": ["en", "be"],
        "closes_on": date(2025, 1, 1),
        "goals": [],
        "organiser": {"name": "", "email": "desk", "website": "door-watch.org", "phone": "1"},
    }

    _, errors = parsed(changes, slug="api")

    assert {error.field for error in errors} == {
        "slug",
        "closes_on",
        "goals",
        "organiser.name",
        "organiser.email",
        "organiser.website",
        "organiser.phone",
        "texts.be",
    }
    assert all(error.remedy or error.example for error in errors)


def test_an_organisers_mailbox_must_fit_into_a_link() -> None:
    organiser = {**VALUES["organiser"], "email": "desk?bcc=spy@door-watch.org"}

    _, [error] = parsed({"organiser": organiser})

    assert error.field == "organiser.email"
    assert error.what == "This address cannot stand in a link."


@pytest.mark.parametrize("hidden", ["\n", "\u2028", "\u2029", "\u202e", "\x0b", "\x85"])
def test_a_line_has_no_hidden_characters(hidden: str) -> None:
    organiser = {**VALUES["organiser"], "name": f"Door{hidden}Watch"}

    _, [error] = parsed({"organiser": organiser})

    assert error.field == "organiser.name"
    assert f"U+{ord(hidden):04X}" in error.what


def test_digests_are_due_when_the_petition_says() -> None:
    without, _ = parsed({})
    petition, errors = parsed({"digest_at": "18:30 Europe/Minsk", "digest_day": "friday"})

    assert errors == []
    assert without.digest_times == DigestTimes(at=time(9), zone="UTC", weekday=0)
    assert petition.digest_times == DigestTimes(at=time(18, 30), zone="Europe/Minsk", weekday=4)


def test_acts_need_a_second_organiser_only_if_the_petition_asks_for_it() -> None:
    without, _ = parsed({"approvals": []})
    petition, errors = parsed({"approvals": ["sending", "exports"]})

    assert errors == []
    assert (without.approvals, petition.approvals) == (
        frozenset(),
        frozenset({"exports", "sending"}),
    )


def test_milestones_are_told_only_if_the_petition_asks_for_them() -> None:
    without, _ = parsed({})
    petition, errors = parsed(
        {"milestones": ["handed-in", "goal"], "handed_in_on": date(2026, 12, 1)}
    )

    assert errors == []
    assert (without.milestones, without.handed_in_on) == ((), None)
    assert petition.milestones == (Milestone.GOAL, Milestone.HANDED_IN)
    assert petition.handed_in_on == date(2026, 12, 1)
    assert parsed({"milestones": []}) == (without, [])


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("digest_at", "9 o'clock", "no time and time zone"),
        ("digest_at", "09:00 Minsk", "no time zone “Minsk”"),
        ("digest_at", "09:00", "“09:00” names no time zone"),
        ("digest_at", time(9), "must be text"),
        ("digest_day", "Moonday", "no day of the week"),
        ("digest_day", 1, "must be text"),
        ("milestones", ["goals"], "“goals” is no milestone"),
        ("milestones", "goal", "must be a list"),
        ("milestones", ["goal"] * 4, "at most 3 fit"),
        ("handed_in_on", "soon", "must be a date"),
        ("approvals", ["opening"], "“opening” cannot wait for approval"),
        ("approvals", "exports", "must be a list"),
        ("handed_in_on", date(2025, 12, 31), "before it opened on 2026-01-01"),
    ],
)
def test_what_is_wrong_about_the_news_is_named(field: str, value: object, what: str) -> None:
    _, [error] = parsed({field: value})

    assert error.field == field
    assert what in error.what
