"""Findings of checkov that stay, each with its reason: `.chalice/exemptions.toml`."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from ops.build.errors import CheckFailed

EXEMPTIONS: Final = Path(".chalice/exemptions.toml")


@dataclass(frozen=True, kw_only=True)
class ScannerFinding:
    """A rule of checkov that a resource of the template (its logical id) breaks."""

    rule: str
    resource: str
    message: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.message} (checkov {self.rule})"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Why a rule does not hold for some resources (patterns of logical ids)."""

    rule: str
    reason: str
    resources: Sequence[str] = ("*",)

    def covers(self, finding: ScannerFinding) -> bool:
        """Whether this exemption explains the finding."""
        return self.rule == finding.rule and any(
            fnmatchcase(finding.resource, pattern) for pattern in self.resources
        )


def read_exemptions(path: Path) -> Sequence[Exemption]:
    """The exemptions of a file: tables `[rule]` with `reason` and perhaps `resources`.

    Raises CheckFailed when one has no reason.
    """
    tables = tomllib.loads(path.read_text("utf-8"))
    for rule, table in tables.items():
        if not table.get("reason"):
            raise CheckFailed(f"{path}: {rule} gives no reason. Write it beside it.")
    return [Exemption(rule=rule, **table) for rule, table in tables.items()]


def refuse(findings: Sequence[ScannerFinding], exemptions: Iterable[Exemption]) -> None:
    """Raise CheckFailed for findings without exemption and for exemptions that explain nothing."""
    exemptions = list(exemptions)
    unexplained = [
        str(finding)
        for finding in findings
        if not any(exemption.covers(finding) for exemption in exemptions)
    ]
    if unexplained:
        raise CheckFailed(
            "\n".join(unexplained)
            + f"\nFix it in .chalice/, or give the reason why it is right in {EXEMPTIONS}."
        )
    stale = [
        exemption.rule
        for exemption in exemptions
        if not any(exemption.covers(finding) for finding in findings)
    ]
    if stale:
        raise CheckFailed(
            f"{EXEMPTIONS} explains what checkov no longer finds: {', '.join(stale)}. Remove it."
        )
