"""A move of recipients from a chunk into new ones of the same alert, to be mailed again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.domain.alerts.chunk import ClaimedChunk, Group, Outcome


@dataclass(frozen=True, kw_only=True)
class Move:
    """The recipients at these positions move; `outcomes` and `reasons` of others become known.

    `group` is that of the chunk, None if its outcomes are in the totals of the alert.
    """

    chunk: ClaimedChunk
    group: Group | None
    positions: tuple[int, ...]
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)

    def counted(self) -> Counter[Outcome]:
        """The outcomes that the totals of the alert hold, and should no longer."""
        if self.group:
            return Counter()
        known = self.chunk.outcomes
        return Counter(known[position] for position in self.positions if position in known)

    def counted_refusals(self) -> Counter[str]:
        """The reasons that the alert counts, and should no longer."""
        if self.group:
            return Counter()
        moved = {p: it for p, it in self.chunk.outcomes.items() if p in self.positions}
        return replace(self.chunk, outcomes=moved).refusals()


def parts_of(moves: Sequence[Move], size: int) -> Sequence[Sequence[str]]:
    """The recipients of new chunks of up to `size`."""
    moved = [move.chunk.recipients[position] for move in moves for position in move.positions]
    return [moved[start : start + size] for start in range(0, len(moved), size)]
