"""Signatures reach the organisers, and nobody else on the way."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.jobs import JobState
from chalicelib.store import keys
from chalicelib.store.organisers import trail
from chalicelib.store.petitions import petitions
from chalicelib.usecases.exports import ordering
from chalicelib.usecases.exports.packing import MAX_NAMED
from chalicelib.usecases.organisers import recording
from chalicelib.usecases.petitions import publishing
from ops.deploy import account
from ops.keys import key_files, organiser_keys
from ops.local import moto_internals
from tests import builders
from tests.ops.conftest import PASSPHRASE
from tests.ops.folders import ANNA
from tests.ops.pseudo_terminal import refused, zaklik
from tests.sealed_exports import SLUG, index
from tests.world import World


@pytest.fixture(autouse=True)
def _delivered(exportable: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command waits, AWS delivers what it has queued."""
    monkeypatch.setattr(account, "sleep", lambda seconds: exportable.deliver_messages())


def test_signatures_travel_from_the_table_to_the_spreadsheet(
    exportable: World, tmp_path: Path, passphrase: None
) -> None:
    exportable.sign_and_confirm(name="=Ніна", email="nina@example.org", country="PL")
    exportable.sign_and_confirm(name="Ann", email="ann@example.org", country="")
    sealed, opened, key = (tmp_path / name for name in ("s.zaklik", "s.csv", "anna.key"))
    anna = replace(ANNA, trusted={SLUG: publishing.verification_keys(exportable.services)})
    key_files.create(key, organiser_keys.lock(anna, PASSPHRASE))

    exported = zaklik("export", SLUG, "--out", sealed)
    unsealed = zaklik("unseal", sealed, "--key", key, "--out", opened)

    assert (exported.exit_code, unsealed.exit_code) == (0, 0), unsealed.output
    assert "holds 2 signatures of “open-door”, sealed" in exported.stdout
    assert b"nina" not in sealed.read_bytes()
    with opened.open(encoding="utf-8-sig", newline="") as file:
        rows = sorted((row["name"], row["email"]) for row in csv.DictReader(file))
    assert rows == [("'=Ніна", "nina@example.org"), ("Ann", "ann@example.org")]


def test_an_export_replaces_a_file_only_by_force(exportable: World, tmp_path: Path) -> None:
    out = tmp_path / "signatures.zaklik"
    out.write_text("precious", "utf-8")

    assert "--force" in refused(zaklik("export", SLUG, "--out", out))
    assert out.read_text("utf-8") == "precious"
    assert zaklik("export", SLUG, "--out", out, "--force").exit_code == 0
    assert out.read_bytes().startswith(b"\x1f\x8b")


def test_an_export_that_fails_leaves_nothing_behind(exportable: World, tmp_path: Path) -> None:
    out = tmp_path / "out" / "signatures.zaklik"

    assert "no folder" in refused(zaklik("export", SLUG, "--out", out))
    out.parent.mkdir()
    assert "Is it published" in refused(zaklik("export", "nothing", "--out", out))
    assert list(out.parent.iterdir()) == []


def test_an_export_that_nobody_could_open_is_not_made(exportable: World, tmp_path: Path) -> None:
    out = tmp_path / "signatures.zaklik"

    petitions.save_key_file(exportable.services.petitions, SLUG, "forged")
    damaged = refused(zaklik("export", SLUG, "--out", out))
    exportable.services.petitions.delete(keys.petition_key_file(SLUG))
    missing = refused(zaklik("export", SLUG, "--out", out))

    assert "Publish the petition again" in missing
    assert "damaged" in damaged
    assert not out.exists()


def test_an_export_names_damaged_items_and_holds_the_others(
    exportable: World, tmp_path: Path
) -> None:
    exportable.sign_and_confirm()
    for number in range(1, MAX_NAMED + 3):
        exportable.services.signatures.put(keys.signature(SLUG, index(number)), {"state": "?"})
    hostile = {keys.PK: keys.bucket(SLUG, "00"), keys.SK: "00\x1b[2J"}
    exportable.services.signatures.put(hostile, {"state": "?"})
    out = tmp_path / "signatures.zaklik"

    result = zaklik("export", SLUG, "--out", out)

    assert result.exit_code == 1
    assert "holds 1 signature of “open-door”, sealed" in result.stdout
    assert f"✗ {MAX_NAMED + 3} items of the table cannot be read" in result.stderr
    assert "\x1b[2J" not in result.output
    assert index(1) in result.stdout
    assert "… and 3 more" in result.stdout
    assert out.exists()


def stopped(_seconds: float) -> None:
    """Ctrl-C."""
    raise KeyboardInterrupt


def test_an_export_goes_on_without_its_command_and_is_fetched_later(
    exportable: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exportable.sign_and_confirm()
    out = tmp_path / "signatures.zaklik"
    with monkeypatch.context() as patch:
        patch.setattr(account, "sleep", stopped)
        left = zaklik("export", SLUG, "--out", out)
    [job] = ordering.exports_of(exportable.services, SLUG)
    exportable.deliver_all()

    fetched = zaklik("export", SLUG, "--out", out, "--job", job.id)

    assert left.exit_code == 130
    assert f"--job {job.id}" in left.stderr
    assert fetched.exit_code == 0
    assert out.read_bytes() == exportable.file_of(job)
    assert len(ordering.exports_of(exportable.services, SLUG)) == 1


def test_an_export_whose_message_was_lost_goes_on(exportable: World, tmp_path: Path) -> None:
    exportable.sign_and_confirm()
    job = exportable.start_export()
    moto_internals.messages_of(moto_internals.queues()["zaklik-exports.fifo"]).clear()

    result = zaklik("export", SLUG, "--out", tmp_path / "signatures.zaklik", "--job", job.id)

    assert result.exit_code == 0, result.output


def test_an_export_of_which_no_line_can_be_written_is_not_fetched(
    exportable: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, out = exportable.run_export(), tmp_path / "signatures.zaklik"

    def refuse(*_: Any, **__: Any) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(recording, "record", refuse)
        result = zaklik("export", SLUG, "--out", out, "--job", job.id)

    assert result.exit_code == 1
    assert not out.exists()


def test_an_export_that_needs_an_approval_waits_for_it(exportable: World, tmp_path: Path) -> None:
    exportable.publish(replace(builders.petition(), approvals=frozenset({"exports"})))
    exportable.sign_and_confirm()
    out = tmp_path / "signatures.zaklik"

    asked = zaklik("export", SLUG, "--out", out)
    exportable.deliver_all()
    [job] = ordering.exports_of(exportable.services, SLUG)
    waiting = job.state
    ordering.approve(exportable.services, SLUG, job.id, by=Actor(id="hanna", name="Hanna"))
    fetched = zaklik("export", SLUG, "--out", out, "--job", job.id)

    assert asked.exit_code == 0
    assert "must approve it first" in asked.stdout
    assert waiting is JobState.WAITING
    assert fetched.exit_code == 0, fetched.output


def test_an_export_that_was_ended_or_deleted_is_not_fetched(
    exportable: World, tmp_path: Path
) -> None:
    out = tmp_path / "signatures.zaklik"
    done = exportable.run_export()
    ended = exportable.start_export()
    ordering.cancel(exportable.services, SLUG, ended.id)

    assert "Somebody has ended" in refused(zaklik("export", SLUG, "--out", out, "--job", ended.id))
    moto_internals.empty_buckets()
    assert "after a week" in refused(zaklik("export", SLUG, "--out", out, "--job", done.id))


def test_who_exports_by_the_command_line_is_in_the_trail(exportable: World, tmp_path: Path) -> None:
    zaklik("export", SLUG, "--out", tmp_path / "signatures.zaklik")

    lines = list(trail.all_of(exportable.services.organisers, SLUG))
    assert [(line.actor.name, line.act) for line in lines] == [
        ("the operator", "make list"),
        ("the operator", "download list"),
    ]
