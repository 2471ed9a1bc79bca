"""The gate of the desk: who may open which route, and do what there.

Every route of the desk is registered here. Its rule says what it requires, and a test drives all
rules with every role.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Final

from chalice.app import Blueprint, Response
from chalice.app import Request as ChaliceRequest

from chalicelib import wiring
from chalicelib.domain.errors import Refusal
from chalicelib.domain.organisers import roles as role_rules
from chalicelib.domain.organisers.organiser import Session
from chalicelib.domain.organisers.roles import Permission, Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.petition import SLUG
from chalicelib.rendering import desk_urls, translations
from chalicelib.routes import logs
from chalicelib.routes.desk import outcomes, pages, session_cookie, touching
from chalicelib.routes.desk.requests import AnonymousRequest, DeskRequest, refuse_other_sites
from chalicelib.routes.http.request import require_cdn
from chalicelib.routes.http.router import READ, View
from chalicelib.routes.http.statuses import InternalError
from chalicelib.usecases.organisers import assigning, entering

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    """What a route requires.

    `permission` on the petition of the path; None where there is none, and any organiser may come.
    `touch`: a fresh touch of the passkey. `act` is what the trail says before the view runs.
    `anyone`: nobody needs to be signed in.
    """

    path: str
    methods: Sequence[str]
    permission: Permission | None = None
    touch: bool = False
    act: Act | None = None
    anyone: bool = False


RULES: Final[list[AccessRule]] = []
"""The rules of all routes that are registered."""


class WrongRule(Exception):
    """A rule contradicts its path. The message names the path."""


def router(blueprint: Blueprint) -> Callable[..., Callable[[View], View]]:
    """A `route` decorator for views that take a DeskRequest and the variables of their path.

    A view for `anyone` takes an AnonymousRequest. Every refusal becomes a page, and what was posted
    is kept on it.
    """

    def route(
        path: str,
        methods: Sequence[str] = READ,
        *,
        permission: Permission | None = None,
        touch: bool = False,
        act: Act | None = None,
        anyone: bool = False,
    ) -> Callable[[View], View]:
        rule = AccessRule(
            path=path,
            methods=methods,
            permission=permission,
            touch=touch,
            act=act,
            anyone=anyone,
        )
        _check(rule)
        RULES.append(rule)

        def register(view: View) -> View:
            @wraps(view)
            def answer(**variables: str) -> Response:
                return _answer(view, rule, blueprint.current_request, variables)

            blueprint.route(path, methods=list(methods), content_types=["*/*"])(answer)
            return view

        return register

    return route


def _check(rule: AccessRule) -> None:
    """Refuse a rule that would let somebody through by mistake. Raises WrongRule."""
    of_petition = "/{slug}" in rule.path
    if of_petition != (rule.permission is not None):
        raise WrongRule(f"{rule.path}: a permission is one on the petition of the path")
    if rule.act is not None and not of_petition:
        raise WrongRule(f"{rule.path}: only petitions have a trail")
    if rule.touch and tuple(rule.methods) != ("POST",):
        raise WrongRule(f"{rule.path}: only a form can wait for a touch")
    if rule.anyone and (of_petition or rule.touch):
        raise WrongRule(f"{rule.path}: who is not signed in has no role and no passkey")


def _answer(
    view: View, rule: AccessRule, raw: ChaliceRequest, variables: Mapping[str, str]
) -> Response:
    started = time.perf_counter()
    language = translations.languages()[translations.SOURCE_LANGUAGE]
    request = AnonymousRequest(raw, wiring.services(), language)
    try:
        require_cdn(request)
        if request.method == "POST":
            refuse_other_sites(request)
        entered = _enter(rule, request, variables)
        if isinstance(entered, Response):
            response = entered
        else:
            request = entered
            response = view(request, **variables)
    except Refusal as refusal:
        response = pages.refused(request, refusal)
    except Exception as error:  # noqa: BLE001 - Chalice would log the path with its token
        logs.report(log, "request failed", error)
        response = pages.refused(request, InternalError())
    if isinstance(request, DeskRequest):
        outcomes.record(request, response.status_code)
    if request.method == "HEAD":
        response.body = ""
    log.info(
        "request",
        extra={
            "fields": {
                "id": (raw.context or {}).get("requestId", ""),
                "route": f"{raw.method} {rule.path}",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            }
        },
    )
    return response


def _enter(
    rule: AccessRule, request: AnonymousRequest, variables: Mapping[str, str]
) -> AnonymousRequest | Response:
    """The request that the view may answer, or the response to somebody who must not come in."""
    if rule.anyone:
        return request
    session = entering.find_session(request.services, session_cookie.value_of(request))
    if session is None:
        if request.method == "POST":
            return pages.sign_in_first(request)
        # Browsers keep what follows "#" to themselves: no log has it.
        wanted = "" if request.path == desk_urls.HOME else f"#{request.path}"
        return pages.see_other(desk_urls.ENTER + wanted)
    desk = _signed_in(request, session, variables.get("slug", ""))
    if rule.permission is not None and not desk.roles:
        return pages.not_allowed(desk, *_NOT_YOURS, back=desk_urls.HOME)
    if rule.permission is not None and not desk.may(rule.permission):
        desk.record(rule.act or Act.OPEN_PAGE, desk.path, refused=True)
        return pages.not_allowed(desk, *_NOT_ALLOWED, back=desk_urls.petition(desk.slug))
    if rule.touch and not touching.is_touched(desk):
        return touching.ask(desk)
    if rule.act is not None:
        desk.record(rule.act, outcomes.detail_of(desk, rule.act))
    return desk


_NOT_YOURS: Final = (
    "This petition is not among yours",
    "You have no role on a petition at this address. Its stewards can give you one.",
)
_NOT_ALLOWED: Final = (
    "Your role does not allow this",
    "Nothing was done. A steward of the petition can give you another role, on the page “People”.",
)


def _signed_in(request: AnonymousRequest, session: Session, slug: str) -> DeskRequest:
    roles: frozenset[Role] = frozenset()
    if SLUG.fullmatch(slug):
        roles = assigning.roles_on(request.services, slug, session.organiser_id)
    held = role_rules.permissions_of(roles)
    allowed = frozenset(
        rule.path for rule in RULES if rule.permission in held and "GET" in rule.methods
    )
    return DeskRequest(
        request.raw,
        request.services,
        request.language,
        session=session,
        slug=slug,
        roles=roles,
        allowed=allowed,
    )
