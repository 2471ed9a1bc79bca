"""The end of a petition at the desk: what is kept of its people is destroyed, and certified."""

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.jobs import PARTS, JobState
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.unpublished import explained
from chalicelib.usecases.destruction import asking, certifying
from chalicelib.usecases.destruction.asking import Forecast, NotAllowedYet
from chalicelib.usecases.destruction.certifying import Certificate

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_END: Final = "/desk/petitions/{slug}/end"
_DESTROY: Final = f"{_END}/destroy"
_JOB: Final = f"{_DESTROY}/{{job}}"
_REFRESH_SECONDS: Final = 5
_TITLE: Final = "Close or delete"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EndPage(DeskPage):
    """What can be ended: the petition, and what is kept of its people.

    `begun` is the path of a destruction that has begun, or "". `error` is about the typed `name`.
    """

    template: ClassVar[str] = "end.html"
    close: str
    text: str
    forecast: Forecast
    destroy: str
    begun: str
    slug: str
    name: str
    error: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DestructionPage(DeskPage):
    """How far a destruction is; its certificate when it is done. What does not apply is ""."""

    template: ClassVar[str] = "end_destruction.html"
    asked_by: str
    done: int
    total: int
    is_done: bool
    signatures: int
    subscriptions: int
    exports: int
    certificate: str
    certificate_text: str
    download: str
    resume: str


@route(_END, permission=Permission.STEWARD)
def show_end(request: DeskRequest, slug: str) -> Response:
    """The way to close the petition, and the form that destroys what is kept of its people.

    Before it is published, its draft can be removed.
    """
    try:
        return _end_page(request, slug)
    except NotFound:
        return pages.see_other(desk_urls.petition(slug, "end/remove"))


@route(_DESTROY, methods=["POST"], permission=Permission.STEWARD, touch=True, act=Act.DESTROY)
@explained
def destroy(request: DeskRequest, slug: str) -> Response:
    """Start the destruction, if its petition's name was typed."""
    name = request.fields.get("name", "").strip()
    if name != slug:
        return _end_page(request, slug, name=name, error=f"Type {slug} to delete it all.")
    try:
        job = asking.start(request.services, slug, by=request.actor)
    except NotAllowedYet:
        return _end_page(request, slug, name=name, error="It cannot begin yet.")
    return pages.see_other(_path(slug, job.id))


@route(_JOB, permission=Permission.STEWARD)
def show_destruction(request: DeskRequest, slug: str, job: str) -> Response:
    """How far the destruction is, or its certificate."""
    found = asking.get(request.services, slug, job)
    certificate = certifying.certificate_of(found)
    contents = DestructionPage(
        layout=pages.layout(
            request,
            "Deletion",
            refresh=_REFRESH_SECONDS if found.is_open else 0,
            crumbs=[Crumb(label=_TITLE, href=desk_urls.petition(slug, "end"))],
        ),
        asked_by=found.asked_by.name,
        done=found.done_parts,
        total=PARTS,
        is_done=found.state is JobState.DONE,
        signatures=found.counts.get("signatures", 0),
        subscriptions=found.counts.get("subscriptions", 0),
        exports=found.counts.get("exports", 0),
        certificate=certifying.in_words(certificate) if certificate else "",
        certificate_text=f"{_path(slug, job)}/certificate.txt" if certificate else "",
        download=f"{_path(slug, job)}/certificate.json" if certificate else "",
        resume=f"{_path(slug, job)}/resume" if found.is_open else "",
    )
    return pages.page(request, contents)


@route(f"{_JOB}/resume", methods=["POST"], permission=Permission.STEWARD)
def resume_destruction(request: DeskRequest, slug: str, job: str) -> Response:
    """Let a destruction go on that stands still."""
    asking.resume(request.services, asking.get(request.services, slug, job))
    return pages.see_other(_path(slug, job))


@route(f"{_JOB}/certificate.json", permission=Permission.STEWARD)
def download_certificate(request: DeskRequest, slug: str, job: str) -> Response:
    """The certificate and its attestation, for programs."""
    certificate = _certificate(request, slug, job)
    if certificate is None:
        return pages.see_other(_path(slug, job))
    values = {
        "certificate": certificate.text,
        "attestation": b64encode(certificate.attestation).decode(),
    }
    content = json.dumps(values, ensure_ascii=False, indent=2).encode()
    return pages.download(content, name=f"{slug}-destroyed.json", media_type="application/json")


@route(f"{_JOB}/certificate.txt", permission=Permission.STEWARD)
def download_text(request: DeskRequest, slug: str, job: str) -> Response:
    """The certificate for people."""
    certificate = _certificate(request, slug, job)
    if certificate is None:
        return pages.see_other(_path(slug, job))
    content = certifying.in_words(certificate).encode()
    return pages.download(content, name=f"{slug}-destroyed.txt", media_type="text/plain")


def _certificate(request: DeskRequest, slug: str, job: str) -> Certificate | None:
    return certifying.certificate_of(asking.get(request.services, slug, job))


def _end_page(request: DeskRequest, slug: str, *, name: str = "", error: str = "") -> Response:
    begun = asking.find(request.services, slug)
    forecast = asking.forecast(request.services, slug)
    contents = EndPage(
        layout=pages.layout(request, _TITLE),
        close=desk_urls.petition(slug, "end/close"),
        text=desk_urls.petition(slug, "write"),
        forecast=forecast,
        destroy=desk_urls.petition(slug, "end/destroy") if forecast.may_begin else "",
        begun=_path(slug, begun.id) if begun else "",
        slug=slug,
        name=name,
        error=error,
    )
    return pages.page(request, contents, status=422 if error else 200)


def _path(slug: str, job: str) -> str:
    return desk_urls.petition(slug, f"end/destroy/{job}")
