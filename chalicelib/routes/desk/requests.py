"""Requests at the desk: of anybody, and of an organiser who is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast
from urllib.parse import quote

from chalicelib.domain.errors import CrossSite
from chalicelib.domain.organisers import roles as role_rules
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.organiser import Session
from chalicelib.domain.organisers.roles import Permission, Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.routes.desk import forms
from chalicelib.routes.desk.forms import DeskForm, UploadedFile
from chalicelib.routes.http.request import Request
from chalicelib.usecases.organisers import recording


@dataclass(frozen=True)
class AnonymousRequest(Request):
    """A request of somebody who may not be signed in."""

    @cached_property
    def form(self) -> DeskForm:
        """The posted form. Raises UnreadableForm, FormTooLarge."""
        return forms.read(cast("bytes", self.raw.raw_body), self.header("content-type"))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The fields of the posted form. Raises UnreadableForm, FormTooLarge."""
        return self.form.fields

    @property
    def files(self) -> Mapping[str, UploadedFile]:
        """The files of the posted form. Raises UnreadableForm, FormTooLarge."""
        return self.form.files

    @property
    def resource(self) -> str:
        """The path of the route, with names in place of values: `/desk/petitions/{slug}`."""
        return str(self.raw.path)

    @property
    def path(self) -> str:
        """The path that was asked for, on which a form can be sent again."""
        variables: Mapping[str, str] = self.raw.uri_params or {}
        return self.resource.format(
            **{name: quote(value, safe="") for name, value in variables.items()}
        )


@dataclass(frozen=True)
class DeskRequest(AnonymousRequest):
    """A request of an organiser, and what they may do; `slug` is "" where there is no petition.

    `allowed` are the routes of pages that they may open there. `recorded` are the acts, with their
    details, that the trail says this request did.
    """

    session: Session
    slug: str = ""
    roles: frozenset[Role] = frozenset()
    allowed: frozenset[str] = frozenset()
    recorded: list[tuple[Act, str]] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.session.actor

    def may(self, permission: Permission) -> bool:
        """Whether the organiser has this permission on the petition."""
        return role_rules.may(self.roles, permission)

    def record(self, act: Act, detail: str = "", *, refused: bool = False) -> None:
        """Add a line to the petition's trail. The detail names no signer and no address."""
        recording.record(
            self.services, self.slug, actor=self.actor, act=act, detail=detail, refused=refused
        )
        if not refused:
            self.recorded.append((act, detail))


def refuse_other_sites(request: Request) -> None:
    """Refuse posts that are not known to come from a page of ours. Raises CrossSite.

    Stricter than for visitors: the cookie of a session goes along with a post, so a browser that
    says nothing of the origin is refused.
    """
    site, origin = request.header("sec-fetch-site"), request.header("origin")
    ours = request.services.settings.desk_origin
    if site not in ("", "same-origin") or origin not in ("", "null", ours):
        raise CrossSite
    if not site and origin != ours:
        raise CrossSite
