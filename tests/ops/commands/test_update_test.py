"""An update is mailed to an organiser's own address, once a code has shown that it is theirs."""

import re
from collections.abc import Iterator
from datetime import timedelta

import click
import pytest

from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

UPDATE_ID = "open-door/first-news"
ANNA = "anna@example.org"
CODE = re.compile(r"^([0-9A-Z]{4}) ([0-9A-Z]{4})$", re.MULTILINE)


@pytest.fixture
def organiser(operator: World) -> World:
    """A service with a published update."""
    operator.publish_update()
    return operator


def typing(monkeypatch: pytest.MonkeyPatch, answers: Iterator[str]) -> None:
    """Answer prompts, when they come."""
    monkeypatch.setattr(click, "prompt", lambda *_, **__: next(answers))


def mailed_codes(world: World) -> Iterator[str]:
    """Each time, the code that was mailed last, as its reader types it."""
    while True:
        world.deliver_all()
        match = CODE.search(world.mails()[-1].text)
        assert match
        yield match[0].lower()


def test_a_new_address_is_asked_for_its_code_and_later_is_not(
    organiser: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch, mailed_codes(organiser))
    first = zaklik("update", "test", UPDATE_ID, "--to", ANNA)
    organiser.deliver_all()
    typing(monkeypatch, iter(()))
    second = zaklik("update", "test", UPDATE_ID, "--to", ANNA, "--language", "be")
    organiser.deliver_all()

    assert first.exit_code == second.exit_code == 0, first.output + second.output
    assert "A code is on its way to it; it works for 15 minutes." in first.stdout
    assert "An address gets at most 3 codes a day (UTC). If none comes, look" in first.stdout
    assert "2 test mails on the way: en, be." in first.stdout
    assert f"zaklik update send {UPDATE_ID}" in first.stdout
    assert "1 test mail on the way: be." in second.stdout
    subjects = [mail.subject for mail in organiser.mails(to=ANNA)]
    assert len(subjects) == 4
    assert subjects[1].startswith("[Test] ")
    assert [subject[:7] for subject in subjects[2:]] == ["[Тэст] "] * 2


def test_three_wrong_codes_send_nothing(organiser: World, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, iter(["AAAA AAAA", "BBBB BBBB", "CCCC CCCC"]))

    result = zaklik("update", "test", UPDATE_ID, "--to", ANNA)
    organiser.deliver_all()

    assert result.exit_code == 1
    assert result.stdout.count("Take the code of the newest mail.") == 2
    assert "No test has been sent." in result.stderr
    assert len(organiser.mails()) == 1


def test_a_code_that_is_typed_too_late_is_refused(
    organiser: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.usecases.alerts.verifying.CODE_LIFETIME", timedelta(minutes=-1))
    typing(monkeypatch, mailed_codes(organiser))

    result = zaklik("update", "test", UPDATE_ID, "--to", ANNA)

    assert "The code has expired. Type the command again." in result.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((UPDATE_ID, "--to", "anna"), "email"),
        ((UPDATE_ID, "--to", ANNA, "--language", "fr"), "no text in “fr”. It is in: en, be."),
        (("open-door/nothing", "--to", ANNA), "Is it published"),
    ],
)
def test_a_mistype_is_answered_with_what_was_meant(
    organiser: World, words: tuple[str, ...], reason: str
) -> None:
    assert reason in refused(zaklik("update", "test", *words))
    assert organiser.is_idle()


def test_an_interrupted_command_has_sent_no_test(
    organiser: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> str:
        raise click.Abort

    monkeypatch.setattr(click, "prompt", interrupted)

    result = zaklik("update", "test", UPDATE_ID, "--to", ANNA)
    organiser.deliver_all()

    assert result.exit_code == 130
    assert [mail.subject for mail in organiser.mails()] == ["The code that you asked for"]
