"""The checks that `make build` makes of what it has packed, each with one line."""

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ops.build import audit, bill, licences, policies, template
from ops.build.findings import EXEMPTIONS, CheckFailed, read_exemptions
from ops.build.packaging import TEMPLATE

Check = Callable[[], str]
"""Says in one line what was found to be in order. Raises CheckFailed."""


def checks_of(project: Path, package: Path) -> Mapping[str, Check]:
    """Every check of `package` and of the template beside it, by the name that people see.

    They write licences.txt and sbom.json beside the package. Raises CheckFailed when
    an exemption has no reason.
    """
    target = package.parent
    made = target / TEMPLATE
    exemptions = read_exemptions(project / EXEMPTIONS)
    checkov, parliament = project / template.CHECKOV, project / policies.PARLIAMENT

    def bill_of_materials() -> str:
        return bill.write(package, licences.packed(package), target / "sbom.json")

    def permitted() -> str:
        return licences.permitted(licences.packed(package), target / "licences.txt")

    return {
        "licences": permitted,
        "bill": bill_of_materials,
        "template": partial(template.well_formed, made, exemptions),
        "policies": partial(policies.narrow, made, exemptions, parliament),
        "security": partial(template.hardened, made, exemptions, checkov),
        "audit": partial(audit.no_known_vulnerability, project / "requirements.txt"),
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
