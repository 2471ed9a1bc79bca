"""What is wrong with a picture, in words for the person who chose it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PictureFault:
    """One thing to correct. `line` counts from 1; a file that is no text has one line."""

    what: str
    remedy: str
    line: int = 1


class BadPicture(Exception):
    """A picture cannot be published."""

    def __init__(self, faults: Sequence[PictureFault]) -> None:
        super().__init__(faults)
        self.faults = faults


def bad(what: str, remedy: str, line: int = 1) -> BadPicture:
    """The one reason why a picture cannot be published."""
    return BadPicture([PictureFault(what=what, remedy=remedy, line=line)])
