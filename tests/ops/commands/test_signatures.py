"""Organisers see exact figures, hold signatures, and release them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.domain.petitions import health
from chalicelib.store import keys
from chalicelib.store.organisers import trail
from chalicelib.store.petitions import funnels
from chalicelib.usecases.petitions import overview
from ops.commands import queued_changes
from ops.deploy import account
from tests.ops.pseudo_terminal import refused, zaklik
from tests.proving import press
from tests.world import World

TRAP = "https://buy.example"


def look_only_where_somebody_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going through all 256 partitions takes moto half a second; some tests here do."""
    used = sorted({item["pk"].rpartition("#")[2] for item in world.signatures()})
    monkeypatch.setattr(keys, "BUCKETS", tuple(used))


@pytest.fixture
def people(operator: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two who count, from Poland and from nobody knows where, and one who is held."""
    operator.sign_and_confirm(email="one@example.org", country="PL")
    operator.sign_and_confirm(email="two@example.org", country="")
    operator.sign_and_confirm(email="three@example.org", country="LT", website=TRAP)
    look_only_where_somebody_is(operator, monkeypatch)
    monkeypatch.setattr(account, "sleep", lambda seconds: operator.deliver_messages())
    return operator


def test_the_status_says_exactly_what_the_public_is_not_shown(people: World) -> None:
    output = zaklik("petition", "status", "open-door").stdout

    assert "“open-door” is open; the last day to sign is 2026-12-31." in output
    assert "2 signatures confirmed, exactly. The public is shown 0." in output
    assert "The public figures were never set." in output
    assert [line.split()[:2] for line in output.splitlines() if "not shown" in line] == [
        ["did", "not"],
        ["Poland", "PL"],
    ]
    assert "that takes 3 countries with at least 10 signatures each" in output
    assert "1 signature held, not counted." in output
    assert "honeypot" in output


def test_the_status_says_what_works_in_the_words_of_the_desk(operator: World) -> None:
    today = datetime.now(UTC)
    figures = {"complained#yahoo": 3, "mailed#yahoo": 500}
    funnels.add(operator.services.petitions, "open-door", today.date(), figures, now=today)

    output = zaklik("petition", "status", "open-door").stdout

    warning = health.of_complaints(3, 500, overview.COMPLAINT_DAYS)
    assert f"• {warning.text}\n" in output
    assert "say in its first line why people get it" in output
    assert output.index(warning.text) < output.index("✓ Mails go out at once.")


def test_the_status_says_who_reads_which_language_how_often(operator: World) -> None:
    operator.sign_and_confirm(email="one@example.org", alerts="yes")
    own_page = operator.ask_for_own_page("one@example.org")
    operator.post(own_page, {"do": "change", "language": "be", "frequency": "weekly"})
    operator.sign_and_confirm(email="two@example.org", alerts="yes")
    operator.sign_and_confirm(email="three@example.org")

    output = zaklik("petition", "status", "open-door").stdout

    assert "2 subscribers to news by mail, exactly." in output
    lines = [line for line in output.splitlines() if " be " in line or " en " in line]
    assert ["1 once a week" in line for line in lines] == [True, False]
    assert ["1 each time" in line for line in lines] == [False, True]
    assert "@" not in output


def test_the_status_shows_the_public_figures_beside_the_exact_ones(operator: World) -> None:
    operator.raise_tally(PL=44, LT=13, DE=12, BY=9)
    operator.set_figures()

    output = zaklik("petition", "status", "open-door").stdout

    lines = {line.split()[0]: line for line in output.splitlines() if "shown" in line}
    assert "78 signatures confirmed, exactly. The public is shown 75." in output
    assert "The public figures were set at 2026-03-09 12:00 UTC. They may rise at" in output
    assert "44" in lines["Poland"]
    assert "shown as 40" in lines["Poland"]
    assert "shown as 10" in lines["Germany"]
    assert "not shown" in lines["Belarus"]
    assert "No country is shown" not in output
    assert lines["Poland"].count("█") > 3 * lines["Germany"].count("█") > 0
    assert "The table holds 0 confirmed" in output


def test_the_status_stays_when_the_petition_has_closed(people: World) -> None:
    people.clock.advance(days=500)
    people.set_figures()

    result = zaklik("petition", "status", "open-door")

    assert result.exit_code == 0
    assert "They are final." in result.stdout
    assert "2 signatures confirmed, exactly." in result.stdout


def test_what_is_held_is_shown_without_persons(people: World) -> None:
    output = zaklik("signature", "held", "open-door").stdout

    assert "1 signature held, not counted." in output
    for line in (["honeypot", "1"], ["2026-03-08", "1"]):
        assert line in [row.split()[:2] for row in output.splitlines()]
    assert "three" not in output
    for item in people.signatures():
        assert item["sk"] not in output


@pytest.fixture
def university(people: World) -> World:
    """Three members of a university, of whom two are held; one form was filled in by a program."""
    press(people, busy_domain_mailboxes=1, flooded_domain_mailboxes=2)
    people.sign_and_confirm(email="first@university.example")
    people.sign_and_confirm(email="second@university.example")
    people.sign_and_confirm(email="third@university.example", website=TRAP)
    # People from elsewhere have signed before.
    assert people.count() == 3
    return people


def test_the_status_names_a_university_that_is_held(
    university: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_only_where_somebody_is(university, monkeypatch)

    output = zaklik("petition", "status", "open-door").stdout

    assert "3 signatures held, not counted." in output
    rows = [row.split()[:2] for row in output.splitlines()]
    assert ["flooded-domain", "2"] in rows
    assert ["honeypot", "2"] in rows
    assert "2 signatures of a domain from which suddenly many signed" in output
    assert "signature release open-door --signal flooded-domain --dry-run" in output
    assert "university.example" not in output


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--signal", "flooded-domain"), 2),
        (("--signal", "flooded-domain", "--signal", "honeypot"), 1),
        (("--signal", "flooded-domain", "--without", "honeypot"), 1),
        (("--without", "flooded-domain"), 1),
        (("--without", "flooded-domain", "--without", "honeypot"), 0),
    ],
)
def test_signals_combine(
    university: World, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], count: int
) -> None:
    look_only_where_somebody_is(university, monkeypatch)

    dry = zaklik("signature", "release", "open-door", *words, "--dry-run").stdout
    counted = university.count()
    zaklik("signature", "release", "open-door", *words, "--yes")
    university.deliver_all()

    assert f"{count} signature{'' if count == 1 else 's'} would be released." in dry
    assert counted == 3
    assert university.count() == 3 + count


def test_nothing_held_is_one_line(operator: World) -> None:
    assert zaklik("signature", "held", "open-door").stdout == "No signature is held.\n"


def test_a_release_asks_first_and_counts_after(people: World) -> None:
    result = zaklik("signature", "release", "open-door", "--signal", "honeypot", typed="y\n")
    people.deliver_all()

    assert result.exit_code == 0
    assert "1 signature will be released. Go on?" in result.stdout
    assert "✓ 1 signature released." in result.stdout
    assert people.count() == 3


def test_a_no_changes_nothing(people: World) -> None:
    result = zaklik("signature", "release", "open-door", typed="n\n")
    people.deliver_all()

    assert result.exit_code == 130
    assert people.count() == 2


def test_a_dry_run_says_how_many_and_changes_nothing(people: World) -> None:
    released = zaklik("signature", "release", "open-door", "--dry-run")
    held = zaklik(
        "signature", "hold", "open-door", "--country", "pl", "--why", "burst", "--dry-run"
    )
    people.deliver_all()

    assert "1 signature would be released. Nothing is changed." in released.stdout
    assert "1 signature would be held. Nothing is changed." in held.stdout
    assert people.count() == 2


def test_the_trail_says_what_was_held_and_released(people: World) -> None:
    zaklik("signature", "release", "open-door", "--dry-run")
    zaklik("signature", "release", "open-door", "--yes")
    zaklik("signature", "hold", "open-door", "--country", "pl", "--why", "a burst", "--yes")

    lines = trail.all_of(people.services.organisers, "open-door")
    assert [(line.actor.name, line.act, line.detail) for line in lines] == [
        ("the operator", "release signatures", "1 signature"),
        ("the operator", "hold signatures", "1 signature: a burst"),
    ]


def test_a_hold_is_named_and_taken_back_by_its_name(people: World) -> None:
    held = zaklik(
        "signature", "hold", "open-door", "--from", "2026-03-08", "--why", "an odd day", "--yes"
    )
    people.deliver_all()
    assert people.count() == 0
    assert "✓ 2 signatures held." in held.stdout
    assert "signature release open-door --why 'an odd day'" in held.stdout
    assert "“an odd day”" in zaklik("signature", "held", "open-door").stdout

    zaklik("signature", "release", "open-door", "--why", "an odd day", "--yes")
    people.deliver_all()

    assert people.count() == 2


def test_while_the_function_does_nothing_the_command_says_what_is_queued(
    people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "sleep", lambda seconds: None)
    monkeypatch.setattr(queued_changes, "PATIENCE_SECONDS", 0.0)

    result = zaklik("signature", "release", "open-door", "--yes")

    assert result.exit_code == 0
    assert "0 signatures of 1 released by now. The others are queued." in result.stdout
    assert "signature held open-door" in result.stdout
    people.deliver_all()
    assert people.count() == 3


def test_a_signature_that_is_withdrawn_meanwhile_is_not_waited_for(
    people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "sleep", lambda seconds: people.withdraw("three@example.org"))

    result = zaklik("signature", "release", "open-door", "--yes")
    people.deliver_all()

    assert "✓ 0 signatures released." in result.stdout
    assert people.count() == 2


def test_days_are_meant_from_their_start_to_their_end(
    operator: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.sign_and_confirm()
    look_only_where_somebody_is(operator, monkeypatch)

    for first, last, meant in (
        ("2026-03-08", "2026-03-08", 1),
        ("2026-03-01", "2026-03-09", 1),
        ("2026-03-09", "2026-03-10", 0),
        ("2026-03-01", "2026-03-07", 0),
    ):
        which = ("--from", first, "--to", last)
        result = zaklik("signature", "hold", "open-door", *which, "--why", "burst", "--dry-run")
        assert f"{meant} signature" in result.stdout, which


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--signal", "trick"), "'trick' is not one of 'honeypot', 'disposable'"),
        (("--country", "XX"), "“XX” is not the code of a country"),
        (("--from", "yesterday"), "“yesterday” is no day"),
        (("--to", "2026-03-08T12:00"), "“2026-03-08T12:00” is no day"),
        (("--language", "be"), "No such option"),
        (("--why", "x" * 201), "more than 200 characters"),
    ],
)
def test_an_option_that_is_mistyped_is_refused(words: tuple[str, ...], reason: str) -> None:
    result = zaklik("signature", "hold", "open-door", "--why", "burst", *words, "--yes")

    assert result.exit_code == 2
    assert reason in result.stderr


def test_a_hold_of_everything_is_refused(operator: World) -> None:
    result = zaklik("signature", "hold", "open-door", "--why", "burst", "--yes")

    assert "Say which" in refused(result)


def test_a_petition_that_is_not_there_is_refused(operator: World) -> None:
    for words in (("petition", "status"), ("signature", "held"), ("signature", "release")):
        assert "Is it published" in refused(zaklik(*words, "no-such-door"))


@pytest.mark.usefixtures("exportable")
def test_an_export_leaves_out_what_is_held_and_says_so(people: World, tmp_path: Path) -> None:
    output = zaklik("export", "open-door", "--out", tmp_path / "signatures.zaklik").stdout

    assert "holds 2 signatures of “open-door”, sealed" in output
    assert "1 signature held, so not in it:" in output
