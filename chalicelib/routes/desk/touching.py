"""Asks for a touch of the passkey before an act that a stolen cookie must not be enough for."""

import json
from typing import Final

from chalice.app import Response

from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import pages
from chalicelib.routes.desk.forms import TOUCH_FIELD
from chalicelib.routes.desk.pages import RefusedPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.organisers import entering

SCRIPT: Final = "desk-passkeys.js"


def is_touched(request: DeskRequest) -> bool:
    """Whether the passkey was touched a short while ago, or for this form. Raises Unavailable."""
    if request.session.is_touched(request.services.now()):
        return True
    answer = request.fields.get(TOUCH_FIELD, "")
    if not answer:
        return False
    try:
        entering.touch(request.services, request.session, answer)
    except PasskeyRefused:
        return False
    return True


def ask(request: DeskRequest) -> Response:
    """A page that asks for the touch and then sends the same form again."""
    options = entering.touch_options(request.services, request.session)
    contents = RefusedPage(
        layout=pages.layout(request, "Confirm with your passkey", scripts=[SCRIPT]),
        message=(
            "This step needs a fresh touch of your passkey, so that nobody else can do it in your "
            "name. Nothing was done yet, and what you typed is kept."
        ),
        back=desk_urls.petition(request.slug) if request.slug else desk_urls.HOME,
        touch=json.dumps(options),
        **pages.posted(request),
    )
    return pages.page(request, contents, status=403)
