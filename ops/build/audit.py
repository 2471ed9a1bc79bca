"""Known vulnerabilities of the packed libraries: pip-audit asks the package index for them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ops.build.errors import CheckFailed

_PIP_AUDIT: Final = (sys.executable, "-m", "pip_audit")


def run_pip_audit(requirements: Path, command: Sequence[str] = _PIP_AUDIT) -> str:
    """pip-audit: no pinned requirement is known to be vulnerable. One line on it, or on no answer.

    Raises CheckFailed for a known vulnerability, naming the release that fixes it.
    """
    options = ["--requirement", str(requirements), "--require-hashes", "--disable-pip"]
    ran = subprocess.run(
        [*command, *options, "--progress-spinner", "off", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        return f"NOT AUDITED: pip-audit got no answer ({reason})"
    vulnerabilities = [line for package in packages for line in _vulnerabilities(package)]
    if vulnerabilities:
        remedy = "Raise the release: `make pins ARGS=--upgrade`."
        raise CheckFailed("\n".join([*vulnerabilities, remedy]))
    skipped = [package["skip_reason"] for package in packages if "skip_reason" in package]
    if skipped:
        return f"NOT AUDITED: {len(skipped)} of {len(packages)} requirements, e.g. {skipped[0]}"
    return f"{len(packages)} requirements, none with a known vulnerability"


def _vulnerabilities(package: dict[str, Any]) -> Iterator[str]:
    for vulnerability in package.get("vulns", []):
        fixed = ", ".join(vulnerability["fix_versions"]) or "no release yet"
        yield f"{package['name']} {package['version']} has {vulnerability['id']}, fixed in {fixed}"
