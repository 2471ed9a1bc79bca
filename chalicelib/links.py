"""Every address of the service, in one place: pages link with paths, mails with whole links."""

from typing import Final
from urllib.parse import quote

ROOT: Final = "/"


def petitions(language: str) -> str:
    """The list of petitions."""
    return f"/{language}"


def petition(language: str, slug: str) -> str:
    """The page of a petition."""
    return f"/{language}/{slug}"


def sign(language: str, slug: str) -> str:
    """Where the sign form is sent."""
    return f"/{language}/{slug}/sign"


def code(language: str, slug: str) -> str:
    """Where the code from a mail is sent."""
    return f"/{language}/{slug}/code"


def subscribe(language: str, slug: str) -> str:
    """The form for people who only want alerts."""
    return f"/{language}/{slug}/subscribe"


def withdraw_form(language: str, slug: str) -> str:
    """The form that mails a withdrawal link."""
    return f"/{language}/{slug}/withdraw"


def update(language: str, slug: str, name: str) -> str:
    """The page of an update."""
    return f"/{language}/{slug}/updates/{name}"


def feed(language: str, slug: str) -> str:
    """The Atom feed of a petition's updates."""
    return f"/{language}/{slug}/feed.atom"


def privacy(language: str) -> str:
    """What is kept, for how long, and who can read it."""
    return f"/{language}/privacy"


def confirm_signature(language: str, token: str) -> str:
    """The mailed link that confirms a signature."""
    return f"/{language}/confirm/{quote(token)}"


def confirm_alerts(language: str, token: str) -> str:
    """The mailed link that confirms a subscription."""
    return f"/{language}/confirm-alerts/{quote(token)}"


def withdraw(language: str, token: str) -> str:
    """The mailed link that withdraws a signature."""
    return f"/{language}/withdraw/{quote(token)}"


def unsubscribe(language: str, token: str) -> str:
    """The link in every alert that ends it."""
    return f"/{language}/unsubscribe/{quote(token)}"
