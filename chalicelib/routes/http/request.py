"""A visitor's request: its form, its language, its network, and where it came from."""

import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final, cast
from urllib.parse import parse_qsl

from chalice.app import Request as ChaliceRequest

from chalicelib.domain.errors import CrossSite, FormTooLarge, NotThroughCdn, UnreadableForm
from chalicelib.rendering import translations
from chalicelib.rendering.translations import Language
from chalicelib.wiring import Services

MAX_BODY_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 30
FORM_TYPE: Final = "application/x-www-form-urlencoded"
ORIGIN_HEADER: Final = "x-zaklik-origin"
"""The header with the CDN's secret (`.chalice/resources.json`, Distribution)."""
VIEWER_HEADER: Final = "cloudfront-viewer-address"
"""The header with the visitor's address and port. CloudFront replaces one that a visitor sends."""


@dataclass(frozen=True)
class Request:
    """One request, with the services and the language to answer it."""

    raw: ChaliceRequest
    services: Services
    language: Language

    @property
    def method(self) -> str:
        """GET, HEAD or POST."""
        return str(self.raw.method)

    def header(self, name: str) -> str:
        """The value of a header; "" if it is missing."""
        return str(self.raw.headers.get(name, ""))

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """Names and values of the query, in the order of the names."""
        values = self.raw.query_params
        return (
            [(name, value) for name in values for value in values.getlist(name)] if values else []
        )

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The fields of a posted form. Raises UnreadableForm, FormTooLarge."""
        return read_form(cast("bytes", self.raw.raw_body), self.header("content-type"))

    @property
    def network(self) -> str:
        """The visitor's network, /24 or /64; "" when it cannot be known.

        API Gateway names the address. Behind the CDN that is the CDN's own, so its header is used
        instead; `require_cdn` has made sure that the CDN set it.
        """
        if self.services.settings.origin_digests:
            return network_of(self.header(VIEWER_HEADER).rpartition(":")[0].strip("[]"))
        identity = (self.raw.context or {}).get("identity") or {}
        return network_of(str(identity.get("sourceIp") or ""))


def preferred_language(accept: str, among: Sequence[str] | None = None) -> Language:
    """The language that an Accept-Language header prefers (RFC 9110, section 12.5.4)."""
    known = translations.languages()
    codes = list(known) if among is None else [code for code in known if code in among]
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")[:20]):
        tag, _, parameter = part.strip().lower().partition(";")
        code = tag.strip().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if code in codes and weight > 0:
            weighed.append((-weight, place, code))
    return known[min(weighed)[2] if weighed else codes[0]]


def read_form(body: bytes, content_type: str) -> Mapping[str, str]:
    """Read a urlencoded form.

    Raises FormTooLarge, and UnreadableForm for another type or encoding, or a field twice.
    """
    if len(body) > MAX_BODY_BYTES:
        raise FormTooLarge
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise UnreadableForm
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise UnreadableForm from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise UnreadableForm
    return fields


def require_cdn(request: Request) -> None:
    """Refuse requests that did not come through the CDN, if there is one. Raises NotThroughCdn.

    A client that used the API's own address could send any client address, and would evade the
    CDN's protection.
    """
    digests = request.services.settings.origin_digests
    if not digests:
        return
    shown = sha256(request.header(ORIGIN_HEADER).encode()).hexdigest()
    # All are compared, so that the time says nothing.
    if not sum(hmac.compare_digest(shown, known.strip()) for known in digests.split(",")):
        raise NotThroughCdn


def refuse_cross_site(request: Request) -> None:
    """Refuse posts from other sites. Raises CrossSite.

    Current browsers send Sec-Fetch-Site. Older ones send Origin, which is "null" from our own pages
    because of their `Referrer-Policy: no-referrer` (Fetch, "append a request Origin header").
    Programs that are no browsers send neither.
    """
    site = request.header("sec-fetch-site")
    if site:
        if site not in ("same-origin", "none"):
            raise CrossSite
        return
    origin = request.header("origin")
    if origin not in ("", "null", request.services.settings.public_url):
        raise CrossSite


def network_of(address: str) -> str:
    """The /24 of an IPv4 address or the /64 of an IPv6 one, as text; "" for anything else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    prefix = 24 if parsed.version == 4 else 64
    return str(ipaddress.ip_network((parsed, prefix), strict=False))
