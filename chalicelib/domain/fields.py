"""Reads values that an organiser wrote by their fields, and notes all that is wrong at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from chalicelib.domain import plain_text, typed_text

FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""No organiser means a day outside of these, and a later one could not be reckoned with."""
_MOST_QUOTED: Final = 60
_MOST_BITS: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """What is wrong with the field at a path, such as `organiser.email`, and its remedy.

    Without a `remedy`, the field needs a value such as `example`. `line` counts from 0 within a
    field of several lines.
    """

    field: str
    what: str
    remedy: str = ""
    example: Any = None
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Plain values by their names, below a path of fields; "" is the top.

    Each getter adds what is wrong to `errors` and returns an empty value instead.
    """

    values: Mapping[str, Any]
    errors: list[FieldError]
    path: str = ""

    def add(
        self, name: str, what: str, remedy: str = "", *, example: Any = None, line: int = 0
    ) -> None:
        """Note an error of the field `name`."""
        path = f"{self.path}.{name}" if self.path else name
        self.errors.append(
            FieldError(field=path, what=what, remedy=remedy, example=example, line=line)
        )

    def refuse_others(self, known: Collection[str]) -> None:
        """Note every field that is not known: mistyped, or meant for another place."""
        for name in self.values:
            if name not in known:
                self.add(name, f"“{name}” is not known here.", f"Known: {', '.join(known)}.")

    def text(self, name: str, example: str, *, limit: int = 200) -> str:
        """A line of visible text of 1 to `limit` characters, one of them a letter or the like."""
        value = self._value(name, example, "must be text.", lambda value: isinstance(value, str))
        text = (value or "").strip()
        hidden = typed_text.find_hidden_in_line(text)
        if value is not None and not text:
            self.add(name, f"“{name}” is empty.", example=example)
        elif len(text) > limit:
            what = f"“{name}” has {len(text)} characters; at most {limit} fit."
            self.add(name, what, "Shorten it.")
        elif hidden:
            what = f"“{name}” holds an invisible character (U+{ord(hidden):04X})."
            self.add(name, what, "Type the line again instead of pasting it.")
        elif text and not plain_text.has_words(text):
            self.add(name, f"“{name}” has neither letters nor digits.", example=example)
        else:
            return text
        return ""

    def day(self, name: str, example: date) -> date | None:
        """A date without a time of day, of this century."""
        value: date | None = self._value(
            name,
            example,
            "must be a date: year-month-day.",
            lambda value: isinstance(value, date) and not isinstance(value, datetime),
        )
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            what = f"“{name}” is {value}: no day before {FIRST_DAY} or after {LAST_DAY} fits."
            self.add(name, what, example=example)
            return None
        return value

    def several(
        self, name: str, kind: type, example: Sequence[Any], *, limit: int
    ) -> Sequence[Any]:
        """A list of 1 to `limit` values, all of one type."""
        # type(), not isinstance: true and false are whole numbers to Python.
        needed = "whole numbers" if kind is int else "words"
        value: Sequence[Any] | None = self._value(
            name,
            example,
            f"must be a list of {needed}, not {_quoted(self.values.get(name))}.",
            lambda value: isinstance(value, list) and {*map(type, value)} == {kind},
        )
        if value and len(value) > limit:
            self.add(
                name, f"“{name}” lists {len(value)} values; at most {limit} fit.", "Shorten it."
            )
            return ()
        return value or ()

    def part(self, name: str) -> "Fields":
        """The fields below the field `name`."""
        value = self.values.get(name)
        path = f"{self.path}.{name}" if self.path else name
        if not isinstance(value, Mapping):
            self.add(
                name, f"The part [{name}] is missing.", f"Add a line [{name}] and its settings."
            )
            value = {}
        return Fields(values=value, errors=self.errors, path=path)

    def _value(self, name: str, example: Any, what: str, fits: Callable[[Any], bool]) -> Any:
        """The value of a field, or None and an error if it is missing or does not fit."""
        if name not in self.values:
            what = "is missing."
        elif fits(self.values[name]):
            return self.values[name]
        self.add(name, f"“{name}” {what}", example=example)
        return None


def _quoted(value: object) -> str:
    """What was written, cut where it is long."""
    words = ", ".join(map(_word, value)) if isinstance(value, list) else _word(value)
    return f"“{words[:_MOST_QUOTED]}…”" if len(words) > _MOST_QUOTED else f"“{words}”"


def _word(value: object) -> str:
    # Python writes no number of thousands of digits.
    is_endless = isinstance(value, int) and value.bit_length() > _MOST_BITS
    return "…" if is_endless else str(value)
