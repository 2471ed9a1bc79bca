"""Builders of petitions, updates, keys and forms, valid unless a test changes something."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from markupsafe import Markup

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.alerts import content
from chalicelib.domain.alerts.alert import AlertKind, NewAlert
from chalicelib.domain.petitions.amendment import Amendment, AmendmentKind
from chalicelib.domain.petitions.petition import Demand, Organiser, Petition, PetitionText
from chalicelib.domain.petitions.picture import MediaType, Picture, digest_of
from chalicelib.domain.petitions.update import Update, UpdateText
from chalicelib.mail.jobs import SendChunk

SLUG: Final = "open-door"
NOW: Final = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
PERSON: Final = "019a" + "0" * 30
"""A blind index among the suppressions."""
ORGANISER_KEY: Final = PrivateKey(b"\x07" * 32)
MAILER_KEY: Final = PrivateKey(b"\x08" * 32)
DRAWING: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 480" width="1200" height="480">'
    b'<rect width="1200" height="480" fill="#0a5a5c"/><path d="M520 480V80h160v400" fill="gold"/>'
    b"</svg>"
)
PICTURE: Final = Picture(
    media_type=MediaType.SVG, digest=digest_of(DRAWING), width=1200, height=480
)


def token_keys(current: int = 1) -> Keyring:
    """A ring with the keys 1 and 2, of which only those up to `current` are used."""
    return Keyring(
        keys=tuple(
            RingKey(
                id=key_id,
                raw=bytes([key_id]) * 32,
                used_from=datetime(2000 if key_id <= current else 2100, 1, 1, tzinfo=UTC),
            )
            for key_id in (1, 2)
        )
    )


def petition_text(**changes: Any) -> PetitionText:
    """A text with two demands."""
    text = PetitionText(
        title="Open the door",
        target="The keeper of the door",
        lead="The door has been shut for a year.",
        summary="A petition about a door.",
        introduction_html=Markup("<p>Please open the door.</p>"),
        demands=(
            Demand(number=1, heading="Now", html=Markup("<p>Open it now.</p>")),
            Demand(number=2, heading="For good", html=Markup("<p>Leave it open.</p>")),
        ),
        background_heading="Why",
        background_html=Markup("<p>It has been shut for long.</p>"),
    )
    return replace(text, **changes)


def petition(**changes: Any) -> Petition:
    """A petition that is open at NOW."""
    petition = Petition(
        slug=SLUG,
        version=1,
        opens_on=date(2026, 1, 1),
        closes_on=date(2026, 12, 31),
        goals=(10, 100),
        public_key=ORGANISER_KEY.public_bytes,
        key_proven=True,
        organiser=Organiser(
            name="Door Watch", email="desk@example.org", website="https://example.org"
        ),
        texts={
            "en": petition_text(),
            "be": petition_text(title="Адчыніце дзверы"),
            "ru": petition_text(title="Откройте дверь"),
        },
        publishes_countries=True,
    )
    return replace(petition, **changes)


def with_picture(**changes: Any) -> Petition:
    """The same petition with a picture."""
    plain = petition(**changes)
    alt, credit = "A yellow door in a dark wall", "Drawing: Door Watch"
    texts = {
        language: replace(text, picture_alt=alt, picture_credit=credit)
        for language, text in plain.texts.items()
    }
    return replace(plain, picture=PICTURE, texts=texts)


def amendment(**changes: Any) -> Amendment:
    """The first amendment of a petition, which made its second version."""
    amendment = Amendment(
        number=1,
        version=2,
        made_at=NOW,
        kind=AmendmentKind.AMENDMENT,
        reasons={"en": "There are two doors."},
    )
    return replace(amendment, **changes)


def update(**changes: Any) -> Update:
    """An update in two languages that is only published."""
    update = Update(
        slug="open-door",
        name="first-news",
        published_on=date(2026, 3, 1),
        texts={
            "en": UpdateText(
                title="The door moved",
                summary="A little.",
                html=Markup("<p>It moved a little.</p>"),
                text="It moved a little.",
            ),
            "be": UpdateText(
                title="Дзверы зрушылі",
                summary="Крыху.",
                html=Markup("<p>Яны крыху зрушылі.</p>"),
                text="Яны крыху зрушылі.",
            ),
        },
    )
    return replace(update, **changes)


def new_alert(**changes: Any) -> NewAlert:
    """An alert of the usual update that is to start."""
    new = NewAlert(
        slug=SLUG,
        name="first-news",
        kind=AlertKind.UPDATE,
        update_names=("first-news",),
        content=content.frozen(petition(), [update()], whole=True),
    )
    return replace(new, **changes)


def chunk_job(alert_id: str, number: int = 0) -> SendChunk:
    """The job of a chunk of an alert."""
    return SendChunk(alert_id=alert_id, number=number, count=99)


def sign_form(**changes: str) -> Mapping[str, str]:
    """A sign form that can be accepted."""
    form = {"name": "Ганна Ш.", "email": "hanna@example.org", "country": "PL", "alerts": ""}
    return {**form, **changes}
