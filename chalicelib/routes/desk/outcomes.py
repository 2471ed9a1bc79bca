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
_OF_TEXTS: Final = frozenset({Act.SAVE_DRAFT, Act.RESTORE_DRAFT, Act.UPLOAD_DRAFT})
_OF_LISTS: Final = frozenset({Act.FETCH_EXPORT, Act.APPROVE_EXPORT, Act.CANCEL_EXPORT})
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
    """Which text or list a form is about, and which version. Raises UnreadableForm."""
    path = request.path.removeprefix(desk_urls.petition(request.slug)).strip("/").split("/")
    said = []
    if act in _OF_TEXTS:
        # Such as `write/texts/be` and `updates/first-news/text`.
        said.append("/".join(path[1:]))
    elif act in _OF_LISTS:
        said.append(path[1])
    if act in _VERSIONS:
        field, words = _VERSIONS[act]
        number = draft_forms.number_in(request.fields, field)
        said += [f"{words} {number}"] if number else []
    return ", ".join(filter(None, said))


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
