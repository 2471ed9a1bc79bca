"""CPU time of small pieces of work, measured side by side so that they can be compared.

Other work on the machine slows some rounds down and none up, so the fastest round counts, and all
pieces take turns within each round.
"""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

Act = Callable[[], object]
Prepare = Callable[[int], Sequence[Act]]
"""Makes so many acts ready; that is not measured."""

ROUNDS: Final = 7


def same(act: Act) -> Prepare:
    """An act that can be done over and over."""
    return lambda count: [act] * count


def again(acts: Sequence[Act]) -> Prepare:
    """Acts that are ready, the same ones each time."""
    return lambda count: acts[:count]


def cpu_seconds(
    subjects: Mapping[str, Prepare], *, count: int, rounds: int = ROUNDS
) -> Mapping[str, float]:
    """CPU seconds of one act of each subject, over `count` acts in the fastest of the rounds."""
    best: dict[str, float] = {}
    for prepare in subjects.values():
        _spent(prepare(1))
    gc.collect()
    # What is there by now is nobody's garbage: going through it is no part of the work.
    gc.freeze()
    for _ in range(rounds):
        for name, prepare in subjects.items():
            spent = _spent(prepare(count)) / count
            best[name] = min(spent, best.get(name, spent))
    gc.unfreeze()
    return best


def _spent(acts: Sequence[Act]) -> float:
    """CPU seconds of all acts; garbage of before is gone, and their own is theirs to collect."""
    gc.collect()
    started = time.process_time()
    for act in acts:
        act()
    return time.process_time() - started
