"""Who acts: an organiser at the desk, or an operator at the command line."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, with the name that is shown to other organisers."""

    id: str
    name: str


OPERATOR: Final = Actor(id="operator", name="the operator")
"""Who runs commands with access to AWS. No organiser has this id."""
