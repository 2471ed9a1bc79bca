"""The variables of each page: one frozen dataclass a template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from chalicelib.domain.petition import Organiser, PetitionText
from chalicelib.domain.update import UpdateText
from chalicelib.rendering import Language


@dataclass(frozen=True, kw_only=True)
class LanguageLink:
    """This page in another language."""

    code: str
    name: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands around every page. Addresses are paths; `indexed`: search engines may list it."""

    language: Language
    title: str
    description: str
    feed: str
    indexed: bool
    languages: Sequence[LanguageLink]
    home: str
    privacy: str
    style: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form as it is shown: what was typed, and what is wrong with it, by field.

    `notice` says what is wrong with none of the fields in particular.
    """

    action: str
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def refused(self) -> bool:
        """Whether the form comes back with something to mend."""
        return bool(self.errors or self.notice)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Any page."""

    template: ClassVar[str]
    frame: Frame


@dataclass(frozen=True, kw_only=True)
class UpdateLink:
    """An update in a list."""

    title: str
    summary: str
    published_on: date
    href: str


@dataclass(frozen=True, kw_only=True)
class PetitionPage(Page):
    """The petition: demands, count and goal, the form, background, updates.

    `state` is upcoming, open or closed; `percent` is how much of the goal is reached, 0 to 100;
    `countries` maps codes to names in the order to be shown.
    """

    template: ClassVar[str] = "petition.html"
    text: PetitionText
    organiser: Organiser
    state: str
    opens_on: date
    closes_on: date
    count: int
    goal: int
    percent: int
    form: Form
    countries: Mapping[str, str]
    updates: Sequence[UpdateLink]
    subscribe: str
    withdraw: str
    feed: str


@dataclass(frozen=True, kw_only=True)
class PetitionLink:
    """A petition in the list of petitions."""

    title: str
    summary: str
    href: str


@dataclass(frozen=True, kw_only=True)
class PetitionsPage(Page):
    """Every petition."""

    template: ClassVar[str] = "petitions.html"
    petitions: Sequence[PetitionLink]


@dataclass(frozen=True, kw_only=True)
class InboxPage(Page):
    """Look in your inbox: what to do next, and where the code from the mail can be typed."""

    template: ClassVar[str] = "inbox.html"
    form: Form
    pending: str
    back: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class ConfirmPage(Page):
    """One button. Links in mails lead here: programs follow links and press no buttons."""

    template: ClassVar[str] = "confirm.html"
    paragraphs: Sequence[str]
    button: str
    action: str


@dataclass(frozen=True, kw_only=True)
class ThanksPage(Page):
    """A signature stands."""

    template: ClassVar[str] = "thanks.html"
    alerts: bool
    petition: str
    subscribe: str
    withdraw: str
    feed: str


@dataclass(frozen=True, kw_only=True)
class MessagePage(Page):
    """Something to read, and one way to go on: to the petition, or to all petitions."""

    template: ClassVar[str] = "message.html"
    paragraphs: Sequence[str]
    back: str
    to_all: bool = False


@dataclass(frozen=True, kw_only=True)
class AddressPage(Page):
    """A form that asks for an address and nothing else."""

    template: ClassVar[str] = "address.html"
    paragraphs: Sequence[str]
    form: Form
    button: str
    back: str


@dataclass(frozen=True, kw_only=True)
class UpdatePage(Page):
    """An update; `text_language` is another than the page's where the update lacks that one."""

    template: ClassVar[str] = "update.html"
    text: UpdateText
    text_language: str
    published_on: date
    petition_title: str
    petition: str
    subscribe: str


@dataclass(frozen=True, kw_only=True)
class PrivacyPage(Page):
    """What is kept, for how long, and who can read it."""

    template: ClassVar[str] = "privacy.html"
    link_days: int
    organisers: Sequence[Organiser]


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """An update in the feed; addresses are whole links, `updated` is RFC 3339."""

    id: str
    title: str
    summary: str
    html: str
    href: str
    updated: str


@dataclass(frozen=True, kw_only=True)
class Feed:
    """An Atom feed (RFC 4287)."""

    template: ClassVar[str] = "feed.atom"
    language: str
    title: str
    id: str
    href: str
    self_href: str
    updated: str
    author: str
    entries: Sequence[FeedEntry]
