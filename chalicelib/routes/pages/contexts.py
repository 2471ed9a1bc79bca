"""The variables of each page: one frozen dataclass a template.

They have no `repr`, since they hold what people have typed, and no `eq`: nobody compares them, and
Python would write these methods anew at every cold start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from chalicelib.domain.petition import Organiser, PetitionText
from chalicelib.domain.update import UpdateText
from chalicelib.rendering.translations import Language


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LanguageLink:
    """This page in another language."""

    code: str
    name: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Preview:
    """What is shown of a page where its link is shared (Open Graph); addresses are whole links."""

    href: str
    image: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PageLayout:
    """What stands around every page. Addresses are paths; `indexed`: search engines may list it.

    `scripts` are the addresses of those that the page loads; it works without them. They may load
    `later_scripts`, also as workers.
    """

    language: Language
    title: str
    description: str
    feed: str
    indexed: bool
    languages: Sequence[LanguageLink]
    home: str
    privacy: str
    exit: str
    style: str
    scripts: Sequence[str] = ()
    later_scripts: Sequence[str] = ()
    preview: Preview | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ProofGate:
    """What a form has under pressure: a sum for the browser, and the slow lane.

    `widget` and `worker` are scripts that do the sum of `challenge`; all three are addresses. The
    widget's answer goes into the field `field`; the button of the slow lane is `slow_field`.
    `at_once`: the sum begins with the page, not with the first touch of the form.
    """

    challenge: str
    algorithm: str
    widget: str
    worker: str
    field: str
    slow_field: str
    slow_minutes: int
    at_once: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Form:
    """A form as it is shown: what was typed, and what is wrong with it, by field.

    `notice` says what is wrong with none of the fields in particular. `warning` asks for a second
    thought about the address, and a second button sends the form in spite of its domain `despite`.
    `proof_wanted`: it came back for nothing but a proof of work; `gate` is where that is done.
    """

    action: str
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    warning: str = ""
    despite: str = ""
    proof_wanted: bool = False
    gate: ProofGate | None = None

    @property
    def refused(self) -> bool:
        """Whether the form comes back with something to mend."""
        return bool(self.errors or self.warning or (self.notice and not self.proof_wanted))

    @property
    def came_back(self) -> bool:
        """Whether it was sent before, and what was typed is still there."""
        return self.refused or self.proof_wanted


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Page:
    """Any page."""

    template: ClassVar[str]
    layout: PageLayout


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdateLink:
    """An update in a list."""

    title: str
    summary: str
    published_on: date
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CountryFigure:
    """How many signed from a country, rounded down; `percent` is of the largest, 0 to 100."""

    country: str
    count: int
    percent: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PetitionPage(Page):
    """The petition: demands, count and goal, the form, background, updates.

    `state` is upcoming, open or closed; `count` is rounded down, and 0 below the first step;
    `percent` is how much of the goal is reached, 0 to 100; `figures` are of countries, if any;
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
    figures: Sequence[CountryFigure]
    form: Form
    pseudonyms: bool
    countries: Mapping[str, str]
    updates: Sequence[UpdateLink]
    subscribe: str
    manage: str
    feed: str
    share: str
    live_count: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Link:
    """A way to go on from a page: what the link says, and where it leads."""

    label: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PetitionLink:
    """A petition in the list of petitions."""

    title: str
    summary: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PetitionsPage(Page):
    """Every petition."""

    template: ClassVar[str] = "petitions.html"
    petitions: Sequence[PetitionLink]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InboxPage(Page):
    """Look in your inbox: what to do next, and where the code from the mail can be typed.

    `again` is where the button "send it again" leads; `asked_again`: it has just been pressed.
    `wait_minutes` is how long the mail waits that went into the slow lane, else 0.
    """

    template: ClassVar[str] = "inbox.html"
    form: Form
    pending: str
    again: str
    asked_again: bool
    mails_a_day: int
    back: str
    link_days: int
    wait_minutes: int = 0


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ThanksPage(Page):
    """A signature stands. `count_step` is by how many the public count moves."""

    template: ClassVar[str] = "thanks.html"
    alerts: bool
    count_step: int
    petition: str
    subscribe: str
    manage: str
    feed: str
    share: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MessagePage(Page):
    """Something to read, the ways to go on, and one back: to the petition, or to all petitions."""

    template: ClassVar[str] = "message.html"
    paragraphs: Sequence[str]
    back: str
    to_all: bool = False
    links: Sequence[Link] = ()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdatePage(Page):
    """An update; `text_language` is another than the page's where the update lacks that one."""

    template: ClassVar[str] = "update.html"
    text: UpdateText
    text_language: str
    published_on: date
    petition_title: str
    petition: str
    subscribe: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PrivacyPage(Page):
    """What is kept, for how long, and who can read it."""

    template: ClassVar[str] = "privacy.html"
    link_days: int
    organisers: Sequence[Organiser]
