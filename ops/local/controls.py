"""What exists on this machine only: the outbox, the clock that can be moved, and health."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops.local.api_gateway import Answer
from ops.local.clock import BadStep, Clock, read_step
from ops.local.event_sources import Pump
from ops.local.outbox import Outbox
from ops.local.proxy_events import Request

SHOWN: Final = 100
"""Mails on the page; the JSON has them all."""

_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Controls:
    """Answers requests to `/_local/…`."""

    def __init__(self, outbox: Outbox, clock: Clock, pump: Pump) -> None:
        self._outbox = outbox
        self._clock = clock
        self._pump = pump
        self._views = {
            ("GET", "/_local/outbox"): self._show_outbox,
            ("GET", "/_local/outbox.json"): self._list_outbox,
            ("GET", "/_local/health"): self._tell_health,
            ("GET", "/_local/clock"): self._tell_time,
            ("POST", "/_local/clock"): self._advance_clock,
        }

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        method = "GET" if request.method == "HEAD" else request.method
        view = self._views.get((method, request.path))
        if view is not None:
            return view(request)
        known = any(path == request.path for _, path in self._views)
        return _json({"error": "not allowed" if known else "not found"}, 405 if known else 404)

    def _show_outbox(self, _request: Request) -> Answer:
        page = _PAGES.get_template("outbox.html").render(
            mails=self._outbox.newest(SHOWN), count=len(self._outbox), now=self._clock.now()
        )
        # A mail's own styles are inline; scripts and remote pictures have no place in one.
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", policy),
            ("Cache-Control", "no-store"),
        ]
        return Answer(status=200, headers=headers, body=page.encode())

    def _list_outbox(self, _request: Request) -> Answer:
        return _json([mail.to_json() for mail in self._outbox.all()])

    def _tell_health(self, _request: Request) -> Answer:
        return _json(
            {
                "ok": True,
                "now": self._clock.now().isoformat(),
                "mails": len(self._outbox),
                "dead_letters": self._pump.dead_letter_count(),
            }
        )

    def _tell_time(self, _request: Request) -> Answer:
        return _json({"now": self._clock.now().isoformat()})

    def _advance_clock(self, request: Request) -> Answer:
        try:
            fields = parse_qs(request.body.decode("utf-8"), keep_blank_values=True)
            step = read_step(fields.get("advance_seconds", [""])[-1])
        except (BadStep, ValueError) as error:
            return _json({"error": str(error)}, 400)
        self._pump.advance(step)
        return self._tell_time(request)


def _json(values: Mapping[str, Any] | list[Any], status: int = 200) -> Answer:
    return Answer(
        status=status,
        headers=[("Content-Type", "application/json"), ("Cache-Control", "no-store")],
        body=json.dumps(values, ensure_ascii=False).encode(),
    )
