"""The key of a petition at the desk, and the page that opens lists without a network."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.crypto import sealing
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls, unseal_page
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.http import responses
from chalicelib.usecases.destruction import asking
from chalicelib.usecases.petitions import key_files
from chalicelib.usecases.petitions.key_files import KeyFileRefused, StoredKeyFile

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_KEYS: Final = "/desk/petitions/{slug}/keys"
_SCRIPT: Final = "desk-keys.js"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class KeysPage(DeskPage):
    """Who opens the petition's key, and what an organiser can do with it.

    `organisers` are rows of name, fingerprint and day of the proof. `refused` is why nothing was
    stored.
    """

    template: ClassVar[str] = "keys.html"
    slug: str
    key_file: str
    seen: str
    fingerprint: str
    organisers: Sequence[Sequence[str]]
    waiting: bool
    proven: bool
    may_change: bool
    is_over: bool
    refused: str
    save: str
    publish: str
    file: str
    unseal: str


@route(_KEYS, permission=Permission.VIEW)
def show_keys(request: DeskRequest, slug: str) -> Response:
    """The petition's key."""
    return _show(request, slug)


@route(f"{_KEYS}/save", methods=["POST"], permission=Permission.STEWARD, touch=True)
def save_keys(request: DeskRequest, slug: str) -> Response:
    """Store a key.json that the page has made, or that was chosen."""
    uploaded = request.files.get("upload")
    content = uploaded.content if uploaded else request.fields.get("key_file", "").encode()
    request.record(Act.SAVE_KEY, f"key.json of SHA-256 {hashlib.sha256(content).hexdigest()}")
    try:
        text = content.decode("utf-8", "replace")
        key_files.save(request.services, slug, text, seen=request.fields.get("seen", ""))
    except KeyFileRefused as refused:
        return _show(request, slug, refused=str(refused))
    return pages.see_other(desk_urls.petition(slug, "keys") + pages.SAVED)


@route(f"{_KEYS}/publish", methods=["POST"], permission=Permission.STEWARD, touch=True)
def publish_keys(request: DeskRequest, slug: str) -> Response:
    """Seal signatures to the new key from now on, if it is the one that was looked at."""
    stored = key_files.find(request.services, slug)
    request.record(Act.PUBLISH_KEY, _fingerprint(stored))
    seen = request.fields.get("fingerprint", "").replace(" ", "")
    try:
        key_files.publish(request.services, slug, fingerprint=seen)
    except KeyFileRefused as refused:
        return _show(request, slug, refused=str(refused))
    return pages.see_other(desk_urls.petition(slug, "keys") + pages.SAVED)


@route(f"{_KEYS}/file", permission=Permission.VIEW)
def show_key_file(request: DeskRequest, slug: str) -> Response:
    """The petition's key.json, as a file."""
    stored = key_files.find(request.services, slug)
    if stored is None:
        return pages.see_other(desk_urls.petition(slug, "keys"))
    return pages.download(stored.text.encode(), name="key.json", media_type="application/json")


@route(desk_urls.UNSEAL)
def show_unseal(request: DeskRequest) -> Response:  # noqa: ARG001 - it is the same for everybody
    """The page that opens lists and makes keys, to be saved on a memory stick."""
    response = responses.text(unseal_page.text(), responses.HTML)
    response.headers["Content-Security-Policy"] = f"{unseal_page.policy()}; frame-ancestors 'none'"
    return response


def _show(request: DeskRequest, slug: str, *, refused: str = "") -> Response:
    stored = key_files.find(request.services, slug)
    contents = KeysPage(
        layout=pages.layout(request, "The petition’s key", scripts=[_SCRIPT]),
        slug=slug,
        key_file=stored.text if stored else "",
        seen=stored.seen if stored else key_files.seen(request.services, slug),
        fingerprint=_fingerprint(stored),
        organisers=_organisers(stored) if stored else (),
        waiting=stored is not None and stored.waits,
        proven=stored is not None and stored.proven,
        may_change=request.may(Permission.STEWARD),
        is_over=asking.find(request.services, slug) is not None,
        refused=refused,
        save=desk_urls.petition(slug, "keys/save"),
        publish=desk_urls.petition(slug, "keys/publish"),
        file=desk_urls.petition(slug, "keys/file"),
        unseal=desk_urls.UNSEAL,
    )
    response = pages.page(request, contents, status=400 if refused else 200)
    # Keys and passphrases are typed on this page: it can send nothing but its forms.
    policy = str(response.headers["Content-Security-Policy"])
    response.headers["Content-Security-Policy"] = policy.replace(
        "connect-src 'self'", "connect-src 'none'"
    )
    return response


def _fingerprint(stored: StoredKeyFile | None) -> str:
    return sealing.grouped(stored.keys.current.fingerprint) if stored else ""


def _organisers(stored: StoredKeyFile) -> Sequence[Sequence[str]]:
    proven = stored.keys.proven_on
    return [
        (
            name or "a key without a name",
            sealing.grouped(organiser),
            proven[organiser].isoformat() if organiser in proven else "not yet",
        )
        for organiser, name in stored.keys.current.organisers.items()
    ]
