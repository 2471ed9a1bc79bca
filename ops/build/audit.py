"""Known vulnerabilities of what is packed: pip-audit asks the package index for them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ops.build.findings import CheckFailed

_AUDIT: Final = (sys.executable, "-m", "pip_audit")


def no_known_vulnerability(requirements: Path, command: Sequence[str] = _AUDIT) -> str:
    """Ask about every pinned requirement. One line on the answer, which may be that none came.

    Raises CheckFailed for a known vulnerability, naming the release that mends it.
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
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return f"NOT AUDITED: pip-audit got no answer ({last})"
    found = [line for package in packages for line in _vulnerabilities(package)]
    if found:
        raise CheckFailed("\n".join(found) + "\nRaise the release: `make pins ARGS=--upgrade`.")
    silent = [package for package in packages if "skip_reason" in package]
    if silent:
        reason = silent[0]["skip_reason"]
        return f"NOT AUDITED: {len(silent)} of {len(packages)} requirements, e.g. {reason}"
    return f"{len(packages)} requirements, none with a known vulnerability"


def _vulnerabilities(package: dict[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']} has {one['id']}, mended in "
        + (", ".join(one["fix_versions"]) or "no release yet")
        for one in package.get("vulns", [])
    ]
