"""The home of the desk: the organiser's petitions, and what waits for them."""

from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Blueprint, Response

from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest

blueprint = Blueprint(__name__)
route = access.router(blueprint)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HomePage(DeskPage):
    """The petitions of an organiser."""

    template: ClassVar[str] = "home.html"
    new: str


@route(desk_urls.HOME)
def show_home(request: DeskRequest) -> Response:
    """The petitions on which the organiser has a role."""
    contents = HomePage(layout=pages.layout(request, "Your petitions"), new=desk_urls.NEW)
    return pages.page(request, contents)
