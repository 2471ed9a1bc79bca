"""Pages that exist on this machine only: the outbox, the clock that can be moved, and health."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from chalice.app import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.domain.organisers.roles import Role
from chalicelib.routes.desk import session_cookie
from chalicelib.routes.desk.session_cookie import COOKIE
from chalicelib.wiring import Services
from ops.local import organisers
from ops.local.api_gateway import HttpResponse
from ops.local.event_sources import EventSources
from ops.local.lambda_events import HttpRequest
from ops.local.outbox import Outbox
from ops.local.state import AdjustableClock

PREFIX: Final = "/_local/"
MAX_MAILS: Final = 100
"""Mails on the page; the JSON has them all."""
MAX_STEP_SECONDS: Final = 366 * 24 * 60 * 60

_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Controls:
    """Answers requests to `/_local/…`."""

    def __init__(
        self, services: Services, outbox: Outbox, clock: AdjustableClock, events: EventSources
    ) -> None:
        self._services = services
        self._outbox = outbox
        self._clock = clock
        self._events = events
        self._views = {
            ("GET", "/_local/outbox"): self._outbox_page,
            ("GET", "/_local/outbox.json"): self._outbox_json,
            ("GET", "/_local/health"): self._health,
            ("GET", "/_local/clock"): self._time,
            ("POST", "/_local/clock"): self._advance_clock,
            ("POST", "/_local/sign-in"): self._sign_in,
        }

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        method = "GET" if request.method == "HEAD" else request.method
        view = self._views.get((method, request.path))
        if view is not None:
            return view(request)
        known = any(path == request.path for _, path in self._views)
        return _json({"error": "not allowed" if known else "not found"}, 405 if known else 404)

    def _outbox_page(self, _request: HttpRequest) -> HttpResponse:
        page = _PAGES.get_template("outbox.html").render(
            mails=self._outbox.newest(MAX_MAILS), count=len(self._outbox), now=self._clock.now()
        )
        # A mail's own styles are inline; scripts and remote pictures have no place in one.
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", policy),
            ("Cache-Control", "no-store"),
        ]
        return HttpResponse(status=200, headers=headers, body=page.encode())

    def _outbox_json(self, _request: HttpRequest) -> HttpResponse:
        return _json([mail.to_json() for mail in self._outbox.all()])

    def _health(self, _request: HttpRequest) -> HttpResponse:
        return _json(
            {
                "ok": True,
                "now": self._clock.now().isoformat(),
                "mails": len(self._outbox),
                "dead_letters": self._events.dead_letter_count(),
            }
        )

    def _time(self, _request: HttpRequest) -> HttpResponse:
        return _json({"now": self._clock.now().isoformat()})

    def _advance_clock(self, request: HttpRequest) -> HttpResponse:
        try:
            step = _step(_fields(request).get("advance_seconds", ""))
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        self._events.advance(step)
        return self._time(request)

    def _sign_in(self, request: HttpRequest) -> HttpResponse:
        """The cookie of a session at the desk, for `name`, with `roles` on a `petition`."""
        fields = _fields(request)
        try:
            roles = [Role(word) for word in fields.get("roles", Role.STEWARD).split()]
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        cookie = organisers.sign_in(
            self._services, fields.get("name") or "Hanna", fields.get("petition", ""), roles
        )
        answer = _json({"cookie": f"{COOKIE}={cookie}"})
        given = session_cookie.set_on(Response(""), cookie).headers["Set-Cookie"]
        return replace(answer, headers=[*answer.headers, ("Set-Cookie", str(given))])


def _fields(request: HttpRequest) -> Mapping[str, str]:
    """The last value of each field of a form. Raises ValueError."""
    fields = parse_qs(request.body.decode("utf-8"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def _step(text: str) -> timedelta:
    """The step that a form field `advance_seconds` asks for. Raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= MAX_STEP_SECONDS:
        raise ValueError(f"advance_seconds must be a number from 0 to {MAX_STEP_SECONDS}")
    return timedelta(seconds=seconds)


def _json(values: Mapping[str, Any] | list[Any], status: int = 200) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers=[("Content-Type", "application/json"), ("Cache-Control", "no-store")],
        body=json.dumps(values, ensure_ascii=False).encode(),
    )
