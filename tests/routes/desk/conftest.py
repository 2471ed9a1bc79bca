"""Routes of the desk that exist in tests only: they show what the gate lets through."""

from dataclasses import dataclass, field

import pytest
from chalice.app import Blueprint, Chalice, Response

from chalicelib import desk_app
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.routes.desk import access
from chalicelib.routes.desk.requests import AnonymousRequest, DeskRequest
from chalicelib.routes.http import responses

PROBE = "/desk/petitions/open-door/probe"


@dataclass
class Passed:
    """The requests that the gate has let through."""

    requests: list[AnonymousRequest] = field(default_factory=list)

    def __call__(self, request: AnonymousRequest, **_variables: str) -> Response:
        self.requests.append(request)
        return responses.text("passed", "text/plain")


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Passed:
    """A desk of routes below PROBE alone; the requests that reached them."""
    monkeypatch.setattr(access, "RULES", [*access.RULES])
    probe = Blueprint("probe")
    route = access.router(probe)
    passed = Passed()
    path = "/desk/petitions/{slug}/probe"

    def fails(request: DeskRequest, **_variables: str) -> Response:
        if not passed.requests:
            passed.requests.append(request)
            raise Unavailable
        return passed(request)

    def crashes(_request: DeskRequest, **_variables: str) -> Response:
        raise ValueError("hanna@example.org")

    route(path, permission=Permission.VIEW)(passed)
    route(f"{path}/export", methods=["POST"], permission=Permission.EXPORT, act=Act.EXPORT_TRAIL)(
        passed
    )
    route(
        f"{path}/touched",
        methods=["POST"],
        permission=Permission.SEND,
        touch=True,
        act=Act.CHANGE_ROLES,
    )(passed)
    route(f"{path}/fails", methods=["POST"], permission=Permission.EDIT, act=Act.INVITE)(fails)
    route(f"{path}/crashes", permission=Permission.VIEW)(crashes)
    route("/desk/probe/anyone", methods=["POST"], anyone=True)(passed)
    app = Chalice(app_name="zaklik-desk")
    app.experimental_feature_flags.update(["BLUEPRINTS"])
    app.api.binary_types.append("multipart/form-data")
    app.register_blueprint(probe)
    monkeypatch.setattr(desk_app, "app", app)
    return passed
