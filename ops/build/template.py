"""Checks of the CloudFormation template: cfn-lint, and checkov in an environment of its own."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ops.build.findings import CheckFailed, Exemption, Finding, refuse

REGION: Final = "eu-central-1"
CHECKOV: Final = Path(".venv-checks/bin/checkov")
"""It pins a boto3 of years ago, so it cannot live beside ours."""


def well_formed(template: Path, exemptions: Sequence[Exemption]) -> str:
    """cfn-lint: the template is what CloudFormation takes. One line on it; raises CheckFailed."""
    explained = refuse("cfn-lint", _lint(template), exemptions)
    return f"cfn-lint finds nothing that has no reason ({explained} explained)"


def hardened(template: Path, exemptions: Sequence[Exemption], checkov: Path = CHECKOV) -> str:
    """checkov: no resource is open or unencrypted. One line on it; raises CheckFailed."""
    explained = refuse("checkov", _scan(template, checkov), exemptions)
    return f"checkov finds nothing that has no reason ({explained} explained)"


def _lint(template: Path) -> Iterator[Finding]:
    # Imported here: it reads its rules for a second, and only this check needs it.
    from cfnlint.api import ManualArgs, lint  # noqa: PLC0415

    for match in lint(template.read_text("utf-8"), config=ManualArgs(regions=[REGION])):
        path = list(getattr(match, "path", None) or [])
        resource = str(path[1]) if len(path) > 1 else "template"
        yield Finding(tool="cfn-lint", rule=match.rule.id, resource=resource, what=match.message)


def _scan(template: Path, checkov: Path) -> Iterator[Finding]:
    if not checkov.exists():
        raise CheckFailed(f"{checkov} is not there. Run `make build`, which installs it.")
    # Nothing is asked of its makers' service, and nothing is sent there.
    options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact"]
    ran = subprocess.run(
        [str(checkov), "--file", str(template), *options, "--output", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(ran.stdout)
        # With nothing to say it leaves the results out and gives the summary alone.
        summary = answer.get("summary", answer)
        read = summary["resource_count"] and not summary["parsing_errors"]
    except (ValueError, KeyError, AttributeError):
        read = False
    if not read:
        raise CheckFailed(f"checkov could not read the template:\n{ran.stderr or ran.stdout}")
    for failed in answer.get("results", {}).get("failed_checks", []):
        yield Finding(
            tool="checkov",
            rule=failed["check_id"],
            resource=failed["resource"].rpartition(".")[2],
            what=failed["check_name"],
        )
