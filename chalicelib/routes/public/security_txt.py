"""security.txt: the contact for reports of vulnerabilities (RFC 9116)."""

from datetime import UTC, datetime
from email.utils import parseaddr

from chalice.app import Blueprint, Response

from chalicelib.config import Settings
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.responses import Edition, PublicResponse

blueprint = Blueprint(__name__)
route = router.router(blueprint)

_VALID_MONTHS = 6
"""RFC 9116, section 2.5.5, recommends less than a year."""
_CACHE_SECONDS = 3600


@route(urls.SECURITY_TXT)
def security_txt(request: Request) -> Response:
    """The contact, valid until the first of a month, which is the same for all readers."""
    return responses.cached_response(request, _security_txt, _expires(request.services.now()))


def _security_txt(edition: Edition, expires: datetime) -> PublicResponse:
    lines = (
        f"Contact: {contact(edition.settings)}",
        f"Expires: {expires.isoformat()}",
        f"Preferred-Languages: {', '.join(translations.languages())}",
        f"Canonical: {edition.settings.public_url}{urls.SECURITY_TXT}",
    )
    body = "".join(f"{line}\n" for line in lines)
    return responses.public_text(edition, body, "text/plain; charset=utf-8", seconds=_CACHE_SECONDS)


def contact(settings: Settings) -> str:
    """The contact as a URL: https: or mailto:."""
    return settings.security_contact or f"mailto:{parseaddr(settings.sender)[1]}"


def _expires(now: datetime) -> datetime:
    months = now.year * 12 + now.month - 1 + _VALID_MONTHS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
