"""Maps fields to the files and lines that set them, so that what is wrong names its line."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from chalicelib.domain.fields import FieldError
from ops.errors import Problem


@dataclass(frozen=True, kw_only=True)
class SourceMap:
    """Where the fields of a folder come from, by their paths; lines count from 1.

    `unreadable` says why the file of a field could not be read, `mistyped` what is wrong with the
    form of files that could.
    """

    places: dict[str, tuple[Path, int]] = field(default_factory=dict)
    unreadable: dict[str, Problem] = field(default_factory=dict)
    mistyped: list[Problem] = field(default_factory=list)

    def add(self, name: str, path: Path, lines: Mapping[str, int]) -> None:
        """Note that the field `name` is a whole file; `lines` are those of the fields below it."""
        self.places[name] = (path, 1)
        for below, line in lines.items():
            self.places[f"{name}.{below}" if name else below] = (path, line)

    def problems(self, errors: Iterable[FieldError]) -> Sequence[Problem]:
        """What is to correct, in files."""
        return (*self.mistyped, *map(self._problem, errors))

    def _problem(self, error: FieldError) -> Problem:
        if error.field in self.unreadable:
            return self.unreadable[error.field]
        name = error.field
        while name not in self.places:  # "" is there: a field that nobody set lies in its parent
            name = name.rpartition(".")[0]
        path, line = self.places[name]
        remedy = error.remedy or _remedy(error, path, is_set=name == error.field)
        return Problem(file=path, line=line + error.line, what=error.what, remedy=remedy)


def _remedy(error: FieldError, path: Path, *, is_set: bool) -> str:
    """How to set a field to its example: in TOML, or above a text."""
    name, example = error.field.rpartition(".")[2], error.example
    if path.suffix != ".toml":
        setting = f"{name}: {example}"
        return "Write its words after the colon." if is_set else f"Add a line such as: {setting}"
    advice = "Write" if is_set else "Add a line such as"
    if isinstance(example, datetime):
        return f"{advice}: {name} = {example:%Y-%m-%dT%H:%M:%SZ} (the Z means UTC)"
    if isinstance(example, date):
        return f"{advice}, without quotation marks: {name} = {example}"
    return f"{advice}: {name} = {json.dumps(example, ensure_ascii=False)}"
