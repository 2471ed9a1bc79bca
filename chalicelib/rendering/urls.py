"""Every address of the service, in one place: pages link with paths, mails with whole links."""

from typing import Final
from urllib.parse import quote

ROOT: Final = "/"
EXIT: Final = "https://www.wikipedia.org/"
"""Where the quick exit leads: a page on which anybody could be, and that answers at once."""
SECURITY_TXT: Final = "/.well-known/security.txt"
"""Whom to tell about holes in the service (RFC 9116)."""


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


def again(language: str, slug: str) -> str:
    """Where the page that waits for a mail asks for it once more."""
    return f"/{language}/{slug}/again"


def manage_form(language: str, slug: str) -> str:
    """The form that mails a link to one's own page."""
    return f"/{language}/{slug}/manage"


def update(language: str, slug: str, name: str) -> str:
    """The page of an update."""
    return f"/{language}/{slug}/updates/{name}"


def feed(language: str, slug: str) -> str:
    """The Atom feed of a petition's updates."""
    return f"/{language}/{slug}/feed.atom"


def json_feed(language: str, slug: str) -> str:
    """The same as a JSON feed."""
    return f"/{language}/{slug}/feed.json"


def api(slug: str) -> str:
    """The petition as JSON."""
    return f"/api/petitions/{slug}"


def live_count(slug: str) -> str:
    """Its count as JSON: what the page asks for while it is open."""
    return f"/api/petitions/{slug}/count"


def share(language: str, slug: str) -> str:
    """Ways to pass a petition on."""
    return f"/{language}/{slug}/share"


def poster(language: str, slug: str) -> str:
    """A sheet to be printed."""
    return f"/{language}/{slug}/poster"


def preview_image(language: str, slug: str) -> str:
    """The picture that goes with the petition's link where it is shared."""
    return f"/{language}/{slug}/card.png"


def embed(slug: str, language: str) -> str:
    """The card for other sites."""
    return f"/embed/{slug}/{language}"


def privacy(language: str) -> str:
    """What is kept, for how long, and who can read it."""
    return f"/{language}/privacy"


def confirm_signature(language: str, token: str) -> str:
    """The mailed link that confirms a signature."""
    return f"/{language}/confirm/{quote(token)}"


def confirm_alerts(language: str, token: str) -> str:
    """The mailed link that confirms a subscription."""
    return f"/{language}/confirm-alerts/{quote(token)}"


def renew(path: str) -> str:
    """Where the page of an expired link, at `path`, asks for a new one."""
    return f"{path}/again"


def manage(language: str, token: str) -> str:
    """The mailed link to the page of what is kept about an address."""
    return f"/{language}/manage/{quote(token)}"


def block(language: str, token: str) -> str:
    """The link in every single mail after which there are no more."""
    return f"/{language}/block/{quote(token)}"


def unsubscribe(language: str, token: str) -> str:
    """The link in every alert that ends it."""
    return f"/{language}/unsubscribe/{quote(token)}"


CHALLENGE: Final = "/api/challenge"
"""Where a browser gets the sum that it has to do under pressure."""


def static(name: str) -> str:
    """A script, under the name that the build has given it."""
    return f"/static/{name}"
