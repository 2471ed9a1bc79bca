"""How quickly does the local service answer over HTTP? Pages and sign forms, by several clients.

`--beside NAME=URL` asks another server's page in turn with ours, on the same machine.
"""

import argparse
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import chain
from typing import Final
from urllib.parse import urlencode, urlsplit

from bench.instruments import local_service, moto_service, reporting
from bench.instruments.reporting import Chapter, Progress, figure, table
from tests import builders
from tests.world import FORM

_ROUNDS: Final = 5

Ask = Callable[[HTTPConnection, int], None]
"""Sends the request with this number."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """How many clients ask for how much, in all."""

    clients: int = 8
    pages: int = 5000
    forms: int = 200
    beside: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came back: seconds of each answer that was 200, how many were not, how long it took."""

    waits: Sequence[float]
    errors: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Good answers per second, over all clients."""
        return len(self.waits) / self.seconds

    def slowest_but(self, share: float) -> float:
        """The seconds within which all answers came but for a share: 0.01 is the 99th percentile.

        NaN if none came.
        """
        waits = sorted(self.waits)
        return waits[math.ceil(len(waits) * (1 - share)) - 1] if waits else math.nan

    def row(self, name: str) -> Sequence[str]:
        """A line of the table."""
        shown = [f"{self.slowest_but(share) * 1000:.1f}" for share in (0.5, 0.01)]
        return [name, figure(self.per_second), *shown, figure(self.errors)]


def measure(progress: Progress, load: Load) -> Sequence[tuple[str, Result]]:
    """Start the service, ask it as often as `load` says, and end it."""
    with local_service.running() as url:
        progress("warming up")
        pages = {"petition page": url + moto_service.path()}
        if load.beside:
            peer, _, peer_url = load.beside.partition("=")
            pages[f"page of {peer}"] = peer_url
        for page in pages.values():
            _asked(page, _read(page), clients=load.clients, count=load.clients)
        rounds: dict[str, list[Result]] = {name: [] for name in pages}
        for number in range(_ROUNDS):
            progress(f"pages, round {number + 1} of {_ROUNDS}")
            for name, page in pages.items():
                found = _asked(page, _read(page), clients=load.clients, count=load.pages // _ROUNDS)
                rounds[name].append(found)
        progress("sign forms")
        forms = _asked(url, _sign, clients=load.clients, count=load.forms)
        return [*((name, _joined(found)) for name, found in rounds.items()), ("sign form", forms)]


def chapter(load: Load, results: Sequence[tuple[str, Result]]) -> Chapter:
    """What the times say."""
    heads = ("answer", "per second", "p50, ms", "p99, ms", "errors")
    text = f"""
The local service (`make run`) in a process of its own, asked over loopback by {load.clients}
clients at once that keep their connections; the clients share the machine with it. AWS is moto, in
the service's own process: what a form takes is nearly all the emulator's.

{table(heads, [result.row(name) for name, result in results])}"""
    errors = [f"{result.errors} of {name} failed" for name, result in results if result.errors]
    return Chapter(
        title="What the local service answers in a second",
        command=reporting.command("http_load"),
        text=text,
        broken=errors,
    )


def _asked(url: str, ask: Ask, *, clients: int, count: int) -> Result:
    """Ask `count` times in all. Each client has a connection, and comes from a /24 of its own."""
    host = urlsplit(url).netloc
    start = threading.Barrier(clients + 1)
    ours = urlsplit(url).hostname == "127.0.0.1"

    def client(number: int) -> list[float | None]:
        source = (f"127.0.{number + 1}.1", 0) if ours else None
        with closing(HTTPConnection(host, timeout=30, source_address=source)) as connection:
            start.wait()
            return [_wait(connection, ask, turn) for turn in range(number, count, clients)]

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(client, number) for number in range(clients)]
        start.wait()
        started = time.perf_counter()
        waits = list(chain.from_iterable(future.result() for future in running))
        seconds = time.perf_counter() - started
    good = [wait for wait in waits if wait is not None]
    return Result(waits=good, errors=len(waits) - len(good), seconds=seconds)


def _wait(connection: HTTPConnection, ask: Ask, number: int) -> float | None:
    """The seconds until the whole answer is there; None if it is not 200."""
    started = time.perf_counter()
    try:
        ask(connection, number)
        answer = connection.getresponse()
        answer.read()
    except (HTTPException, OSError):
        connection.close()
        return None
    return time.perf_counter() - started if answer.status == 200 else None


def _read(url: str) -> Ask:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept-Encoding": "gzip"}
    return lambda connection, _: connection.request("GET", target, headers=headers)


def _sign(connection: HTTPConnection, number: int) -> None:
    body = urlencode(builders.sign_form(email=moto_service.address(number)))
    connection.request("POST", moto_service.path("sign"), body=body, headers=FORM)


def _joined(results: Sequence[Result]) -> Result:
    return Result(
        waits=[wait for result in results for wait in result.waits],
        errors=sum(result.errors for result in results),
        seconds=sum(result.seconds for result in results),
    )


def _load() -> Load:
    parser = argparse.ArgumentParser(description=__doc__)
    usual = Load()
    parser.add_argument("--clients", type=int, default=usual.clients)
    parser.add_argument("--pages", type=int, default=usual.pages, help="in all")
    parser.add_argument("--forms", type=int, default=usual.forms, help="in all")
    parser.add_argument("--beside", default="", metavar="NAME=URL", help="a page of another server")
    return Load(**vars(parser.parse_args()))


if __name__ == "__main__":
    load = _load()
    reporting.show("http_load", lambda say: chapter(load, measure(say, load)))
