"""A file is written as a whole or not at all, and a killed process leaves nothing of it behind."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ops.atomic_write import UNFINISHED, atomic_write, unfinished_folder
from ops.compiling import ROOT

KILLED_WRITER = """
import os, sys
from pathlib import Path
from ops.atomic_write import atomic_write
if sys.argv[2] == "named":
    vars(os).pop("O_TMPFILE", None)
with atomic_write(Path(sys.argv[1]), "w") as file:
    file.write("nina@example.org\\n" * 100_000)
    file.flush()
    print("written", flush=True)
    sys.stdin.read()
"""

only_with_unnamed_files = pytest.mark.skipif(
    not hasattr(os, "O_TMPFILE"), reason="this system has no files without a name"
)


@pytest.fixture(params=["unnamed", "named"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system with files without a name, and one that has none."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    return str(request.param)


def kill_while_writing(path: Path, kind: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_WRITER, str(path), kind],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL


@pytest.mark.usefixtures("kind")
def test_the_file_appears_at_the_end_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "signatures.csv"

    with atomic_write(path, "w", encoding="utf-8") as file:
        file.write("Ніна\n")
        assert not path.exists()

    assert path.read_text("utf-8") == "Ніна\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("kind")
def test_the_file_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "signatures.csv"
    path.write_text("old", "utf-8")

    with atomic_write(path, "w") as file:
        file.write("new")

    assert path.read_text("utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def _write_and_interrupt(path: Path) -> None:
    with atomic_write(path, "w") as file:
        file.write("new")
        raise KeyboardInterrupt


@pytest.mark.usefixtures("kind")
def test_an_error_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "signatures.csv"
    path.write_text("old", "utf-8")

    with pytest.raises(KeyboardInterrupt):
        _write_and_interrupt(path)

    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@only_with_unnamed_files
def test_a_killed_process_leaves_nothing_behind(tmp_path: Path) -> None:
    kill_while_writing(tmp_path / "signatures.csv", "unnamed")

    assert list(tmp_path.iterdir()) == []


def test_without_unnamed_files_the_next_run_removes_what_a_killed_process_left(
    tmp_path: Path,
) -> None:
    path, other = tmp_path / "signatures.csv", tmp_path / f"other.csv.1{UNFINISHED}"
    other.touch()
    kill_while_writing(path, "named")
    [left] = set(tmp_path.iterdir()) - {other}
    assert (left.name[:15], left.suffix) == ("signatures.csv.", UNFINISHED)
    assert stat.S_IMODE(left.stat().st_mode) == 0o600

    with atomic_write(path, "w") as file:
        file.write("new")

    assert set(tmp_path.iterdir()) == {path, other}


@only_with_unnamed_files
def test_a_file_system_without_unnamed_files_gets_a_named_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open = os.open

    def refuse_unnamed(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return really_open(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse_unnamed)

    with atomic_write(tmp_path / "signatures.csv", "w") as file:
        file.write("new")
        assert [path.suffix for path in tmp_path.iterdir()] == [UNFINISHED]

    assert [path.name for path in tmp_path.iterdir()] == ["signatures.csv"]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "none" / "signatures.csv"):
        pass


def test_a_folder_for_parts_is_private_and_goes_with_its_block(tmp_path: Path) -> None:
    with unfinished_folder(tmp_path / "list.xlsx") as folder:
        (folder / "part").touch()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    assert list(tmp_path.iterdir()) == []


def test_the_next_run_removes_the_folder_that_a_killed_process_left(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    left = tmp_path / f"list.xlsx.1{UNFINISHED}"
    left.mkdir()
    (left / "part").touch()

    with atomic_write(path, "w") as file:
        file.write("new")

    assert list(tmp_path.iterdir()) == [path]
