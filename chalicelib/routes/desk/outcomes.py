"""What the trail says of an act at the desk: what it is about, and whether it was refused."""

import logging
from collections.abc import Mapping
from typing import Final

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import draft_forms
from chalicelib.routes.desk.requests import DeskRequest

log = logging.getLogger(__name__)

_VERSIONS: Final[Mapping[Act, tuple[str, str]]] = {
    Act.SAVE_DRAFT: ("base", "after version"),
    Act.PUBLISH: ("number", "version"),
}
"""The field of a form that names a version, and what the version is to the act."""
_REASONS: Final[Mapping[int, str]] = {
    400: "the form could not be read",
    403: "it was not allowed",
    409: "it was not possible at this moment",
    410: "it was over",
    413: "the form was too large",
    422: "the form was not accepted",
}
_IS_UNKNOWN: Final = 500
"""From this status on nobody can say whether the act has happened."""


def detail_of(request: DeskRequest, act: Act) -> str:
    """The part of the petition that a form is about, and the version. Raises UnreadableForm."""
    part = request.path.removeprefix(desk_urls.petition(request.slug)).strip("/")
    if act not in _VERSIONS:
        return part
    field, words = _VERSIONS[act]
    number = draft_forms.number_in(request.fields, field)
    return f"{part}, {words} {number}" if number else part


def record(request: DeskRequest, status: int) -> None:
    """Tell the trail that what it says of a request was refused, or that this is not known."""
    if status < min(_REASONS):
        return
    is_unknown = status >= _IS_UNKNOWN
    said = "an error: done or not" if is_unknown else _REASONS.get(status, f"answer {status}")
    for act, detail in list(request.recorded):
        try:
            request.record(act, f"{detail}: {said}".lstrip(": "), refused=not is_unknown)
        except Unavailable:
            # The answer is right all the same, and the line before it stands.
            log.warning("refusal not recorded")
