"""What does a proof of work cost a browser, the server that checks it, and the line?"""

import gzip
import statistics
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from altcha import Challenge, Payload, Solution, derive_key_pbkdf2
from playwright.sync_api import Page

from bench.instruments import chromium, reporting, timing
from bench.instruments.reporting import Chapter, Progress, figure
from chalicelib.crypto import proof_of_work
from chalicelib.rendering import assets, build_output
from tests.builders import NOW

RUNS: Final = 24
_FEW_RUNS: Final = 2
OLD_PHONE: Final = 6
"""How many times as slow a phone of some years ago is: the factor of Chromium's own tools."""
MOST_SECONDS: Final = 15
"""What an old phone may need, in the median, before people give up."""
SCRIPTS: Final = ("proof.js", "altcha.min.js", "altcha-pbkdf2.min.js")
_KEY: Final = b"k" * 32
_SOLVE: Final = """
([challenge, source]) => new Promise((done, failed) => {
  const started = performance.now();
  const worker = new Worker(source);
  worker.onerror = () => failed(new Error('the worker failed'));
  worker.onmessage = (message) => {
    worker.terminate();
    done({ms: performance.now() - started, ...message.data});
  };
  worker.postMessage({challenge, counterStart: 0, counterStep: 1, timeout: 90000, type: 'work'});
})
"""
"""One worker of the widget, which tries every number: what a browser with one core does."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds of one worker by run, none without a browser; CPU seconds of the server; bytes."""

    seconds: Sequence[float]
    issue_cpu_seconds: float
    read_cpu_seconds: float
    raw_bytes: int
    gzip_bytes: int


def measure(progress: Progress, *, short: bool = False) -> Cost:
    """Solve challenges in Chromium, and make and check them in Python."""
    runs = range(_FEW_RUNS if short else RUNS)
    progress("making and checking")
    seconds: Sequence[float] = ()
    if chromium.path():
        progress("the browser")
        with _page() as page:
            seconds = [_solve(page) for _ in runs]
    scripts = [_served(name) for name in SCRIPTS]
    payload = _payload()
    spent = timing.cpu_seconds(
        {
            "issue": timing.same(lambda: proof_of_work.issue(_KEY, NOW)),
            "read": timing.same(lambda: proof_of_work.read([_KEY], payload, NOW)),
        },
        count=40,
    )
    return Cost(
        seconds=seconds,
        issue_cpu_seconds=spent["issue"],
        read_cpu_seconds=spent["read"],
        raw_bytes=sum(map(len, scripts)),
        gzip_bytes=sum(len(gzip.compress(each, 6, mtime=0)) for each in scripts),
    )


def _served(name: str) -> bytes:
    served = assets.static(name).rpartition("/")[2]
    return (build_output.COMPILED / "static" / served).read_bytes()


def _payload() -> str:
    """A valid proof, found in Python: checking it costs what any other does."""
    challenge = Challenge.from_dict(dict(proof_of_work.issue(_KEY, NOW)))
    parameters = challenge.parameters
    for counter in range(proof_of_work.MAX_NUMBERS):
        password = bytes.fromhex(parameters.nonce) + counter.to_bytes(4, "big")
        found = derive_key_pbkdf2(parameters, bytes.fromhex(parameters.salt), password).hex()
        if found.startswith(parameters.key_prefix):
            solution = Solution(counter=counter, derived_key=found)
            return Payload(challenge, solution).to_base64()
    raise AssertionError("a challenge has an answer within its numbers")


def _solve(page: Page) -> float:
    """Seconds that the widget's worker takes for one challenge."""
    challenge = dict(proof_of_work.issue(_KEY, NOW))
    answer: dict[str, Any] = page.evaluate(_SOLVE, [challenge, f"/{SCRIPTS[2]}"])
    solution = {"counter": answer["counter"], "derivedKey": answer["derivedKey"]}
    made = Payload.from_dict({"challenge": challenge, "solution": solution})
    if proof_of_work.read([_KEY], made.to_base64(), NOW) is None:
        raise AssertionError("the proof that the browser found is not valid")
    return float(answer["ms"]) / 1000


@contextmanager
def _page() -> Iterator[Page]:
    """A page of Chromium that can start the widget's worker."""

    class _WidgetHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == f"/{SCRIPTS[2]}"
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html")
            self.end_headers()
            self.wfile.write(_served(SCRIPTS[2]) if script else b"<!doctype html><title>-</title>")

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _WidgetHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with chromium.running() as browser:
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            yield page
    finally:
        server.shutdown()
        server.server_close()


def chapter(cost: Cost) -> Chapter:
    """What a proof costs each side."""
    rows = [
        ["in Chromium, one worker", *_spread(cost.seconds)],
        [
            f"computed for a phone {OLD_PHONE} times as slow, one worker",
            *_spread([seconds * OLD_PHONE for seconds in cost.seconds]),
        ],
    ]
    text = f"""
A challenge takes 1 to {proof_of_work.MAX_NUMBERS} keys of PBKDF2-SHA-256, each number of them as
likely, with {figure(proof_of_work.ROUNDS)} rounds each. Seconds of {len(cost.seconds)} challenges.
The widget starts a worker for every core, so most devices are faster than one worker. The phone is
computed: Chromium's own brake slows down a page's scripts, not what
the browser does for them.

{reporting.table(["where", "median", "90th percentile", "worst"], rows)}
The aim, at most {MOST_SECONDS} s in the median on an old phone, is {_verdict(cost)}.

Making a challenge costs the server {figure(cost.issue_cpu_seconds * 1000)} ms of CPU time,
checking a proof {figure(cost.read_cpu_seconds * 1000)} ms, and neither costs a call to AWS; a
proof that is used costs one write, and another one where its network alone is asked. The browser
loads {figure(cost.gzip_bytes)} bytes (gzip -6; {figure(cost.raw_bytes)} raw) when somebody begins
to fill in a form under pressure, once a year; without pressure nothing.
"""
    return Chapter(
        title="What a proof of work costs",
        command=reporting.command("proof"),
        text=text,
    )


def old_phone_seconds(cost: Cost) -> float:
    """Median of one worker on a phone of some years ago. Needs a browser."""
    return statistics.median(cost.seconds) * OLD_PHONE


def _verdict(cost: Cost) -> str:
    if not cost.seconds:
        return "not measured: there is no browser here"
    return "kept" if old_phone_seconds(cost) <= MOST_SECONDS else "**missed**"


def _spread(seconds: Sequence[float]) -> Sequence[str]:
    if not seconds:
        return ["no browser here"] * 3
    ninth = statistics.quantiles(seconds, n=10, method="inclusive")[-1]
    return [figure(statistics.median(seconds)), figure(ninth), figure(max(seconds))]


if __name__ == "__main__":
    reporting.show("proof", lambda progress: chapter(measure(progress)))
