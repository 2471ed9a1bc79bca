"""Checks of the CloudFormation template: cfn-lint, and checkov in an environment of its own."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cfnlint.api import ManualArgs, lint

from ops.build.errors import CheckFailed
from ops.build.exemptions import Exemption, ScannerFinding, refuse

REGION: Final = "eu-central-1"
CHECKOV: Final = Path(".venv-checks/bin/checkov")
"""It pins a boto3 of years ago, so it cannot live beside ours."""


def run_cfn_lint(template: Path) -> str:
    """cfn-lint: the template is what CloudFormation takes. One line on it; raises CheckFailed."""
    matches = lint(template.read_text("utf-8"), config=ManualArgs(regions=[REGION]))
    if matches:
        raise CheckFailed("\n".join(map(_line, matches)))
    return "cfn-lint finds nothing"


def run_checkov(template: Path, exemptions: Sequence[Exemption], checkov: Path = CHECKOV) -> str:
    """checkov: no resource is open or unencrypted. One line on it; raises CheckFailed."""
    findings = _scan(template, checkov)
    refuse(findings, exemptions)
    return f"checkov finds nothing that has no reason ({len(findings)} explained)"


def _line(match: Any) -> str:
    # A template that is no JSON has no place in it.
    place = "/".join(map(str, getattr(match, "path", None) or ["template"]))
    return f"{place}: {match.message} (cfn-lint {match.rule.id})"


def _scan(template: Path, checkov: Path) -> Sequence[ScannerFinding]:
    if not checkov.exists():
        raise CheckFailed(f"{checkov} is not installed. Run `make build`, which installs it.")
    # It asks its makers' service nothing, and sends nothing there.
    options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact"]
    ran = subprocess.run(
        [str(checkov), "--file", str(template), *options, "--output", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report: dict[str, Any] = json.loads(ran.stdout)
        # Without findings it leaves the results out and prints the summary alone.
        summary = report.get("summary", report)
        readable = summary["resource_count"] and not summary["parsing_errors"]
    except (ValueError, KeyError, AttributeError):
        readable = False
    if not readable:
        raise CheckFailed(f"checkov could not read the template:\n{ran.stderr or ran.stdout}")
    return [
        ScannerFinding(
            rule=failed["check_id"],
            resource=failed["resource"].rpartition(".")[2],
            message=failed["check_name"],
        )
        for failed in report.get("results", {}).get("failed_checks", [])
    ]
