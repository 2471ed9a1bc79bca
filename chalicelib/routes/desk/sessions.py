"""Who is signed in, for the gate of the desk."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.organisers.roles import Role
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session of an organiser."""

    organiser_id: str
    name: str
    touched_at: datetime
    roles: dict[str, frozenset[Role]]


KNOWN: dict[str, Session] = {}


def find(_services: Services, cookie: str) -> Session | None:
    """The session of a cookie, or None."""
    return KNOWN.get(cookie)


def roles_of(_services: Services, slug: str, session: Session) -> frozenset[Role]:
    """The roles of an organiser on a petition."""
    return session.roles.get(slug, frozenset())
