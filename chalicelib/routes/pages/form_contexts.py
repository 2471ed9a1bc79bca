"""What a form shows: what was typed, what is wrong with it, and what it needs.

As in `contexts.py`, nothing has a `repr` or an `eq`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ProofGate:
    """What a form has while proofs are required: a proof of work, and the slow lane.

    `widget` and `worker` are scripts that solve the challenge; these and `challenge` are addresses.
    The widget writes its solution into the field `field`. The button of the slow lane is
    `slow_field`. `at_once`: the widget starts with the page, else when the form is touched.
    """

    challenge: str
    algorithm: str
    widget: str
    worker: str
    field: str
    slow_field: str
    slow_minutes: int
    at_once: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Suggestion:
    """An address that was probably mistyped, and the one that was meant, each with its domain.

    `cyrillic` is the Cyrillic letter among the Latin ones of the typed domain, or "".
    """

    typed: str
    typed_domain: str
    meant: str
    meant_domain: str
    cyrillic: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Form:
    """A form with what was typed, and with its errors by field.

    `notice` is an error of no single field. `warning` is about the address; the button that sends
    the form nevertheless carries `despite`, the address's domain. `suggestion` asks about the
    address, too, with a button for each answer. `proof_wanted`: the form came
    back only because a proof of work is required; `gate` makes that.
    """

    action: str
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    warning: str = ""
    despite: str = ""
    suggestion: Suggestion | None = None
    proof_wanted: bool = False
    gate: ProofGate | None = None

    @property
    def refused(self) -> bool:
        """Whether the form has something to correct."""
        return bool(
            self.errors
            or self.warning
            or self.suggestion
            or (self.notice and not self.proof_wanted)
        )

    @property
    def came_back(self) -> bool:
        """Whether the form was sent before, and shows what was typed."""
        return self.refused or self.proof_wanted
