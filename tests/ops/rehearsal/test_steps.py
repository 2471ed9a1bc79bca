"""The log says what was done, and when something was not, what was expected and what came."""

import pytest

from ops.rehearsal.lacks import LACKS
from ops.rehearsal.steps import Log, StepFailed, Unexpected, expect, expect_in, until


@pytest.fixture
def lines() -> list[str]:
    """What the log has said."""
    return []


@pytest.fixture
def log(lines: list[str]) -> Log:
    """A log whose clock goes on by a second and a half at each look."""
    seconds = iter(range(100))
    return Log(say=lines.append, clock=lambda: 1.5 * next(seconds))


def test_each_step_is_a_line_with_its_seconds(log: Log, lines: list[str]) -> None:
    log.chapter("Signing")
    with log.step("the form"):
        pass
    log.note("one\ntwo")

    assert lines == ["", "Signing", "  ✓   1.5 s  the form", "         one", "         two"]
    assert log.done_count == 1


def test_a_failed_step_names_itself_and_what_came(log: Log, lines: list[str]) -> None:
    with pytest.raises(StepFailed) as failed, log.step("the form"):
        expect("status", 503, 200)

    assert lines == ["  ✗   1.5 s  the form"]
    assert str(failed.value) == "the form\nstatus\n  expected: 200\n  came:     503"
    assert log.done_count == 0


def test_any_other_error_is_named(log: Log) -> None:
    with (
        pytest.raises(StepFailed, match="the form\nConnectionError: refused"),
        log.step("the form"),
    ):
        raise ConnectionError("refused")


def test_what_is_expected_passes() -> None:
    expect("status", 200, 200)
    expect_in("the page", "<form", "<p><form>")

    with pytest.raises(Unexpected, match="something with '<form'"):
        expect_in("the page", "<form", "<p>")


def test_waiting_ends_with_what_was_waited_for_or_says_what_is_missing() -> None:
    looks = iter([None, [], ["a mail"]])

    assert until("a mail", lambda: next(looks)) == ["a mail"]
    with pytest.raises(Unexpected, match=r"a mail\n  expected: it within 0 seconds"):
        until("a mail", lambda: None, seconds=0)


def test_every_lack_says_what_stands_for_it() -> None:
    for lack in LACKS:
        assert lack.what.endswith(".")
        assert lack.instead.endswith(".")
