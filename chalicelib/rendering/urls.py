"""Every path of the service."""

from typing import Final
from urllib.parse import quote

ROOT: Final = "/"
EXIT: Final = "https://www.wikipedia.org/"
"""The target of the quick exit: an unsuspicious page that loads fast."""
SECURITY_TXT: Final = "/.well-known/security.txt"
"""The contact for security reports (RFC 9116)."""


def petitions(language: str) -> str:
    """The list of petitions."""
    return f"/{language}"


def petition(language: str, slug: str) -> str:
    """The page of a petition."""
    return f"/{language}/{slug}"


def sign(language: str, slug: str) -> str:
    """The target of the sign form."""
    return f"/{language}/{slug}/sign"


def code(language: str, slug: str) -> str:
    """The target of the form for the code of a mail."""
    return f"/{language}/{slug}/code"


def subscribe(language: str, slug: str) -> str:
    """The form for alerts only."""
    return f"/{language}/{slug}/subscribe"


def again(language: str, slug: str) -> str:
    """The target of the button that requests the confirmation mail again."""
    return f"/{language}/{slug}/again"


def manage_form(language: str, slug: str) -> str:
    """The form that requests a link to the self-service page."""
    return f"/{language}/{slug}/manage"


def update(language: str, slug: str, name: str) -> str:
    """The page of an update."""
    return f"/{language}/{slug}/updates/{name}"


def amendment(language: str, slug: str, number: int) -> str:
    """The page of an amendment, with both texts."""
    return f"/{language}/{slug}/amendments/{number}"


def feed(language: str, slug: str) -> str:
    """The Atom feed of a petition's updates."""
    return f"/{language}/{slug}/feed.atom"


def json_feed(language: str, slug: str) -> str:
    """The JSON feed of a petition's updates."""
    return f"/{language}/{slug}/feed.json"


def api(slug: str) -> str:
    """A petition as JSON."""
    return f"/api/petitions/{slug}"


def live_count(slug: str) -> str:
    """The count of a petition as JSON, which an open page polls."""
    return f"/api/petitions/{slug}/count"


def share(language: str, slug: str) -> str:
    """The page with ways to share a petition."""
    return f"/{language}/{slug}/share"


def poster(language: str, slug: str) -> str:
    """The poster of a petition, for printing."""
    return f"/{language}/{slug}/poster"


def preview_image(language: str, slug: str, extension: str) -> str:
    """The preview image of a petition, which is a PNG or a JPEG."""
    return f"/{language}/{slug}/card.{extension}"


def picture(slug: str, file_name: str) -> str:
    """The picture of a petition, whose file's name changes with it."""
    return f"/pictures/{slug}/{file_name}"


def embed(slug: str, language: str) -> str:
    """The petition in a frame for other sites."""
    return f"/embed/{slug}/{language}"


def privacy(language: str) -> str:
    """The privacy page."""
    return f"/{language}/privacy"


def confirm_signature(language: str, token: str) -> str:
    """The mailed link that confirms a signature."""
    return f"/{language}/confirm/{quote(token)}"


def confirm_alerts(language: str, token: str) -> str:
    """The mailed link that confirms a subscription."""
    return f"/{language}/confirm-alerts/{quote(token)}"


def renew(path: str) -> str:
    """The target of the button that requests a new link in place of the expired one at `path`."""
    return f"{path}/again"


def manage(language: str, token: str) -> str:
    """The mailed link to the self-service page."""
    return f"/{language}/manage/{quote(token)}"


def block(language: str, token: str) -> str:
    """The link in every single mail that blocks all further mail."""
    return f"/{language}/block/{quote(token)}"


def unsubscribe(language: str, token: str) -> str:
    """The link in every alert that ends the subscription."""
    return f"/{language}/unsubscribe/{quote(token)}"


CHALLENGE: Final = "/api/challenge"
"""The challenges for proofs of work."""


def static(name: str) -> str:
    """A script, under its served name."""
    return f"/static/{name}"
