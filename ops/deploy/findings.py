"""What a check has found out, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from ops.terminal import console


class Level(Enum):
    """How much it matters."""

    OK = auto()
    NOTE = auto()
    """Worth knowing; nothing is refused for it."""
    FAULT = auto()
    """`apply` refuses to begin."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of a check. What is not OK has a remedy."""

    level: Level
    words: str
    remedy: str = ""


def ok(words: str) -> Finding:
    """Something that is as it should be."""
    return Finding(level=Level.OK, words=words)


def note(words: str, remedy: str) -> Finding:
    """Something worth knowing."""
    return Finding(level=Level.NOTE, words=words, remedy=remedy)


def fault(words: str, remedy: str) -> Finding:
    """Something that must be mended before a deployment."""
    return Finding(level=Level.FAULT, words=words, remedy=remedy)


def show(findings: Iterable[Finding]) -> int:
    """Say each as soon as it is found; how many faults there were."""
    say = {Level.OK: console.done, Level.NOTE: console.note, Level.FAULT: console.fault}
    faults = 0
    for finding in findings:
        say[finding.level](finding.words)
        if finding.remedy:
            console.hint(finding.remedy)
        faults += finding.level is Level.FAULT
    return faults
