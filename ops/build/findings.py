"""What checks of the template find, and what they may find: each exemption has a reason."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from ops.build.dependencies import NotPacked

EXEMPTIONS: Final = Path(".chalice/exemptions.toml")


class CheckFailed(NotPacked):
    """A check found something. The message says what, where, and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a tool says about one resource of the template (its logical id)."""

    tool: str
    rule: str
    resource: str
    what: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.what} ({self.tool} {self.rule})"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Why one rule of one tool does not hold for some resources (patterns of logical ids)."""

    tool: str
    rule: str
    reason: str
    resources: tuple[str, ...] = ("*",)

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of those that this exemption explains."""
        return (self.tool, self.rule) == (finding.tool, finding.rule) and any(
            fnmatchcase(finding.resource, pattern) for pattern in self.resources
        )


def read_exemptions(path: Path) -> Sequence[Exemption]:
    """The exemptions of a file: tables `[tool.rule]` with `reason` and perhaps `resources`.

    Raises CheckFailed when one has no reason.
    """
    tables = tomllib.loads(path.read_text("utf-8"))
    found = []
    for tool, rules in tables.items():
        for rule, table in rules.items():
            if not table.get("reason"):
                raise CheckFailed(f"{path}: {tool}.{rule} gives no reason. Write it beside it.")
            resources = tuple(table.get("resources", ["*"]))
            found.append(
                Exemption(tool=tool, rule=rule, reason=table["reason"], resources=resources)
            )
    return found


def refuse(tool: str, findings: Iterable[Finding], exemptions: Iterable[Exemption]) -> int:
    """Raise CheckFailed for findings without exemption and for exemptions that explain nothing.

    Returns how many findings have been explained.
    """
    findings, ours = list(findings), [one for one in exemptions if one.tool == tool]
    open_ones = [str(one) for one in findings if not any(ex.covers(one) for ex in ours)]
    if open_ones:
        raise CheckFailed(
            "\n".join(open_ones)
            + f"\nMend it in .chalice/, or give the reason why it is right in {EXEMPTIONS}."
        )
    stale = [one.rule for one in ours if not any(one.covers(finding) for finding in findings)]
    if stale:
        raise CheckFailed(
            f"{EXEMPTIONS} explains what {tool} no longer finds: {', '.join(stale)}. Remove it."
        )
    return len(findings)
