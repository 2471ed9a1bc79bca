"""Every script that measures: in turn, for true figures, or side by side, to see that all run."""

import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from typing import Any

from bench import (
    attacker,
    calls,
    cold_start,
    desk_pages,
    engine_units,
    fan_out,
    growth,
    http_load,
    keystrokes,
    lighthouse,
    opening,
    pacing,
    page,
    paint,
    positions,
    proof,
    sealing,
    throughput,
    unsealing,
)
from bench.http_load import Load
from bench.instruments import reporting
from bench.instruments.reporting import Progress

_SMALL_LOAD = Load(pages=200, forms=16)


def _scripts(*, short: bool, beside: str = "") -> Mapping[str, Callable[[Progress], Any]]:
    """What measures, by the name of its script; the longest come first."""
    return {
        "cold_start": partial(cold_start.measure, short=short),
        "growth": partial(growth.measure, short=short),
        "fan_out": partial(fan_out.measure, short=short),
        "throughput": throughput.measure,
        "http_load": partial(http_load.measure, load=_SMALL_LOAD if short else Load(beside=beside)),
        "attacker": partial(attacker.measure, short=short),
        "unsealing": partial(unsealing.measure, short=short),
        "calls": partial(calls.measure, short=short),
        "engine_units": partial(engine_units.measure, short=short),
        "desk_pages": partial(desk_pages.measure, short=short),
        "proof": partial(proof.measure, short=short),
        "sealing": partial(sealing.measure, short=short),
        "opening": partial(opening.measure, short=short),
        "lighthouse": partial(lighthouse.measure, short=short),
        "keystrokes": partial(keystrokes.measure, beside=beside, short=short),
        "paint": partial(paint.measure, beside=beside, short=short),
        "positions": positions.measure,
        "pacing": pacing.measure,
        "page": page.measure,
    }


def in_turn(names: Collection[str], beside: str) -> Mapping[str, Any]:
    """Measure with these scripts, one after another, so that none disturbs another."""
    measured = {}
    for name, measure in _scripts(short=False, beside=beside).items():
        if name not in names:
            continue
        measured[name] = measure(reporting.progress(name))
        reporting.clear_progress()
    return measured


def in_parallel() -> Mapping[str, Any] | None:
    """Try every script, a process for each core, and print how it went. None if one fails."""
    measured = {}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        started = {pool.submit(_try, name): name for name in _scripts(short=True)}
        for future in as_completed(started):
            name = started[future]
            try:
                measured[name], seconds = future.result()
            except Exception as error:  # noqa: BLE001 - whatever it is, the other scripts are tried
                print(f"{name} failed:", file=sys.stderr)
                traceback.print_exception(error)
            else:
                print(f"{name}: {seconds:.0f} s")
    return measured if len(measured) == len(started) else None


def _try(name: str) -> tuple[Any, float]:
    """What a script measures in its short form, and the seconds that it takes."""
    started = time.perf_counter()
    measured = _scripts(short=True)[name](lambda what: None)
    return measured, time.perf_counter() - started
