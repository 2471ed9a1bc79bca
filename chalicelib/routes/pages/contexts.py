"""The variables of each page: one frozen dataclass a template.

They have no `repr`, because they hold what people typed. They have no `eq`, because nothing
compares them and generating it would slow down cold starts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from chalicelib.domain.petitions.petition import Organiser, PetitionText
from chalicelib.domain.petitions.update import UpdateText
from chalicelib.rendering.translations import Language
from chalicelib.routes.pages.amendment_notices import AmendmentNotice
from chalicelib.routes.pages.form_contexts import Form
from chalicelib.routes.pages.key_periods import KeyPeriod
from chalicelib.routes.pages.pictures import ShownPicture
from chalicelib.routes.pages.share_links import ShareLinks


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LanguageLink:
    """This page in another language."""

    code: str
    name: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Preview:
    """The preview of a page where its link is shared (Open Graph). Addresses are absolute."""

    href: str
    image: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PageLayout:
    """What surrounds every page. Addresses are paths.

    `origin` is where the site is, on pages that search engines may list, and empty on others.
    `scripts` are addresses that the page loads; it works without them. They may load
    `later_scripts`, also as workers. `has_pictures`: the page may load pictures of ours.
    """

    language: Language
    title: str
    description: str
    feed: str
    origin: str
    languages: Sequence[LanguageLink]
    home: str
    privacy: str
    exit: str
    style: str
    scripts: Sequence[str] = ()
    later_scripts: Sequence[str] = ()
    preview: Preview | None = None
    has_pictures: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Page:
    """A page with its layout."""

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
    """Signatures from a country, rounded down. `percent` (0 to 100) compares with the largest."""

    country: str
    count: int
    percent: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PetitionPage(Page):
    """The petition: demands, count and goal, the form, background, updates.

    `state` is upcoming, open or closed. `count` is rounded down, and 0 below the first step.
    `percent` is the reached part of the goal, and `ticks` are those of earlier goals, 0 to 100.
    `risk_open`: the advice on the risk is shown unasked. `figures` are those of countries, if any.
    `countries` maps codes to names, in the order of the list. `attestation_keys` are in base64.
    `amendments` are newest first. `notice` is what the organisers have to say now, or "", and
    `paused` says that signing is switched off, or is "".
    """

    template: ClassVar[str] = "petition.html"
    text: PetitionText
    organiser: Organiser
    state: str
    opens_on: date
    closes_on: date
    notice: str
    notice_language: str
    paused: str
    shows_count: bool
    count: int
    goal: int
    percent: int
    ticks: Sequence[int]
    risk_open: bool
    figures: Sequence[CountryFigure]
    form: Form
    pseudonyms: bool
    publishes_countries: bool
    countries: Mapping[str, str]
    amendments: Sequence[AmendmentNotice]
    updates: Sequence[UpdateLink]
    subscribe: str
    manage: str
    feed: str
    sharing: ShareLinks
    live_count: str
    picture: ShownPicture | None
    keys: Sequence[KeyPeriod]
    attestation_keys: Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Link:
    """A link to a next step: its text and its address."""

    label: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PetitionLink:
    """A petition in the list of petitions. `language` is that of its title, lead and outcome.

    `state`, the days and `count` as in PetitionPage. `outcome` is what came of it, or "".
    """

    title: str
    lead: str
    language: str
    href: str
    picture: ShownPicture | None
    state: str
    opens_on: date
    closes_on: date
    count: int
    outcome: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PetitionsPage(Page):
    """Every petition: those that can be signed or will be, and those that have closed."""

    template: ClassVar[str] = "petitions.html"
    petitions: Sequence[PetitionLink]
    closed: Sequence[PetitionLink]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConfirmSignaturePage(Page):
    """What somebody typed into the form, for the reader of the mail to confirm.

    `country` is a name, or "". `alerts` is the state of the box; the news would come in the
    language of this name. `amendments` (newest first) may be younger than the text that was read.
    """

    template: ClassVar[str] = "confirm_signature.html"
    form: Form
    petition_title: str
    name: str
    country: str
    alerts: bool
    news_language: str
    amendments: Sequence[AmendmentNotice]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MessagePage(Page):
    """A text with links to next steps, and one back: to the petition, or to all petitions."""

    template: ClassVar[str] = "message.html"
    paragraphs: Sequence[str]
    back: str
    to_all: bool = False
    links: Sequence[Link] = ()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdatePage(Page):
    """An update. `text_language` differs from the page's where the update has no text in that.

    `changed_on` (UTC) is when a text was last amended, or None. `state` as in PetitionPage.
    """

    template: ClassVar[str] = "update.html"
    text: UpdateText
    text_language: str
    published_on: date
    changed_on: date | None
    petition_title: str
    petition: str
    state: str
    subscribe: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PrivacyPage(Page):
    """What is stored, for how long, and who can read it."""

    template: ClassVar[str] = "privacy.html"
    link_days: int
    organisers: Sequence[Organiser]
