"""Builders of petitions, updates, keys and forms, valid unless a test changes something."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from markupsafe import Markup

from chalicelib.crypto.tokens import TokenKeys
from chalicelib.domain.petition import Demand, Organiser, Petition, PetitionText
from chalicelib.domain.update import Update, UpdateText

NOW: Final = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
ORGANISER_KEY: Final = X25519PrivateKey.from_private_bytes(b"\x07" * 32)
MAILER_KEY: Final = X25519PrivateKey.from_private_bytes(b"\x08" * 32)


def token_keys(current: int = 1) -> TokenKeys:
    """Two keys, of which the first is current."""
    return TokenKeys(current=current, keys={1: b"\x01" * 32, 2: b"\x02" * 32})


def petition_text(**changes: Any) -> PetitionText:
    """A text with two demands."""
    text = PetitionText(
        title="Open the door",
        target="The keeper of the door",
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
        slug="open-door",
        version=1,
        opens_on=date(2026, 1, 1),
        closes_on=date(2026, 12, 31),
        goals=(10, 100),
        public_key=ORGANISER_KEY.public_key().public_bytes_raw(),
        organiser=Organiser(
            name="Door Watch", email="desk@example.org", website="https://example.org"
        ),
        texts={
            "en": petition_text(),
            "be": petition_text(title="Адчыніце дзверы"),
            "ru": petition_text(title="Откройте дверь"),
        },
    )
    return replace(petition, **changes)


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


def sign_form(**changes: str) -> Mapping[str, str]:
    """A sign form that can be accepted."""
    form = {"name": "Ганна Ш.", "email": "hanna@example.org", "country": "PL", "alerts": ""}
    return {**form, **changes}
