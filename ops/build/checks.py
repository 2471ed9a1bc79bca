"""The checks that `make build` makes of the package and its template, one line for each."""

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ops.build import audit, licences, sbom, scanners
from ops.build.errors import CheckFailed
from ops.build.exemptions import EXEMPTIONS, read_exemptions
from ops.build.packaging import TEMPLATE

Check = Callable[[], str]
"""Returns one line on what is in order. Raises CheckFailed."""


def checks_of(project: Path, package: Path) -> Mapping[str, Check]:
    """Every check of `package` and of the template beside it, by the name that people see.

    They write licences.txt and sbom.json beside the package. Raises CheckFailed when
    an exemption has no reason, or a library no licence.
    """
    folder = package.parent
    template = folder / TEMPLATE
    exemptions = read_exemptions(project / EXEMPTIONS)
    libraries = licences.read_libraries(package)
    return {
        "licences": partial(licences.check, libraries, folder / "licences.txt"),
        "bill": partial(sbom.write, package, libraries, folder / "sbom.json"),
        "template": partial(scanners.run_cfn_lint, template),
        "security": partial(scanners.run_checkov, template, exemptions, project / scanners.CHECKOV),
        "audit": partial(audit.run_pip_audit, project / "requirements.txt"),
    }


def check_all(checks: Mapping[str, Check]) -> bool:
    """Make the checks, some side by side, and print a line for each; whether all are in order."""
    passed = True
    with ThreadPoolExecutor(max_workers=3) as pool:
        running = {name: pool.submit(check) for name, check in checks.items()}
        for name, check in running.items():
            try:
                print(f"  {name}: {check.result()}")
            except CheckFailed as error:
                passed = False
                print(f"  {name}: NOT IN ORDER\n{error}", file=sys.stderr)
    return passed
