"""Requirements files are complete, pinned and hashed, so an installation resolves nothing."""

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
INSTALLED = ("requirements.txt", "requirements-run.txt", "requirements-dev.txt")
"""The files whose packages are installed here, so their requirements can be read."""
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "darwin")
MOST_TO_RUN = 65


def entries(name: str) -> list[Requirement]:
    """The pins of a file. Raises InvalidRequirement for any other line."""
    text = re.sub(r"\s*\\\n", " ", (ROOT / name).read_text("utf-8"))
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    return [Requirement(line.partition(" --hash=")[0]) for line in lines]


def requirements_of(path: Path) -> Iterator[Requirement]:
    """The requirements of a `.in` file and of those that it includes."""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            yield from requirements_of(path.with_name(line.removeprefix("-r ").strip()))
        elif line and not line.startswith(("#", "-c ")):
            yield Requirement(line)


def missing_requirements(name: str, environment: Mapping[str, str]) -> list[str]:
    """Requirements, extras included, without a fitting pin."""
    pins = {
        canonicalize_name(entry.name): next(iter(entry.specifier)).version
        for entry in entries(name)
        if entry.marker is None or entry.marker.evaluate(dict(environment))
    }
    missing = []
    queue = [
        (requirement, {""}) for requirement in requirements_of((ROOT / name).with_suffix(".in"))
    ]
    seen = set()
    while queue:
        requirement, extras_of_parent = queue.pop()
        if requirement.marker and not any(
            requirement.marker.evaluate({**environment, "extra": extra})
            for extra in extras_of_parent
        ):
            continue
        package = canonicalize_name(requirement.name)
        if package not in pins or not requirement.specifier.contains(
            pins[package], prereleases=True
        ):
            missing.append(str(requirement))
            continue
        key = (package, frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            queue += [
                (Requirement(line), requirement.extras or {""}) for line in requires(package) or ()
            ]
    return missing


def test_a_missing_pin_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    complete = entries("requirements-dev.txt")
    without_docker = [
        entry for entry in complete if entry.name != "docker"
    ]  # required by an extra of moto
    monkeypatch.setitem(globals(), "entries", lambda name: without_docker)

    missing = missing_requirements("requirements-dev.txt", {"python_version": "3.11"})

    assert {line.split(">")[0] for line in missing} == {"docker"}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", INSTALLED)
def test_a_file_pins_all_requirements_of_its_packages(
    name: str, python: str, platform: str
) -> None:
    environment: dict[str, Any] = {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": platform,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[platform],
    }
    try:
        missing = missing_requirements(name, environment)
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
def test_larger_files_contain_the_pins_of_smaller_ones(smaller: str, larger: str) -> None:
    assert set(map(str, entries(smaller))) <= set(map(str, entries(larger)))


def test_running_needs_few_packages() -> None:
    assert len(entries("requirements-run.txt")) <= MOST_TO_RUN
