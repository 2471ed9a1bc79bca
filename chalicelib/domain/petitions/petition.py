"""A petition: its texts, its period and its goals."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import DEFAULT_TIMES, DigestTimes
from chalicelib.domain.petitions.amendment import Amendment
from chalicelib.domain.petitions.picture import Picture
from chalicelib.domain.petitions.switches import ALL_ON, Switches

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
RESERVED_SLUGS: Final = frozenset(
    """
    api block confirm confirm-alerts desk embed manage pictures privacy static unsubscribe
    """.split()  # noqa: SIM905 - words stay in alphabetical order
)
"""Words that paths use in the place of a slug."""
MAX_GOAL: Final = 1_000_000_000
MAX_GOALS: Final = 20
APPROVALS: Final = ("exports", "sending")
"""What a petition can let two organisers decide together: one asks, another approves."""
READING_TIME: Final = timedelta(hours=1)
"""For so long a person may have a page open before the form comes."""


class PetitionState(StrEnum):
    """The state of a petition at a moment."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Organiser:
    """The organiser of a petition. A placeholder is refused for a deployment."""

    name: str
    email: str
    website: str
    placeholder: bool = False


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One thing that the petition asks of its target, in HTML that is rendered and safe.

    `html` is its first paragraph, which is always in view; `details_html` is the rest, or "".
    """

    number: int
    heading: str
    html: str
    details_html: str = ""


@dataclass(frozen=True, kw_only=True)
class BackgroundPart:
    """A part of the background under a heading of its own. `html` is rendered and safe."""

    heading: str
    html: str


@dataclass(frozen=True, kw_only=True)
class PetitionText:
    """The texts of a petition in one language. The `html` fields are rendered and safe.

    `lead` is one sentence below the title. `risk` is the danger for people who sign, and
    `risk_question` asks who it concerns; both are "" if nobody is in danger. `picture_alt` says
    what the picture shows, `picture_credit` who made it; both are "" without a picture. `outcome`
    says what came of the petition, for the time after its last day.
    """

    title: str
    target: str
    lead: str
    summary: str
    introduction_html: str
    demands: tuple[Demand, ...]
    background_heading: str
    background_html: str
    background_parts: tuple[BackgroundPart, ...] = ()
    risk: str = ""
    risk_question: str = ""
    picture_alt: str = ""
    picture_credit: str = ""
    outcome: str = ""

    @property
    def whole_risk(self) -> str:
        """The question and the risk in one line, for pages that unfold nothing; "" without one."""
        return f"{self.risk_question} {self.risk}".strip()


@dataclass(frozen=True, kw_only=True)
class FormerKey:
    """A key to which signatures were sealed from one day to another (UTC)."""

    fingerprint: str
    since: date
    until: date


@dataclass(frozen=True, kw_only=True)
class VerificationKeys:
    """The public halves (Ed25519) of the keys by which the service attests, oldest first.

    `attestation`: of stored signatures; `export`: of the manifests of exports.
    """

    attestation: tuple[bytes, ...] = ()
    export: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Petition:
    """A public call with demands, open to signatures between two moments.

    `closes_on` is the last day on which it can be signed, in UTC; it ends at `closed_at` (aware
    UTC) on that day if an organiser closes it. `public_key` holds the raw bytes of the petition
    key, to which signatures are sealed (see `crypto/sealing.py`). `key_proven`: an organiser's key
    has opened what is sealed to it; nobody can sign before. Publishing sets
    `key_since`, `former_keys` (oldest first) and `verification`. `texts` maps a language to its
    text; the first language is the fallback. `discreet`: sender, subject and first lines of its
    mails reveal nothing. `pseudonyms` allows names other than legal ones.
    `risk_languages`: readers of these languages are shown the advice on the risk unasked.
    `publishes_countries`: a signature's country is stored unsealed, to be counted. Until
    `proof_until` (aware UTC) every form needs a proof of work; no version contains it, nor
    `switches`.
    `amendments` (oldest first) are made by publishing; `amendments_offer_withdrawal`: each tells
    people who signed before how to withdraw. `approvals` ⊂ APPROVALS: which acts at the desk need a
    second organiser.
    """

    slug: str
    version: int
    opens_on: date
    closes_on: date
    goals: tuple[int, ...]
    public_key: bytes
    organiser: Organiser
    texts: Mapping[str, PetitionText]
    key_proven: bool = False
    key_since: date = date.min
    former_keys: tuple[FormerKey, ...] = ()
    verification: VerificationKeys = VerificationKeys()
    discreet: bool = True
    pseudonyms: bool = False
    risk_languages: tuple[str, ...] = ()
    publishes_countries: bool = False
    proof_until: datetime | None = None
    switches: Switches = ALL_ON
    amendments: tuple[Amendment, ...] = ()
    amendments_offer_withdrawal: bool = False
    picture: Picture | None = None
    digest_times: DigestTimes = DEFAULT_TIMES
    milestones: tuple[Milestone, ...] = ()
    handed_in_on: date | None = None
    closed_at: datetime | None = None
    approvals: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        # Short fields that differ for most petitions; equality compares all fields.
        return hash((self.slug, self.version))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the petition, fallback first."""
        return tuple(self.texts)

    @property
    def closes_at(self) -> datetime:
        """The first moment at which it can no longer be signed."""
        return closing_moment(self.closes_on, self.closed_at)

    def state(self, now: datetime) -> PetitionState:
        """The state of the petition at `now` (aware UTC). Without a proven key it never opens."""
        if now >= self.closes_at:
            return PetitionState.CLOSED
        opened = now >= datetime.combine(self.opens_on, time.min, UTC)
        return PetitionState.OPEN if opened and self.key_proven else PetitionState.UPCOMING

    def requires_proof(self, now: datetime) -> bool:
        """Whether every form needs a proof of work at `now` (aware UTC)."""
        return self.proof_until is not None and now < self.proof_until

    def amendments_since(self, moment: datetime) -> Sequence[Amendment]:
        """The amendments that a person may not have read whose form came at `moment` (aware UTC).

        Those of the hour before are among them: the page may have been open for so long.
        """
        return [each for each in self.amendments if each.made_at > moment - READING_TIME]

    def amendments_from(self, day: date) -> Sequence[Amendment]:
        """The amendments made on this day (UTC) or later."""
        return [each for each in self.amendments if each.made_at.date() >= day]

    def language(self, preferred: str) -> str:
        """The language of `text(preferred)`."""
        return preferred if preferred in self.texts else self.languages[0]

    def text(self, language: str) -> PetitionText:
        """The text in `language`, else in the fallback language."""
        return self.texts.get(language) or next(iter(self.texts.values()))


def closing_moment(closes_on: date, closed_at: datetime | None) -> datetime:
    """The first moment (UTC) at which a petition can no longer be signed.

    `closed_at`, if an organiser has closed it on its last day; else that day's end.
    """
    return closed_at or datetime.combine(closes_on + timedelta(days=1), time.min, UTC)


def next_goal(goals: Sequence[int], count: int) -> int:
    """The first goal above `count`; past the last one, the next multiple of the last."""
    for goal in goals:
        if count < goal:
            return goal
    last = goals[-1]
    return (count // last + 1) * last
