"""Errors of commands, in words for the person who runs them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path


class CannotContinue(Exception):
    """A command cannot go on. The message, which is shown, says why and what to do about it."""


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
    """A petition, an update or deploy.toml has `problems` to correct first, each named once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        # One line may have a slip many times, and several folders may read one file.
        named: dict[Problem, Problem] = {}
        for problem in problems:
            named.setdefault(replace(problem, file=problem.file.resolve()), problem)
        self.problems = tuple(named.values())
        super().__init__("\n".join(map(str, self.problems)))
