"""The content of single mails.

A mail is a dataclass of its template's variables. To add one, add a class here and a folder of its
name under `templates/emails/`.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from chalicelib.mail.petition_mails import PetitionMail


class MailKind(StrEnum):
    """What a single mail answers. Each kind has a daily quota of its own.

    Two mails that answer one form are of one kind, so that no count tells which was sent.
    """

    SIGNATURE = "signature"
    NEWS = "news"
    OWN_PAGE = "own-page"
    WELCOME = "welcome"
    TEST = "test"
    DESK = "desk"
    APPROVAL = "approval"

    @property
    def is_to_organiser(self) -> bool:
        """Whether an organiser gets it, and nobody who signs or reads."""
        return self in (MailKind.TEST, MailKind.DESK, MailKind.APPROVAL)


@dataclass(frozen=True, kw_only=True)
class MailMessage(PetitionMail):
    """The variables of a single mail. `block_link` blocks all further mail to its address."""

    name: ClassVar[str]
    kind: ClassVar[MailKind]
    block_link: str


@dataclass(frozen=True, kw_only=True)
class ConfirmSignature(MailMessage):
    """Asks a person to confirm a signature, by link or by code."""

    name: ClassVar[str] = "confirm_signature"
    kind: ClassVar[MailKind] = MailKind.SIGNATURE
    link: str
    code: str
    code_hours: int
    link_days: int


@dataclass(frozen=True, kw_only=True)
class ConfirmAlerts(MailMessage):
    """Asks a person to confirm a subscription."""

    name: ClassVar[str] = "confirm_alerts"
    kind: ClassVar[MailKind] = MailKind.NEWS
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class AlreadySigned(MailMessage):
    """Answers a second signing: the signature stands, and can be corrected or withdrawn.

    `alerts_link` confirms a subscription, if the form asked for one, else "".
    """

    name: ClassVar[str] = "already_signed"
    kind: ClassVar[MailKind] = MailKind.SIGNATURE
    link: str
    alerts_link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class SelfServiceLink(MailMessage):
    """Carries the link to the self-service page."""

    name: ClassVar[str] = "manage"
    kind: ClassVar[MailKind] = MailKind.OWN_PAGE
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class NothingStored(MailMessage):
    """Answers a request for that link: nothing is stored about the address."""

    name: ClassVar[str] = "nothing_there"
    kind: ClassVar[MailKind] = MailKind.OWN_PAGE


@dataclass(frozen=True, kw_only=True)
class Welcome(MailMessage):
    """Says that a subscription has started, and what was chosen.

    `link` leads to the page of the news. `frequency` is a value of `Frequency`; `news_language` is
    the name of a language in itself.
    """

    name: ClassVar[str] = "welcome"
    kind: ClassVar[MailKind] = MailKind.WELCOME
    link: str
    link_days: int
    frequency: str
    news_language: str


@dataclass(frozen=True, kw_only=True)
class ConfirmTestAddress(MailMessage):
    """Carries the code by which an organiser shows that an address for test mails is their own."""

    name: ClassVar[str] = "confirm_test_address"
    kind: ClassVar[MailKind] = MailKind.TEST
    code: str
    code_minutes: int


@dataclass(frozen=True, kw_only=True)
class DeskLinkMail(MailMessage):
    """Carries the link by which an organiser makes a passkey. `reader` is a name.

    `recovers`: the reader has lost all passkeys. `with_code`: the printed code is needed as well.
    """

    name: ClassVar[str] = "desk_link"
    kind: ClassVar[MailKind] = MailKind.DESK
    reader: str
    link: str
    minutes: int
    recovers: bool
    with_code: bool


@dataclass(frozen=True, kw_only=True)
class DeskApprovalMail(MailMessage):
    """Says that something waits for a second organiser. `reader` is a name.

    It says neither what it is nor on which petition: the desk does, after the passkey.
    """

    name: ClassVar[str] = "desk_approval"
    # Who asks again and again uses up nobody's mails that lead back to an account.
    kind: ClassVar[MailKind] = MailKind.APPROVAL
    reader: str
    link: str


MESSAGES: Final[Mapping[str, type[MailMessage]]] = {
    mail.name: mail
    for mail in (
        ConfirmSignature,
        ConfirmAlerts,
        AlreadySigned,
        SelfServiceLink,
        NothingStored,
        Welcome,
        ConfirmTestAddress,
        DeskLinkMail,
        DeskApprovalMail,
    )
}


@dataclass(frozen=True, kw_only=True)
class MailContent:
    """A mail in the queue, which the mailer composes and sends.

    `slug` is that of its petition, which can switch its mails off, or "" for a mail of the desk.
    `person` is the blind index of `to` among the suppressions, `asker` the hash of the network that
    has asked for the mail: the mailer can compute neither.
    The mailer drops a `blocked` mail. It is queued all the same, so that nobody sees the
    difference. A mail to an organiser has no person, and in place of `to` the stored seal of the
    address: who asks for it cannot read that.
    """

    to: str
    person: str
    asker: str
    language: str
    mail: MailMessage
    slug: str = ""
    blocked: bool = False
    organiser: str = ""
    sealed_to: bytes = b""

    def __repr__(self) -> str:
        return f"MailContent({self.mail.name}, …)"

    def to_values(self) -> dict[str, Any]:
        """The JSON value for sealing."""
        return {
            "to": self.to,
            "person": self.person,
            "asker": self.asker,
            "slug": self.slug,
            "language": self.language,
            "name": self.mail.name,
            "variables": asdict(self.mail),
            "blocked": self.blocked,
            "organiser": self.organiser,
            "sealed_to": base64.b64encode(self.sealed_to).decode(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "MailContent":
        """The content of a value by `to_values`."""
        mail = MESSAGES[values["name"]](**values["variables"])
        return cls(
            to=values["to"],
            person=values["person"],
            asker=values["asker"],
            slug=values["slug"],
            language=values["language"],
            mail=mail,
            blocked=values["blocked"],
            organiser=values["organiser"],
            sealed_to=base64.b64decode(values["sealed_to"], validate=True),
        )
