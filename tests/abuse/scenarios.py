"""Addresses of every status, the forms they send, and comparable views of the responses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.store.limits.post_counts import UnflushedPostCounts
from chalicelib.usecases.signatures import moderating
from chalicelib.usecases.signatures.moderating import Moderator
from tests import builders
from tests.faults import AwsCalls, recorded
from tests.routes.requests import POST, SAME_ORIGIN, SLUG, ApiResponse, call
from tests.world import World

SIGNED: Final = "alena.with-a-long-name-of-her-own@example.org"
HELD: Final = "darya@example.org"
BLOCKED: Final = "iryna.k@example.org"
SUBSCRIBED: Final = "maria.m@mail.department.example.org"
WITHDRAWN: Final = "nadia1@example.org"
UNKNOWN: Final = "sonia-s@ex.example.org"
ALL_ADDRESSES: Final = (SIGNED, HELD, BLOCKED, SUBSCRIBED, WITHDRAWN, UNKNOWN)
"""One address of each status, each of another length."""

PENDING: Final = re.compile(r'name="pending" value="([^"]+)"')
CODE: Final = re.compile(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", re.MULTILINE)
_SEALED: Final = re.compile(r"[A-Za-z0-9_-]{60,}")


@dataclass(frozen=True, kw_only=True)
class VisibleResponse:
    """The parts of a response that a browser can see, and the AWS calls behind it."""

    status: int
    headers: Mapping[str, str]
    size: int
    text: str
    calls: Sequence[str]


def post_form(
    form: str,
    *,
    client: str = "198.51.100.7",
    slug: str = SLUG,
    **fields: str,
) -> ApiResponse:
    """Post a form of the petition, as from a page of the service."""
    body = urlencode(fields)
    return call(
        POST,
        f"/en/{slug}/{form}",
        body=body.encode(),
        headers=SAME_ORIGIN,
        client=client,
    )


def post_sign_form(email: str, *, client: str = "198.51.100.7", **fields: str) -> ApiResponse:
    """Post the sign form with this address."""
    return post_form(
        "sign", client=client, **{**builders.sign_form(name="Ada"), "email": email, **fields}
    )


def visible(response: ApiResponse, calls: Sequence[str], *typed_values: str) -> VisibleResponse:
    """The visible parts of a response, with sealed tokens and typed values masked."""
    text = response.text
    for value in typed_values:
        text = text.replace(value, "typed")
    text = _SEALED.sub("sealed", text)
    return VisibleResponse(
        status=response.status,
        headers=response.headers,
        size=len(text),
        text=text,
        calls=tuple(calls),
    )


@contextmanager
def recorded_calls(world: World) -> Iterator[AwsCalls]:
    """Records the AWS calls of a warm process, whose post counts were flushed just now."""
    world.services.unflushed_post_counts = UnflushedPostCounts()
    world.services.cache.seconds = 1000
    with recorded(AwsCalls()) as calls:
        yield calls
    world.services.cache.seconds = 0


def subscribe(world: World, email: str) -> None:
    """Subscribe an address, and confirm by the mailed link."""
    world.post("/en/open-door/subscribe", {"email": email})
    world.deliver_all()
    world.post(world.link(), {})


def block(world: World, email: str) -> str:
    """Block an address by the link at the end of a mail; returns the link's path."""
    world.post("/en/open-door/manage", {"email": email})
    world.deliver_all()
    block_link = world.link_to("block", world.mails(email)[-1])
    world.post(block_link, {})
    return block_link


def hold(world: World, country: str) -> None:
    """Hold all signatures of a country, as an organiser."""
    moderator = Moderator(services=world.services, slug=SLUG)
    selected = moderator.select(SignatureFilter(country=country), SignatureState.CONFIRMED)
    assert selected
    moderating.request_hold(world.services, selected, why="they came in one minute")
    world.deliver_all()


def prepare_every_status(world: World) -> None:
    """Bring one address into each status, on the day before."""
    world.sign_and_confirm(email=HELD, country="DE")
    hold(world, "DE")
    world.sign_and_confirm(email=SIGNED)
    world.sign_and_confirm(email=WITHDRAWN)
    world.withdraw(WITHDRAWN)
    subscribe(world, SUBSCRIBED)
    block(world, BLOCKED)
    # The first form of a day makes its limit key and quotas.
    world.clock.advance(days=1)
    post_sign_form("first-of-the-day@example.org")
    world.deliver_all()
