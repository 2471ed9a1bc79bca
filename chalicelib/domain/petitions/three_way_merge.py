"""Merges what two people have made of the same version, line by line, and by choice in doubt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from chalicelib.domain.petitions.draft import shown
from chalicelib.domain.petitions.source import BODY


class MergeChoice(StrEnum):
    """What stays of two versions: that of the other person, one's own, or both, theirs first."""

    THEIRS = "theirs"
    MINE = "mine"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class EditConflict:
    """Lines, or a whole value, that two people have changed: what each wants there.

    `place` counts from 0 the places of the value at `path`. `above` is the line over the place.
    """

    path: str
    place: int
    theirs: str
    mine: str
    above: str = ""

    @property
    def takes_both(self) -> bool:
        """Whether both can stay: in a text of many lines, one below the other."""
        return self.path.endswith(f".{BODY}") and bool(self.theirs.strip() and self.mine.strip())


Choices = Mapping[tuple[str, int], MergeChoice]
"""What was chosen, by the path and the place of each conflict."""


@dataclass(frozen=True, kw_only=True)
class _LineEdit:
    """Lines that stand for those from `start` to before `end` of an older text."""

    start: int
    end: int
    lines: tuple[str, ...]


def merged(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], choices: Choices
) -> tuple[Mapping[str, Any], Sequence[EditConflict]]:
    """What to change in `theirs` so that it has my changes of `base`, and what is to be chosen.

    `mine` has the values that I could change, with None for what is not there. What both have
    changed alike, or only one has changed, is in no doubt; nor are changes of different lines.
    """
    changes: dict[str, Any] = {}
    conflicts: list[EditConflict] = []
    for path, value in mine.items():
        before, now = base.get(path), theirs.get(path)
        if value in (before, now):
            continue
        if now == before:
            changes[path] = value
            continue
        if isinstance(now, str) and isinstance(value, str):
            older = before if isinstance(before, str) else ""
            kept, open_ = _merged_text(path, older, now, value, choices)
        else:
            kept, open_ = _one_of(path, now, value, choices.get((path, 0)))
        conflicts += open_
        if not open_:
            changes[path] = kept
    return changes, conflicts


def _one_of(
    path: str, theirs: Any, mine: Any, choice: MergeChoice | None
) -> tuple[Any, Sequence[EditConflict]]:
    """One of two values of which one is no text, or the conflict without a choice."""
    if choice in (MergeChoice.THEIRS, MergeChoice.MINE):
        return theirs if choice is MergeChoice.THEIRS else mine, ()
    return None, [EditConflict(path=path, place=0, theirs=shown(theirs), mine=shown(mine))]


def _merged_text(
    path: str, before: str, theirs: str, mine: str, choices: Choices
) -> tuple[str, Sequence[EditConflict]]:
    """One text with the changes of both, and the conflicts without a choice."""
    lines: list[str] = []
    conflicts: list[EditConflict] = []
    place = 0
    for part in _parts(before, theirs, mine):
        if len(part) == 1:
            lines += part[0]
            continue
        conflict = EditConflict(
            path=path,
            place=place,
            theirs="\n".join(part[0]),
            mine="\n".join(part[1]),
            above=next((line for line in reversed(lines) if line.strip()), ""),
        )
        chosen = _chosen(conflict, part, choices.get((path, place)))
        if chosen is None:
            conflicts.append(conflict)
        else:
            lines += chosen
        place += 1
    return "\n".join(lines), conflicts


def _chosen(
    conflict: EditConflict, part: Sequence[Sequence[str]], choice: MergeChoice | None
) -> Sequence[str] | None:
    if choice is MergeChoice.BOTH and conflict.takes_both:
        # Without an empty line between them they would be one paragraph.
        return [*part[0], "", *part[1]]
    kept = {MergeChoice.THEIRS: part[0], MergeChoice.MINE: part[1]}
    return kept.get(choice) if choice else None


def _parts(before: str, theirs: str, mine: str) -> Iterator[Sequence[Sequence[str]]]:
    """The lines of a merged text in parts: once, or as theirs and mine where these differ."""
    old = before.split("\n")
    their_edits, my_edits = (list(_edits(old, text.split("\n"))) for text in (theirs, mine))
    done = 0
    for group in _groups({*their_edits, *my_edits}):
        start, end = group[0].start, max(edit.end for edit in group)
        yield [old[done:start]]
        if len(group) == 1:
            yield [group[0].lines]
        else:
            yield [
                _applied(old, start, end, [edit for edit in edits if edit in group])
                for edits in (their_edits, my_edits)
            ]
        done = end
    yield [old[done:]]


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[_LineEdit]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for same, start, end, new_start, new_end in matcher.get_opcodes():
        if same != "equal":
            yield _LineEdit(start=start, end=end, lines=tuple(new[new_start:new_end]))


def _groups(edits: set[_LineEdit]) -> Sequence[Sequence[_LineEdit]]:
    """Edits that meet, or touch, together; the groups in the order of their lines."""
    groups: list[list[_LineEdit]] = []
    end = -1
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        if groups and edit.start <= end:
            groups[-1].append(edit)
        else:
            groups.append([edit])
        end = max(end, edit.end)
    return groups


def _applied(old: Sequence[str], start: int, end: int, edits: Sequence[_LineEdit]) -> Sequence[str]:
    """The lines from `start` to before `end`, with edits of them."""
    lines: list[str] = []
    for edit in edits:
        lines += [*old[start : edit.start], *edit.lines]
        start = edit.end
    return [*lines, *old[start:end]]
