"""Who comes to the door in these scenarios, and what can be compared of the answers they get."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.store.limits.post_counts import UnflushedPostCounts
from chalicelib.usecases.signatures.moderating import Moderator
from tests import builders
from tests.faults import Calls, watched
from tests.routes.requests import POST, SAME_ORIGIN, SLUG, ApiResponse, call
from tests.world import World

SIGNED: Final = "alena@example.org"
HELD: Final = "darya@example.org"
BLOCKED: Final = "iryna@example.org"
SUBSCRIBED: Final = "maria@example.org"
WITHDRAWN: Final = "nadia@example.org"
UNKNOWN: Final = "sonia@example.org"
EVERYBODY: Final = (SIGNED, HELD, BLOCKED, SUBSCRIBED, WITHDRAWN, UNKNOWN)
"""One address of each standing, all of one length: sealed, they are as long as each other."""

PENDING: Final = re.compile(r'name="pending" value="([^"]+)"')
CODE: Final = re.compile(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", re.MULTILINE)
_SEALED: Final = re.compile(r"[A-Za-z0-9_-]{60,}")


@dataclass(frozen=True, kw_only=True)
class Sight:
    """All that somebody at a browser can see of an answer, and all that AWS was asked for it."""

    status: int
    headers: Mapping[str, str]
    size: int
    text: str
    calls: Sequence[str]


def sends(
    form: str,
    *,
    client: str = "198.51.100.7",
    slug: str = SLUG,
    **fields: str,
) -> ApiResponse:
    """Somebody sends a form of the petition, from one of our pages."""
    body = urlencode(fields)
    return call(
        POST,
        f"/en/{slug}/{form}",
        body=body.encode(),
        headers=SAME_ORIGIN,
        client=client,
    )


def signs(email: str, *, client: str = "198.51.100.7", **fields: str) -> ApiResponse:
    """Somebody sends the sign form with this address."""
    return sends(
        "sign", client=client, **{**builders.sign_form(name="Ada"), "email": email, **fields}
    )


def seen(response: ApiResponse, calls: Sequence[str], *typed: str) -> Sight:
    """What can be seen of an answer; sealed tokens and what was typed are made alike."""
    text = response.text
    for word in typed:
        text = text.replace(word, "typed".ljust(len(word), "."))
    return Sight(
        status=response.status,
        headers=response.headers,
        size=len(text),
        text=_SEALED.sub(lambda token: "." * len(token[0]), text),
        calls=tuple(calls),
    )


@contextmanager
def calls_of(world: World) -> Iterator[Calls]:
    """The AWS calls of a warm process, which has read the petition a moment ago.

    It has just told how many forms came: one in ten tells, whoever sends it.
    """
    world.services.unflushed_post_counts = UnflushedPostCounts()
    world.services.cache.seconds = 1000
    with watched(Calls()) as calls:
        yield calls
    world.services.cache.seconds = 0


def subscribes(world: World, email: str) -> None:
    """Somebody asks for news, and confirms by the mailed link."""
    world.post("/en/open-door/subscribe", {"email": email})
    world.settle()
    world.post(world.link(), {})


def blocks(world: World, email: str) -> str:
    """Somebody uses the link at the end of a mail after which there are no more; its path."""
    world.post("/en/open-door/manage", {"email": email})
    world.settle()
    never = world.link_to("block", world.mails(email)[-1])
    world.post(never, {})
    return never


def hold(world: World, country: str) -> None:
    """An organiser holds all signatures that named a country."""
    judge = Moderator(services=world.services, slug=SLUG)
    assert judge.hold(SignatureFilter(country=country), why="they came in one minute")
    world.settle()


def settle_everybody(world: World) -> None:
    """Bring one address into each standing, on a day that is over."""
    world.sign_and_confirm(email=HELD, country="DE")
    hold(world, "DE")
    world.sign_and_confirm(email=SIGNED)
    world.sign_and_confirm(email=WITHDRAWN)
    world.withdraw(WITHDRAWN)
    subscribes(world, SUBSCRIBED)
    blocks(world, BLOCKED)
    # The next day has a key of limits and shares of its own; let both begin.
    world.clock.advance(days=1)
    signs("first-of-the-day@example.org")
    world.settle()
