"""Scripts that others wrote are the ones of the package that is named, byte by byte."""

import hashlib
import tomllib
from typing import Any

import pytest

from chalicelib.rendering import assets
from ops import offline_page
from ops.build import offline_vendor
from ops.compiling import STATIC

NAMED: dict[str, dict[str, Any]] = tomllib.loads((STATIC / "vendored.toml").read_text("utf-8"))


FILES: dict[str, str] = {
    name: described["sha256"]
    for package in NAMED.values()
    for name, described in package["files"].items()
}
"""Every file by its name here, with the digest of the package's."""


@pytest.mark.parametrize(("name", "digest"), FILES.items())
def test_a_file_is_the_one_of_its_package(name: str, digest: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest


def test_every_script_that_is_taken_as_it_is_says_where_it_comes_from() -> None:
    assert {path.name for path in STATIC.glob("*.min.js")} == FILES.keys()


@pytest.mark.parametrize("name", FILES)
def test_what_is_served_is_what_was_taken(name: str) -> None:
    served = assets.static(name).rpartition("/")[2]

    assert assets.find_static(served) == (STATIC / name).read_text("utf-8")


def test_the_widget_is_of_the_version_that_is_named_and_its_licence_is_kept() -> None:
    version = NAMED["altcha"]["version"]

    assert f'"mounted","{version}"' in (STATIC / "altcha.min.js").read_text("utf-8")
    licence = (STATIC / "altcha.LICENSE.txt").read_text("utf-8")
    assert licence.startswith("MIT License")
    assert "Daniel Regeci" in licence


OFFLINE: dict[str, dict[str, str]] = tomllib.loads(
    (offline_vendor.FOLDER / "vendored.toml").read_text("utf-8")
)


@pytest.mark.parametrize(("name", "digest"), OFFLINE["files"].items())
def test_the_libraries_of_the_offline_page_are_those_that_were_bundled(
    name: str, digest: str
) -> None:
    raw = (offline_vendor.FOLDER / name).read_bytes()

    assert hashlib.sha256(raw).hexdigest() == digest


def test_the_bundle_names_its_libraries_and_their_licences() -> None:
    notice = offline_page.VENDORED.read_text("utf-8").partition("*/")[0]

    assert OFFLINE["versions"].items() >= offline_vendor.LIBRARIES.items()
    for package, version in OFFLINE["versions"].items():
        assert f"{package} {version}" in notice
    assert notice.count("Permission is hereby granted") == len(OFFLINE["versions"])
