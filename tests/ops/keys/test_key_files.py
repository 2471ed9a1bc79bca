"""Key files are private, written whole, and never replaced unseen."""

import multiprocessing
import os
import signal
import stat
from pathlib import Path

import pytest

from ops.keys import key_files
from ops.keys.key_files import ChangedMeanwhile


def test_a_new_file_is_private_and_never_replaces_one(tmp_path: Path) -> None:
    path = tmp_path / "anna.key"

    key_files.create(path, "first")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ChangedMeanwhile, match=r"anna\.key"):
        key_files.create(path, "second")
    assert path.read_text("utf-8") == "first"
    assert [file.name for file in tmp_path.iterdir()] == ["anna.key"]


def test_a_file_is_replaced_only_while_it_is_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    key_files.create(path, "first")

    key_files.replace(path, "second", old="first")

    assert path.read_text("utf-8") == "second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ChangedMeanwhile):
        key_files.replace(path, "third", old="first")
    path.unlink()
    with pytest.raises(ChangedMeanwhile):
        key_files.replace(path, "third", old="second")
    assert not path.exists()


def _replace(path: Path, number: int) -> None:
    try:
        key_files.replace(path, f"from process {number}", old="first")
    except ChangedMeanwhile:
        os._exit(7)


def test_of_many_processes_at_once_one_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    key_files.create(path, "first")
    processes = [multiprocessing.Process(target=_replace, args=(path, n)) for n in range(8)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert sorted(process.exitcode or 0 for process in processes) == [0] + [7] * 7
    [winner] = [n for n, process in enumerate(processes) if process.exitcode == 0]
    assert path.read_text("utf-8") == f"from process {winner}"


def _replace_and_be_killed(path: Path) -> None:
    def kill(_descriptor: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    pytest.MonkeyPatch().setattr(os, "fsync", kill)
    key_files.replace(path, "second", old="first")


def test_a_killed_process_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    key_files.create(path, "first")
    process = multiprocessing.Process(target=_replace_and_be_killed, args=(path,))

    process.start()
    process.join()

    assert process.exitcode == -signal.SIGKILL
    assert path.read_text("utf-8") == "first"
    key_files.replace(path, "second", old="first")
    assert path.read_text("utf-8") == "second"
