"""Why a command cannot go on, in words for the person who typed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class CannotContinue(Exception):
    """The message says what is wrong and what to do about it. It is shown as it stands."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to correct in a file that a person wrote. `line` counts from 1."""

    file: Path
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} {self.remedy}"


class NotReady(CannotContinue):
    """A petition or an update cannot be published yet: `problems` says all that is to correct."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
