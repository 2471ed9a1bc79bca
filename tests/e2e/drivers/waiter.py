"""The log that people read: a line a step, with a mark and the seconds that it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ops.errors import CannotContinue
from ops.terminal import console

_BETWEEN_LOOKS_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 30.0
"""How long something may take that AWS does by itself; the engine needs a second or two."""

Seen = TypeVar("Seen")


class Unexpected(Exception):
    """Something is not as it should be: says what was looked at, what was expected, what came."""

    def __init__(self, what: str, *, expected: Any, came: Any) -> None:
        super().__init__(f"{what}\n  expected: {expected}\n  came:     {came}")


class StepFailed(CannotContinue):
    """A step of the rehearsal failed: names the step, and says what was expected and what came."""


@dataclass
class Log:
    """Writes the steps as they are done."""

    say: Callable[[str], None] = console.say
    clock: Callable[[], float] = time.monotonic
    done_count: int = 0

    def chapter(self, words: str) -> None:
        """A heading for the steps that follow."""
        self.say("")
        self.say(words)

    def note(self, words: str) -> None:
        """A line that is worth knowing and no step."""
        for line in words.splitlines():
            self.say(f"         {line}")

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Do the block and write the step: done with its seconds, or failed. Raises StepFailed."""
        begun = self.clock()
        try:
            yield
        except Exception as error:
            self.say(self._line("✗", begun, words))
            came = f"{type(error).__name__}: {error}"
            raise StepFailed(f"{words}\n{error if isinstance(error, Unexpected) else came}") from (
                error
            )
        self.done_count += 1
        self.say(self._line("✓", begun, words))

    def _line(self, mark: str, begun: float, words: str) -> str:
        return f"  {mark} {self.clock() - begun:5.1f} s  {words}"


def expect(what: str, came: Any, expected: Any) -> None:
    """Raise Unexpected unless what came is what was expected."""
    if came != expected:
        raise Unexpected(what, expected=repr(expected), came=repr(came))


def expect_in(what: str, part: Any, whole: Any) -> None:
    """Raise Unexpected unless `part` is in `whole`."""
    if part not in whole:
        raise Unexpected(what, expected=f"something with {part!r}", came=repr(whole)[:1000])


def until(what: str, look: Callable[[], Seen | None], *, seconds: float = PATIENCE_SECONDS) -> Seen:
    """Look again and again until there is something to see; what was seen.

    Raises Unexpected when nothing has come within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise Unexpected(what, expected=f"it within {seconds:g} seconds", came=repr(seen))
        time.sleep(_BETWEEN_LOOKS_SECONDS)
    return seen
