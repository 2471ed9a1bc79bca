"""The checks of `make build`: each finds its kind of fault, and our package passes all."""

import json
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ops.build import audit, checks, licences, packaging, sbom, scanners
from ops.build.errors import CheckFailed
from ops.build.exemptions import EXEMPTIONS, Exemption, ScannerFinding, read_exemptions, refuse
from ops.compiling import ROOT

CHECKOV = ROOT / scanners.CHECKOV
FINDING = ScannerFinding(rule="CKV_1", resource="ExportBucket", message="is open")

Change = Callable[[dict[str, Any]], None]


def changed(package: Path, folder: Path, change: Change) -> Path:
    """Our template after one change for the worse."""
    made = json.loads(package.with_name(packaging.TEMPLATE).read_text("utf-8"))
    change(made["Resources"])
    path = folder / packaging.TEMPLATE
    path.write_text(json.dumps(made), "utf-8")
    return path


def our_exemptions() -> Sequence[Exemption]:
    return read_exemptions(ROOT / EXEMPTIONS)


def distribution(folder: Path, metadata: str, *, text: bool = True) -> Path:
    path = folder / packaging.PACKAGE
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
    line = scanners.run_cfn_lint(package.with_name(packaging.TEMPLATE))

    assert line == "cfn-lint finds nothing"


@pytest.mark.build
def test_a_property_that_cloudformation_does_not_know_is_found(
    package: Path, tmp_path: Path
) -> None:
    def misspell(resources: dict[str, Any]) -> None:
        resources["MailQueue"]["Properties"]["VisibilityTimout"] = 30

    broken = changed(package, tmp_path, misspell)

    with pytest.raises(CheckFailed, match=r"/MailQueue/.*VisibilityTimout.* \(cfn-lint E3002\)"):
        scanners.run_cfn_lint(broken)


@pytest.mark.build
def test_our_template_leaves_nothing_open(package: Path) -> None:
    template = package.with_name(packaging.TEMPLATE)

    line = scanners.run_checkov(template, our_exemptions(), CHECKOV)

    assert line.startswith("checkov finds nothing")


@pytest.mark.build
def test_a_bucket_that_the_world_can_read_is_found(package: Path, tmp_path: Path) -> None:
    def unlock(resources: dict[str, Any]) -> None:
        del resources["ExportBucket"]["Properties"]["PublicAccessBlockConfiguration"]

    broken = changed(package, tmp_path, unlock)

    with pytest.raises(CheckFailed, match=r"ExportBucket: .*\(checkov CKV_AWS_5"):
        scanners.run_checkov(broken, our_exemptions(), CHECKOV)


@pytest.mark.build
def test_a_template_that_checkov_cannot_read_does_not_pass(tmp_path: Path) -> None:
    nothing = tmp_path / packaging.TEMPLATE
    nothing.write_text("{", "utf-8")

    with pytest.raises(CheckFailed, match="could not read the template"):
        scanners.run_checkov(nothing, [], CHECKOV)


def test_a_scanner_that_is_not_installed_is_named(package: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match=r"checkov is not installed\. Run `make build`"):
        scanners.run_checkov(package.with_name(packaging.TEMPLATE), [], tmp_path / "checkov")


# Exemptions.


def test_every_exemption_of_ours_has_a_reason_in_a_sentence() -> None:
    assert all(
        exemption.reason.endswith(".") and len(exemption.reason) > 30
        for exemption in our_exemptions()
    )


def test_an_exemption_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "exemptions.toml"
    path.write_text('[CKV_1]\nresources = ["ExportBucket"]\n', "utf-8")

    with pytest.raises(CheckFailed, match="CKV_1 gives no reason"):
        read_exemptions(path)


def test_an_exemption_covers_only_the_resources_that_it_names() -> None:
    other = Exemption(rule="CKV_1", reason="so", resources=("*Queue",))

    with pytest.raises(CheckFailed, match=r"ExportBucket: is open \(checkov CKV_1\)"):
        refuse([FINDING], [other])


def test_an_exemption_that_explains_nothing_any_more_must_go() -> None:
    stale = Exemption(rule="CKV_1", reason="so")

    with pytest.raises(CheckFailed, match="no longer finds: CKV_1"):
        refuse([], [stale])


def test_a_finding_that_has_a_reason_passes() -> None:
    refuse([FINDING], [Exemption(rule="CKV_1", reason="so", resources=("Export*",))])


# Licences and the bill of materials.


@pytest.mark.build
def test_packed_libraries_may_be_passed_on_and_are_listed(package: Path, tmp_path: Path) -> None:
    libraries = licences.read_libraries(package)
    licences.check(libraries, tmp_path / "licences.txt")

    listed = (tmp_path / "licences.txt").read_text("utf-8")
    assert "cryptography" in listed
    assert "chalice" in listed
    assert len(listed.splitlines()) == len(libraries)


@pytest.mark.parametrize(
    "metadata",
    [
        "License-Expression: AGPL-3.0-only",
        "License-Expression: MIT AND GPL-2.0-only",
        "License: Ask us",
        "Classifier: License :: Other/Proprietary License",
    ],
)
def test_a_licence_that_is_not_allowed_is_named(tmp_path: Path, metadata: str) -> None:
    libraries = licences.read_libraries(distribution(tmp_path, metadata))

    with pytest.raises(CheckFailed, match=r"thing 1\.0 is under"):
        licences.check(libraries, tmp_path / "licences.txt")


def test_of_two_licences_to_choose_from_one_that_is_allowed_is_enough(tmp_path: Path) -> None:
    dual = distribution(tmp_path, "License-Expression: GPL-2.0-only OR MIT")

    libraries = licences.read_libraries(dual)

    assert licences.check(libraries, tmp_path / "licences.txt").startswith("1 libraries under")


def test_a_library_without_a_licence_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="thing names no licence"):
        licences.read_libraries(distribution(tmp_path, "Summary: A thing"))


def test_a_licence_whose_text_is_not_packed_is_named(tmp_path: Path) -> None:
    bare = distribution(tmp_path, "License-Expression: MIT", text=False)

    libraries = licences.read_libraries(bare)

    with pytest.raises(CheckFailed, match="No text of the licence is packed: thing"):
        licences.check(libraries, tmp_path / "licences.txt")


@pytest.mark.build
def test_the_bill_names_what_is_in_the_package_and_nothing_else(
    package: Path, tmp_path: Path
) -> None:
    sbom.write(package, licences.read_libraries(package), tmp_path / "sbom.json")

    text = (tmp_path / "sbom.json").read_text("utf-8")
    named = {component["name"].lower() for component in json.loads(text)["components"]}
    assert {"botocore", "chalice", "cryptography", "email-validator"} <= named
    assert not named & {"dnspython", "pycparser", "moto", "pytest"}
    sbom.write(package, licences.read_libraries(package), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text("utf-8") == text


# Vulnerabilities.


def test_a_known_vulnerability_fails_and_names_the_release_that_fixes_it(tmp_path: Path) -> None:
    weak = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": "Bad."}
    answer = {"dependencies": [{"name": "thing", "version": "1.0", "vulns": [weak]}], "fixes": []}
    command = answering(tmp_path, json.dumps(answer))

    with pytest.raises(CheckFailed, match=r"thing 1\.0 has PYSEC-2026-1, fixed in 1\.1"):
        audit.run_pip_audit(tmp_path / "requirements.txt", command)


def test_packages_that_the_index_does_not_know_are_reported_as_unaudited(tmp_path: Path) -> None:
    skipped = {"name": "thing", "skip_reason": "Dependency not found on PyPI: thing (1.0)"}
    command = answering(tmp_path, json.dumps({"dependencies": [skipped], "fixes": []}))

    line = audit.run_pip_audit(tmp_path / "requirements.txt", command)

    assert line == (
        "NOT AUDITED: 1 of 1 requirements, e.g. Dependency not found on PyPI: thing (1.0)"
    )


def test_an_audit_without_an_answer_is_reported_as_none(tmp_path: Path) -> None:
    line = audit.run_pip_audit(tmp_path / "requirements.txt", answering(tmp_path, "oh"))

    assert line.startswith("NOT AUDITED: pip-audit got no answer")


def test_an_audit_that_finds_nothing_reports_how_much_it_checked(tmp_path: Path) -> None:
    fine = {"name": "thing", "version": "1.0", "vulns": []}
    command = answering(tmp_path, json.dumps({"dependencies": [fine], "fixes": []}))

    line = audit.run_pip_audit(tmp_path / "requirements.txt", command)

    assert line == "1 requirements, none with a known vulnerability"


# All together.


def test_every_check_is_made_and_one_that_fails_is_enough(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails() -> str:
        raise CheckFailed("The bucket is open. Close it.")

    assert not checks.check_all({"security": fails, "licences": lambda: "all MIT"})

    printed = capsys.readouterr()
    assert printed.out == "  licences: all MIT\n"
    assert printed.err == "  security: NOT IN ORDER\nThe bucket is open. Close it.\n"


@pytest.mark.build
def test_the_build_makes_every_check(package: Path) -> None:
    assert set(checks.checks_of(ROOT, package)) == {
        "licences",
        "bill",
        "template",
        "security",
        "audit",
    }
