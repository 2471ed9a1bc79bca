"""The checks of `make build`: each finds what it is there for, and our package passes all."""

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.build import audit, bill, checking, command, licences, policies, template
from ops.build.findings import EXEMPTIONS, CheckFailed, Exemption, Finding, read_exemptions, refuse
from ops.compiling import ROOT

CHECKOV, PARLIAMENT = ROOT / template.CHECKOV, ROOT / policies.PARLIAMENT
FOUND = Finding(tool="checkov", rule="CKV_1", resource="ExportBucket", what="is open")

Change = Callable[[dict[str, Any]], None]


def changed(package: Path, folder: Path, change: Change) -> Path:
    """Our template after one change for the worse."""
    made = json.loads(package.with_name(command.TEMPLATE).read_text("utf-8"))
    change(made["Resources"])
    path = folder / command.TEMPLATE
    path.write_text(json.dumps(made), "utf-8")
    return path


def ours() -> list[Exemption]:
    return [*read_exemptions(ROOT / EXEMPTIONS)]


def allowing(action: str, resource: Any) -> Change:
    """Add a statement to what the clock may do."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource}

    def change(resources: dict[str, Any]) -> None:
        [policy] = resources["EveryMinuteRole"]["Properties"]["Policies"]
        policy["PolicyDocument"]["Statement"].append(statement)

    return change


def distribution(folder: Path, metadata: str, *, text: bool = True) -> Path:
    path = folder / command.PACKAGE
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("thing-1.0.dist-info/METADATA", f"Name: thing\nVersion: 1.0\n{metadata}\n")
        if text:
            archive.writestr("thing-1.0.dist-info/licenses/LICENSE", "You may.")
    return path


def answering(folder: Path, answer: str) -> list[str]:
    """A program in the place of pip-audit that knows one answer."""
    program = folder / "pip_audit.py"
    program.write_text(f"print({answer!r})\n", "utf-8")
    return [sys.executable, str(program)]


# The template.


@pytest.mark.build
def test_our_template_is_well_formed(package: Path) -> None:
    said = template.well_formed(package.with_name(command.TEMPLATE), ours())

    assert said.startswith("cfn-lint finds nothing")


@pytest.mark.build
def test_a_property_that_cloudformation_does_not_know_is_found(
    package: Path, tmp_path: Path
) -> None:
    def misspell(resources: dict[str, Any]) -> None:
        resources["MailQueue"]["Properties"]["VisibilityTimout"] = 30

    broken = changed(package, tmp_path, misspell)

    with pytest.raises(CheckFailed, match=r"MailQueue: .*VisibilityTimout.* \(cfn-lint E3002\)"):
        template.well_formed(broken, ours())


@pytest.mark.build
def test_our_template_leaves_nothing_open(package: Path) -> None:
    said = template.hardened(package.with_name(command.TEMPLATE), ours(), CHECKOV)

    assert said.startswith("checkov finds nothing")


@pytest.mark.build
def test_a_bucket_that_the_world_can_read_is_found(package: Path, tmp_path: Path) -> None:
    def unlock(resources: dict[str, Any]) -> None:
        del resources["ExportBucket"]["Properties"]["PublicAccessBlockConfiguration"]

    broken = changed(package, tmp_path, unlock)

    with pytest.raises(CheckFailed, match=r"ExportBucket: .*\(checkov CKV_AWS_5"):
        template.hardened(broken, ours(), CHECKOV)


@pytest.mark.build
def test_a_template_that_checkov_cannot_read_does_not_pass(tmp_path: Path) -> None:
    nothing = tmp_path / command.TEMPLATE
    nothing.write_text("{", "utf-8")

    with pytest.raises(CheckFailed, match="could not read the template"):
        template.hardened(nothing, [], CHECKOV)


def test_a_scanner_that_is_not_installed_is_said(package: Path, tmp_path: Path) -> None:
    made = package.with_name(command.TEMPLATE)

    with pytest.raises(CheckFailed, match="make build"):
        template.hardened(made, [], tmp_path / "checkov")
    with pytest.raises(CheckFailed, match="make build"):
        policies.narrow(made, [], tmp_path / "parliament")


# Policies.


@pytest.mark.build
def test_our_roles_allow_nothing_without_a_reason(package: Path) -> None:
    said = policies.narrow(package.with_name(command.TEMPLATE), ours(), PARLIAMENT)

    assert "roles allow nothing that has no reason" in said


@pytest.mark.build
@pytest.mark.parametrize(
    ("action", "resource", "words"),
    [
        ("dynamodb:*", {"Fn::GetAtt": ["PetitionsTable", "Arn"]}, "every action dynamodb:"),
        ("dynamodb:GetItem", "*", "RESOURCE_STAR"),
        ("dynamodb:GetItm", {"Fn::GetAtt": ["PetitionsTable", "Arn"]}, "UNKNOWN_ACTION"),
        ("dynamodb:GetItem", {"Fn::GetAtt": ["MailQueue", "Arn"]}, "RESOURCE_MISMATCH"),
    ],
)
def test_a_role_that_may_too_much_or_nothing_real_is_found(
    package: Path, tmp_path: Path, action: str, resource: Any, words: str
) -> None:
    broken = changed(package, tmp_path, allowing(action, resource))

    with pytest.raises(CheckFailed, match=f"EveryMinuteRole: .*{words}"):
        policies.narrow(broken, ours(), PARLIAMENT)


# Exemptions.


def test_every_exemption_of_ours_has_a_reason_in_a_sentence() -> None:
    assert all(one.reason.endswith(".") and len(one.reason) > 30 for one in ours())


def test_an_exemption_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "exemptions.toml"
    path.write_text('[checkov.CKV_1]\nresources = ["ExportBucket"]\n', "utf-8")

    with pytest.raises(CheckFailed, match=r"checkov\.CKV_1 gives no reason"):
        read_exemptions(path)


def test_an_exemption_covers_only_the_resources_that_it_names() -> None:
    other = Exemption(tool="checkov", rule="CKV_1", reason="so", resources=("*Queue",))

    with pytest.raises(CheckFailed, match=r"ExportBucket: is open \(checkov CKV_1\)"):
        refuse("checkov", [FOUND], [other])


def test_an_exemption_that_explains_nothing_any_more_must_go() -> None:
    stale = Exemption(tool="checkov", rule="CKV_1", reason="so")

    with pytest.raises(CheckFailed, match="no longer finds: CKV_1"):
        refuse("checkov", [], [stale])


def test_an_exemption_of_another_tool_is_left_alone() -> None:
    exemption = Exemption(tool="checkov", rule="CKV_1", reason="so")

    assert refuse("cfn-lint", [], [exemption]) == 0
    assert refuse("checkov", [FOUND], [exemption]) == 1


# Licences and the bill of materials.


@pytest.mark.build
def test_what_is_packed_may_be_passed_on_and_is_listed(package: Path, tmp_path: Path) -> None:
    found = licences.packed(package)
    licences.permitted(found, tmp_path / "licences.txt")

    listed = (tmp_path / "licences.txt").read_text("utf-8")
    assert "cryptography" in listed
    assert "chalice" in listed
    assert len(listed.splitlines()) == len(found)


@pytest.mark.parametrize(
    "metadata",
    [
        "License-Expression: AGPL-3.0-only",
        "License-Expression: MIT AND GPL-2.0-only",
        "License: Ask us",
        "Classifier: License :: Other/Proprietary License",
    ],
)
def test_a_licence_that_is_not_known_here_is_named(tmp_path: Path, metadata: str) -> None:
    found = licences.packed(distribution(tmp_path, metadata))

    with pytest.raises(CheckFailed, match=r"thing 1\.0 is under"):
        licences.permitted(found, tmp_path / "licences.txt")


def test_of_two_licences_to_choose_from_one_that_is_allowed_is_enough(tmp_path: Path) -> None:
    found = licences.packed(distribution(tmp_path, "License-Expression: GPL-2.0-only OR MIT"))

    assert licences.permitted(found, tmp_path / "licences.txt").startswith("1 libraries under")


def test_a_library_that_says_no_licence_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="thing does not say its licence"):
        licences.packed(distribution(tmp_path, "Summary: A thing"))


def test_a_licence_whose_text_is_not_packed_is_named(tmp_path: Path) -> None:
    found = licences.packed(distribution(tmp_path, "License-Expression: MIT", text=False))

    with pytest.raises(CheckFailed, match="text of the licence is missing: thing"):
        licences.permitted(found, tmp_path / "licences.txt")


@pytest.mark.build
def test_the_bill_names_what_is_in_the_package_and_nothing_else(
    package: Path, tmp_path: Path
) -> None:
    bill.write(package, licences.packed(package), tmp_path / "sbom.json")

    text = (tmp_path / "sbom.json").read_text("utf-8")
    named = {component["name"].lower() for component in json.loads(text)["components"]}
    assert {"botocore", "chalice", "cryptography", "email-validator"} <= named
    assert not named & {"dnspython", "pycparser", "moto", "pytest"}
    bill.write(package, licences.packed(package), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text("utf-8") == text


# Vulnerabilities.


def test_a_known_vulnerability_fails_and_says_what_mends_it(tmp_path: Path) -> None:
    weak = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": "Bad."}
    answer = {"dependencies": [{"name": "thing", "version": "1.0", "vulns": [weak]}], "fixes": []}
    command = answering(tmp_path, json.dumps(answer))

    with pytest.raises(CheckFailed, match=r"thing 1\.0 has PYSEC-2026-1, mended in 1\.1"):
        audit.no_known_vulnerability(tmp_path / "requirements.txt", command)


def test_packages_that_nobody_knows_are_said_to_be_unaudited(tmp_path: Path) -> None:
    skipped = {"name": "thing", "skip_reason": "Dependency not found on PyPI: thing (1.0)"}
    command = answering(tmp_path, json.dumps({"dependencies": [skipped], "fixes": []}))

    said = audit.no_known_vulnerability(tmp_path / "requirements.txt", command)

    assert said == (
        "NOT AUDITED: 1 of 1 requirements, e.g. Dependency not found on PyPI: thing (1.0)"
    )


def test_an_audit_without_an_answer_is_said_to_be_none(tmp_path: Path) -> None:
    said = audit.no_known_vulnerability(tmp_path / "requirements.txt", answering(tmp_path, "oh"))

    assert said.startswith("NOT AUDITED: pip-audit got no answer")


def test_an_audit_that_finds_nothing_says_how_much_was_asked(tmp_path: Path) -> None:
    fine = {"name": "thing", "version": "1.0", "vulns": []}
    command = answering(tmp_path, json.dumps({"dependencies": [fine], "fixes": []}))

    said = audit.no_known_vulnerability(tmp_path / "requirements.txt", command)

    assert said == "1 requirements, none with a known vulnerability"


# All together.


def test_every_check_is_made_and_one_that_fails_is_enough(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails() -> str:
        raise CheckFailed("The door is open. Close it.")

    assert not checking.check_all({"door": fails, "window": lambda: "closed"})

    told = capsys.readouterr()
    assert told.out == "  window: closed\n"
    assert told.err == "  door: NOT IN ORDER\nThe door is open. Close it.\n"


@pytest.mark.build
def test_the_build_makes_every_check(package: Path) -> None:
    assert set(checking.checks_of(ROOT, package)) == {
        "licences",
        "bill",
        "template",
        "policies",
        "security",
        "audit",
    }
