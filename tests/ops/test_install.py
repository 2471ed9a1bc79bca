"""An installation that stops half-way, and one that cannot be made: what is left, what is said."""

import errno
import os
import sys
from pathlib import Path

import pytest

from ops import install

OFFLINE = """\
WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(...)': /thing/
ERROR: No matching distribution found for thing==1.0
"""
FULL_DISK = """\
Collecting thing==1.0
ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device
"""
CHANGED = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
STRANGE_MACHINE = """\
ERROR: Could not find a version that satisfies the requirement thing==1.0 (from versions: none)
ERROR: No matching distribution found for thing==1.0
"""
PIP_WORDS = {
    "offline": (OFFLINE, "Check the network"),
    "full disk": (FULL_DISK, "The disk is full"),
    "changed package": (CHANGED, "not the one that Zaklik pins"),
    "strange machine": (STRANGE_MACHINE, "make PYTHON="),
    "anything else": ("Collecting thing==1.0\nERROR: it broke\n", "ERROR: it broke"),
}
"""What pip writes, and what is said of it."""


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text("thing==1.0 \\\n    --hash=sha256:00\n", "utf-8")
    return path


def environment(folder: Path, *pip: str) -> Path:
    """An environment whose pip does what these lines of shell say."""
    python = folder / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    lines = ["#!/bin/sh", 'case "$*" in *--version|*check) exit 0;; esac', *pip]
    python.write_text("\n".join(lines) + "\n", "utf-8")
    python.chmod(0o755)
    return python.parents[1]


def run(folder: Path, requirements: Path) -> int:
    return install.main([str(folder), str(requirements)])


def test_pip_is_told_to_take_what_is_pinned_and_nothing_else(
    tmp_path: Path, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONSTRAINT", "constraints-of-this-machine.txt")
    made = environment(tmp_path, 'echo "$* PIP_CONSTRAINT=$PIP_CONSTRAINT" >> "$0.asked"')

    assert run(made, requirements) == 0

    [asked] = (made / "bin" / "python.asked").read_text().splitlines()
    assert asked == (
        "-m pip install --no-deps --only-binary :all: --require-hashes "
        f"-r {requirements} PIP_CONSTRAINT=/dev/null"
    )


def test_what_fails_before_packages_are_written_leaves_the_environment_as_it_was(
    tmp_path: Path, requirements: Path
) -> None:
    made = environment(tmp_path, "echo Collecting thing==1.0", "exit 1")

    assert run(made, requirements) == 1

    assert not (made / install.UNFINISHED).exists()
    assert (made / "bin" / "python").exists()


def test_an_environment_in_which_writing_stopped_is_made_anew(
    tmp_path: Path, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = environment(tmp_path, "echo Installing collected packages: thing", "kill -9 $$")
    assert run(made, requirements) == 1
    assert (made / install.UNFINISHED).exists()
    (made / "half-written").touch()
    monkeypatch.setattr(install, "_create", lambda folder: (folder / "half-written").unlink())

    run(made, requirements)

    assert not (made / "half-written").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(
    tmp_path: Path, requirements: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = environment(tmp_path)
    (made / "bin" / "python").unlink()
    (made / "bin" / "python").symlink_to("/nowhere/python3")

    # The new environment has a real pip, which has no thing with this hash to install.
    assert run(made, requirements.with_name("missing.txt")) == 1

    assert (made / "pyvenv.cfg").exists()
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("cause", PIP_WORDS)
def test_a_failure_is_said_in_one_sentence_with_its_remedy(
    cause: str, tmp_path: Path, requirements: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, expected = PIP_WORDS[cause]
    made = environment(tmp_path, f"cat <<'END'\n{words}END", "exit 1")

    assert run(made, requirements) == 1

    said = capsys.readouterr().err
    assert expected in said
    assert str(made / install.LOG) in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, "The disk is full"), (errno.EROFS, "cannot be written")]
)
def test_a_folder_that_cannot_be_written_is_said(
    number: int,
    expected: str,
    tmp_path: Path,
    requirements: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(install, "_create", fail)

    assert run(tmp_path / "environment", requirements) == 1

    assert expected in capsys.readouterr().err


def test_it_needs_no_package() -> None:
    imported = {
        line.split()[1].split(".")[0]
        for line in Path(install.__file__).read_text("utf-8").splitlines()
        if line.startswith(("import ", "from "))
    }

    assert imported <= sys.stdlib_module_names
