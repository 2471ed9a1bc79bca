"""The local run answers as API Gateway and the CDN would: bytes are bytes, text is compressed."""

from collections.abc import Iterator
from email.message import Message

import pytest

import app
from chalicelib.rendering import assets
from chalicelib.usecases.petitions import publishing
from ops.content import preview_images
from ops.local.api_gateway import Answer, Front
from ops.local.proxy_events import Request
from tests import builders
from tests.world import World

CARD = "/en/open-door/card.png"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def front(world: World) -> Iterator[Front]:
    """The app behind what stands for API Gateway and the CDN, with a petition and its pictures."""
    publishing.publish_preview_images(
        world.services, "open-door", preview_images.draw_all(builders.petition())
    )
    kind = app.app.__class__
    yield Front(app.app)
    app.app.__class__ = kind


def ask(front: Front, path: str, method: str = "GET", **headers: str) -> Answer:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return front.answer(
        Request(
            method=method, target=path, headers=message, body=b"", client_address="198.51.100.7"
        )
    )


@pytest.mark.parametrize("accept", ["", "*/*", "image/avif,image/webp,*/*;q=0.8", "text/html"])
def test_a_picture_is_bytes_whatever_is_asked_for(front: Front, accept: str) -> None:
    answer = ask(front, CARD, **({"Accept": accept} if accept else {}))

    assert answer.status == 200
    assert answer.header("content-type") == "image/png"
    assert answer.body.startswith(PNG)


def test_a_picture_is_not_compressed_again_but_what_is_text_is(front: Front) -> None:
    paths = (CARD, assets.static("page.js"), "/en/open-door")

    encodings = [ask(front, p, Accept_Encoding="gzip").header("content-encoding") for p in paths]

    assert encodings == ["", "gzip", "gzip"]


def test_a_picture_that_is_not_there_is_a_page(front: Front) -> None:
    answer = ask(front, "/en/no-such-petition/card.png")

    assert answer.status == 404
    assert b"<html" in answer.body


def test_a_picture_that_is_asked_about_or_known_is_not_sent(front: Front) -> None:
    etag = ask(front, CARD).header("etag")

    assert ask(front, CARD, "HEAD").body == b""
    known = ask(front, CARD, If_None_Match=etag)
    assert (known.status, known.body) == (304, b"")
