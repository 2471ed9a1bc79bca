"""Opens the lines of an export in several processes, in their order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Final

from chalicelib.crypto.unsealing import PrivateKey
from ops.errors import CannotContinue
from ops.keys.unsealing.sealed_export import SealedExport
from ops.keys.unsealing.verification import OpenedLine, Verifier

_BATCH: Final = 200
"""Lines that a process opens at a time: some 0.5 MB, in 50 milliseconds."""
_WORTH_PROCESSES: Final = 4_000
"""Fewer lines are opened before other processes have started."""

_Batch = Sequence[tuple[int, bytes]]
_Opened = Sequence[tuple[int, OpenedLine]]


def opened_lines(
    export: SealedExport, verifier: Verifier, *, processes: int | None = None
) -> Generator[tuple[int, OpenedLine], None, None]:
    """The number of each line and what it holds. By default all cores work if there is enough.

    In memory are three batches for each process, whatever the size. Raises BadExport, and
    CannotContinue if a process is killed.
    """
    if processes is None:
        processes = (os.cpu_count() or 1) if export.line_count > _WORTH_PROCESSES else 1
    if processes == 1:
        for number, line in export.lines():
            yield number, verifier.open(line)
        return
    pool = ProcessPoolExecutor(
        processes,
        # A fork would copy locks of the threads that show the progress.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(verifier.slug, [key.seed for key in verifier.keys], verifier.attestation_keys),
    )
    try:
        yield from _in_order(pool, export, 3 * processes)
    except BrokenProcessPool as error:
        raise CannotContinue(
            "A process that opened signatures was killed, perhaps because memory ran out. Nothing "
            "was written. Try again."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, export: SealedExport, ahead: int
) -> Iterator[tuple[int, OpenedLine]]:
    """What the pool opens, in order, while it has so many batches. Raises as `lines` does."""
    lines = export.lines()
    waiting: deque[Future[_Opened]] = deque()
    while batch := list(islice(lines, _BATCH)):
        waiting.append(pool.submit(_open, batch))
        if len(waiting) == ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


_verifiers: list[Verifier] = []
"""The one verifier of a process of the pool."""


def _start(slug: str, seeds: Sequence[bytes], attestation_keys: Sequence[bytes]) -> None:
    """Begin a process of the pool, which ends when the pool does and if its parent is killed."""
    # Ctrl-C reaches every process; the parent ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keys = [PrivateKey(seed) for seed in seeds]
    _verifiers[:] = [Verifier(slug=slug, keys=keys, attestation_keys=attestation_keys)]


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _open(batch: _Batch) -> _Opened:
    return [(number, _verifiers[0].open(line)) for number, line in batch]
