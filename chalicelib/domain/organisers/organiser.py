"""Organisers and their passkeys, sessions and mailed links."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain import typed_text
from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.organisers.actor import Actor

IDLE: Final = timedelta(minutes=30)
"""How long after its last request a session ends."""
ABSOLUTE: Final = timedelta(hours=12)
"""How long after its beginning a session ends, whatever is done with it."""
TOUCH: Final = timedelta(minutes=5)
"""How long a touch of the passkey counts as fresh."""
LINK_LIFETIME: Final = timedelta(minutes=30)
MAX_CODE_TRIES: Final = 5
"""Wrong recovery codes after which a link of recovery is void."""
MAX_NAME_CHARACTERS: Final = 60
MAX_PASSKEYS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """A passkey. `public_key` is a COSE key (RFC 9052) in CBOR, `credential_id` base64url.

    `sign_count` is the authenticator's own counter; 0 where it has none.
    """

    organiser_id: str
    credential_id: str
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session at the desk. `id` is the hash of what the cookie holds.

    `touched_at` is the moment when the passkey was last touched, `device` a rough description.
    `generation` is that of the account when the session began.
    """

    organiser_id: str
    id: str
    name: str
    device: str
    started_at: datetime
    touched_at: datetime
    seen_at: datetime
    generation: int

    def is_live(self, now: datetime) -> bool:
        """Whether the session has neither rested too long nor lasted too long."""
        return now - self.seen_at <= IDLE and now - self.started_at <= ABSOLUTE

    def is_touched(self, now: datetime) -> bool:
        """Whether the touch of the passkey is fresh."""
        return now - self.touched_at <= TOUCH

    @property
    def actor(self) -> Actor:
        """The organiser as the trail names one."""
        return Actor(id=self.organiser_id, name=self.name)


@dataclass(frozen=True, kw_only=True)
class OrganiserAccount:
    """The account of an organiser. The mailer alone can open `sealed_address`.

    `begins_petitions`: an operator has invited the organiser to begin petitions. `entered_at` is
    the moment of the first passkey, None while the invitation waits. `recovery_hash` is that of the
    printed code, "" without one. `generation` goes up by one when all sessions end, and
    `passkeys_revision` with each passkey that is added.
    """

    id: str
    name: str
    sealed_address: bytes
    begins_petitions: bool = False
    entered_at: datetime | None = None
    recovery_hash: str = ""
    recovery_made_at: datetime | None = None
    generation: int = 0
    passkeys_revision: int = 0

    def __repr__(self) -> str:
        return f"OrganiserAccount(id={self.id!r}, …)"

    @property
    def actor(self) -> Actor:
        """The organiser as the trail names one."""
        return Actor(id=self.id, name=self.name)

    def has_ended(self, session: Session) -> bool:
        """Whether the session was ended together with all others."""
        return session.generation != self.generation


class LinkKind(StrEnum):
    """What a mailed link is for."""

    INVITATION = "invitation"
    RECOVERY = "recovery"


@dataclass(frozen=True, kw_only=True)
class DeskLink:
    """A mailed link by which an organiser makes a passkey. Only the hash of its token is stored.

    `slug` is the petition on whose trail its use stands, "" for none. `needs_code`: it opens only
    together with the printed code. `tries` counts wrong codes.
    """

    organiser_id: str
    hash: str
    kind: LinkKind
    slug: str
    needs_code: bool
    expires_at: datetime
    tries: int = 0

    def is_live(self, now: datetime) -> bool:
        """Whether the link can still be used."""
        return now < self.expires_at and self.tries < MAX_CODE_TRIES


def checked_name(typed: str, field: str = "name") -> str:
    """The name of an organiser or passkey as it is stored. Raises InvalidForm."""
    name = typed_text.trimmed(typed)
    if not typed_text.has_letter(name) or typed_text.find_hidden_in_line(name):
        raise InvalidForm({field: Message(text="Write a name in letters, on one line.")})
    if len(name) > MAX_NAME_CHARACTERS:
        text = f"At most {MAX_NAME_CHARACTERS} characters."
        raise InvalidForm({field: Message(text=text)})
    return name
