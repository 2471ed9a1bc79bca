"""`zaklik petition destroy`: it says what goes, asks for the name, and writes a certificate."""

import json
from datetime import date
from pathlib import Path

import pytest

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.store.organisers import trail
from chalicelib.usecases.destruction import asking
from ops.deploy import account
from ops.local import moto_internals
from tests import builders
from tests.ops.pseudo_terminal import zaklik
from tests.sealed_exports import SLUG
from tests.world import World


@pytest.fixture(autouse=True)
def _delivered(operator: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command waits, AWS delivers what it has queued."""
    monkeypatch.setattr(account, "sleep", lambda seconds: operator.deliver_messages())


@pytest.fixture
def ended(operator: World) -> World:
    """A petition with a signature, which has ended."""
    operator.sign_and_confirm()
    operator.publish_signed(builders.petition(closes_on=date(2026, 3, 7)))
    return operator


def test_a_dry_run_says_what_would_go_and_deletes_nothing(ended: World) -> None:
    result = zaklik("petition", "destroy", SLUG, "--dry-run")

    assert result.exit_code == 0
    assert "1 confirmed signature" in result.stdout
    assert len(ended.signatures()) == 1


def test_another_name_than_the_petitions_deletes_nothing(ended: World) -> None:
    result = zaklik("petition", "destroy", SLUG, typed="other-door\n")

    assert result.exit_code == 1
    assert "Nothing was deleted" in result.stderr
    assert len(ended.signatures()) == 1


def test_its_name_deletes_everything_and_a_certificate_is_written(
    ended: World, tmp_path: Path
) -> None:
    out = tmp_path / "destroyed.json"

    result = zaklik("petition", "destroy", SLUG, "--certificate", out, typed=f"{SLUG}\n")

    assert result.exit_code == 0, result.output
    assert "1 signature and 0 subscriptions" in result.stdout
    assert ended.signatures() == []
    values = json.loads(out.read_text("utf-8"))
    assert json.loads(values["certificate"])["signatures"]["count"] == 1
    [line] = trail.all_of(ended.services.organisers, SLUG)
    assert (line.actor.name, line.act) == ("the operator", "destroy data")


def test_the_same_command_lets_one_go_on_whose_message_was_lost(ended: World) -> None:
    asking.start(ended.services, SLUG, by=OPERATOR)
    for name in ("zaklik-changes.fifo", "zaklik-exports.fifo"):
        moto_internals.messages_of(moto_internals.queues()[name]).clear()

    result = zaklik("petition", "destroy", SLUG)

    assert result.exit_code == 0, result.output
    assert ended.signatures() == []


def test_an_open_petition_is_not_destroyed(operator: World) -> None:
    operator.publish(builders.petition(closes_on=date(2030, 1, 1)))

    result = zaklik("petition", "destroy", SLUG)

    assert "has not ended" in result.stdout
    assert result.exit_code == 0
