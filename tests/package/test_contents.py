"""What is in the package, and what must never be."""

import json
import zipfile
from pathlib import Path

import pytest

from ops import build
from tests.package.conftest import SECRET


def names(package: Path) -> list[str]:
    with zipfile.ZipFile(package) as archive:
        return archive.namelist()


def test_the_package_holds_the_app_its_compiled_output_and_its_dependencies(package: Path) -> None:
    found = set(names(package))

    assert {"app.py", "chalicelib/routes/events.py", "chalice/app.py"} <= found
    assert {"boto3/__init__.py", "jinja2/__init__.py", "email_validator/__init__.py"} <= found
    assert any(name.startswith("cryptography/") and name.endswith(".so") for name in found)
    assert {
        "chalicelib/compiled/style.css",
        "chalicelib/compiled/languages.json",
        "chalicelib/compiled/locale/be.mo",
        "chalicelib/compiled/locale/ru.mo",
    } <= found
    assert any(name.startswith("chalicelib/compiled/templates/") for name in found)


def test_the_package_holds_nothing_of_the_workshop(package: Path) -> None:
    tops = {name.partition("/")[0] for name in names(package)}

    workshop = {"ops", "tests", "bench", "docs", "locale", "petitions", "templates", "build"}
    assert not tops & workshop
    assert not tops & {"moto", "pytest", "babel", "click", "rich", "playwright", "hypothesis"}
    assert not [name for name in names(package) if name.endswith((".po", ".pot", ".key", ".toml"))]


def test_the_package_holds_nothing_that_is_only_for_this_machine(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        ours = [n for n in archive.namelist() if n == "app.py" or n.startswith("chalicelib/")]
        contents = {name: archive.read(name) for name in ours}
        everything = b"".join(archive.read(name) for name in archive.namelist())

    assert SECRET.encode() not in everything
    assert not [name for name, content in contents.items() if b"/_local" in content]
    assert not [name for name in names(package) if any(p.startswith(".") for p in name.split("/"))]


def test_every_module_has_byte_code_that_need_not_be_checked(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        cached = [n for n in archive.namelist() if "chalicelib/" in n and n.endswith(".pyc")]
        flags = {archive.read(name)[4:8] for name in cached}
        modules = [n for n in archive.namelist() if n.startswith("chalicelib/")]

    assert len(cached) == len([name for name in modules if name.endswith(".py")])
    # PEP 552: hash-based, not to be checked.
    assert flags == {b"\x01\x00\x00\x00"}


def test_the_same_sources_make_the_same_bytes(package: Path, project: Path, tmp_path: Path) -> None:
    again = build.make(project, tmp_path / "again")

    assert again.read_bytes() == package.read_bytes()
    assert again.with_name(build.TEMPLATE).read_bytes() == (
        package.with_name(build.TEMPLATE).read_bytes()
    )


def test_the_summary_tells_what_the_package_weighs(package: Path) -> None:
    lines = build.summary(package).splitlines()

    assert lines[0].startswith("deployment.zip: ")
    assert "botocore" in lines[1]


def test_what_cannot_be_packed_is_said_in_chalices_own_words(tmp_path: Path) -> None:
    with pytest.raises(build.NotPacked, match="Unable to load the project config file"):
        build.make(tmp_path, tmp_path / "build")


def test_the_template_deploys_tables_queues_and_every_handler(package: Path) -> None:
    template = json.loads(package.with_name(build.TEMPLATE).read_text("utf-8"))
    resources = template["Resources"].values()

    handlers = {
        resource["Properties"]["Handler"]
        for resource in resources
        if resource["Type"] == "AWS::Serverless::Function"
    }
    behind = ("send_mail", "work_off", "note_feedback", "tally", "tick", "reconcile")
    assert handlers == {"app.app", *(f"chalicelib.routes.events.{name}" for name in behind)}
    kinds = [resource["Type"] for resource in resources]
    assert kinds.count("AWS::DynamoDB::Table") == 3
    assert kinds.count("AWS::SQS::Queue") == 6
