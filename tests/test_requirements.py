"""Every requirements file is complete: an installation resolves nothing and builds nothing."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ops.compiling import ROOT

PINNED = sorted(path.name for path in ROOT.glob("requirements*.txt"))
HERE = ("requirements.txt", "requirements-run.txt", "requirements-dev.txt")
"""The files whose packages are in this environment, so that what they require can be read."""
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "darwin")
MOST_TO_RUN = 60


def entries(name: str) -> list[Requirement]:
    """The pins of a file; whatever is not one, such as an address of an index, is an error."""
    text = re.sub(r"\s*\\\n", " ", (ROOT / name).read_text("utf-8"))
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    return [Requirement(line.partition(" --hash=")[0]) for line in lines]


def asked_for(path: Path) -> Iterator[Requirement]:
    """What a `.in` file and those that it includes name."""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            yield from asked_for(path.with_name(line.removeprefix("-r ").strip()))
        elif line and not line.startswith(("#", "-c ")):
            yield Requirement(line)


def lacking(name: str, environment: Mapping[str, str]) -> list[str]:
    """What is required, extras included, and not pinned so that it fits."""
    pins = {
        canonicalize_name(entry.name): next(iter(entry.specifier)).version
        for entry in entries(name)
        if entry.marker is None or entry.marker.evaluate(dict(environment))
    }
    found = []
    queue = [(wanted, {""}) for wanted in asked_for((ROOT / name).with_suffix(".in"))]
    seen = set()
    while queue:
        wanted, extras_of_parent = queue.pop()
        if wanted.marker and not any(
            wanted.marker.evaluate({**environment, "extra": extra}) for extra in extras_of_parent
        ):
            continue
        package = canonicalize_name(wanted.name)
        if package not in pins or not wanted.specifier.contains(pins[package], prereleases=True):
            found.append(str(wanted))
            continue
        key = (package, frozenset(wanted.extras))
        if key not in seen:
            seen.add(key)
            queue += [
                (Requirement(line), wanted.extras or {""}) for line in requires(package) or ()
            ]
    return found


def test_this_test_sees_what_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = entries("requirements-dev.txt")
    less = [entry for entry in whole if entry.name != "docker"]  # an extra of moto asks for it
    monkeypatch.setitem(globals(), "entries", lambda name: less)

    missing = lacking("requirements-dev.txt", {"python_version": "3.11"})

    assert {line.split(">")[0] for line in missing} == {"docker"}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", HERE)
def test_a_file_holds_all_that_its_packages_require(name: str, python: str, platform: str) -> None:
    environment: dict[str, Any] = {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": platform,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[platform],
    }
    try:
        missing = lacking(name, environment)
    except PackageNotFoundError as error:
        pytest.fail(f"{error.name} is needed by some Python and not installed in this one")

    assert missing == []


@pytest.mark.parametrize("name", PINNED)
def test_every_pin_is_exact_and_has_its_hashes(name: str) -> None:
    text = re.sub(r"\s*\\\n", " ", (ROOT / name).read_text("utf-8"))
    lines = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]

    assert len(lines) == len(entries(name)) > 0
    assert [line for line in lines if "--hash=sha256:" not in line] == []
    for entry in entries(name):
        assert [pin.operator for pin in entry.specifier] == ["=="]
        assert not entry.extras


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("requirements.txt", "requirements-run.txt"),
        ("requirements-run.txt", "requirements-dev.txt"),
    ],
)
def test_nothing_is_installed_in_two_versions(smaller: str, larger: str) -> None:
    assert set(map(str, entries(smaller))) <= set(map(str, entries(larger)))


def test_running_needs_few_packages() -> None:
    assert len(entries("requirements-run.txt")) <= MOST_TO_RUN
