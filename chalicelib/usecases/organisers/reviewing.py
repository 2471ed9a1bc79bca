"""Organisers and operators read a trail: who did what on a petition, and whether it is whole."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.domain.organisers import trail as rules
from chalicelib.domain.organisers.trail import ChainBreak, TrailEntry
from chalicelib.store.organisers import trail
from chalicelib.wiring import Services

PAGE_LINES: Final = 100
_MOST_READ: Final = 5_000
"""Lines that one page may read to find some: a second at most."""
_COLUMNS: Final = (
    "number", "at", "actor_id", "actor_name", "act", "detail", "refused", "id", "previous", "hash",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True, kw_only=True)
class TrailFilter:
    """Which lines are wanted: of a person by id, of an act, of a day (UTC). "" and None are all."""

    actor_id: str = ""
    act: str = ""
    day: date | None = None

    def wants(self, entry: TrailEntry) -> bool:
        """Whether the line is wanted."""
        return (
            self.actor_id in ("", entry.actor.id)
            and self.act in ("", entry.act)
            and self.day in (None, entry.at.date())
        )


@dataclass(frozen=True, kw_only=True)
class FoundLines:
    """Some lines, the newest first, and the number before which the next ones are; None: none."""

    entries: Sequence[TrailEntry]
    before: int | None


def find_lines(
    services: Services, slug: str, wanted: TrailFilter, *, before: int | None = None
) -> FoundLines:
    """Some lines that are wanted, the newest first. Reads a bounded number of lines."""
    found: list[TrailEntry] = []
    read = 0
    while read < _MOST_READ:
        entries, before = trail.page_of(services.organisers, slug, before=before)
        read += len(entries)
        for entry in filter(wanted.wants, entries):
            if len(found) == PAGE_LINES:
                return FoundLines(entries=found, before=found[-1].number)
            found.append(entry)
        if before is None:
            break
    return FoundLines(entries=found, before=before)


def all_lines(services: Services, slug: str) -> Sequence[TrailEntry]:
    """Every line of a trail, the first one first."""
    return list(trail.all_of(services.organisers, slug))


def find_last(services: Services, slug: str) -> TrailEntry | None:
    """The newest line, whose number and hash stand for the whole trail."""
    return trail.find_last(services.organisers, slug)


def check(entries: Sequence[TrailEntry], copy: Sequence[TrailEntry] = ()) -> ChainBreak | None:
    """Where the chain breaks, or differs from an earlier copy of the trail; None: nowhere."""
    return rules.find_break(entries) or rules.find_difference(copy, entries)


def to_json_lines(entries: Iterable[TrailEntry]) -> str:
    """A trail as JSON Lines, which `read_json_lines` and any program can check again."""
    return "".join(
        json.dumps(rules.to_values(entry), ensure_ascii=False, sort_keys=True) + "\n"
        for entry in entries
    )


def read_json_lines(text: str) -> Sequence[TrailEntry]:
    """The trail of a text by `to_json_lines`. Raises ValueError."""
    return [rules.from_values(json.loads(line)) for line in text.splitlines() if line.strip()]


def to_csv(entries: Iterable[TrailEntry]) -> str:
    """A trail for spreadsheets, which take none of its texts for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for entry in entries:
        values = rules.to_values(entry)
        actor = {"actor_id": entry.actor.id, "actor_name": entry.actor.name}
        writer.writerow(_harmless(str({**values, **actor}[column])) for column in _COLUMNS)
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
