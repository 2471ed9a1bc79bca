"""The local service answers as API Gateway and the CDN: pictures are bytes, text is compressed."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message

import pytest

import app
from chalicelib.domain.petitions.picture import digest_of
from chalicelib.rendering import assets
from chalicelib.usecases.petitions import publishing
from ops.content import preview_images
from ops.local.api_gateway import ApiGateway, HttpResponse
from ops.local.lambda_events import HttpRequest
from tests import builders
from tests.world import World

CARD = "/en/open-door/card.png"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def gateway(world: World) -> Iterator[ApiGateway]:
    """The app behind API Gateway and the CDN, with a petition and its pictures."""
    drawing = builders.DRAWING.replace(b"</svg>", b'<path d="M0 0"/>' * 60 + b"</svg>")
    picture = replace(builders.PICTURE, digest=digest_of(drawing))
    petition = replace(builders.with_picture(), picture=picture)
    publishing.publish_petition(world.services, petition, picture=drawing)
    publishing.publish_preview_images(
        world.services, "open-door", preview_images.draw_all(builders.petition())
    )
    plain_class = app.app.__class__
    yield ApiGateway(app.app)
    app.app.__class__ = plain_class


def ask(gateway: ApiGateway, path: str, method: str = "GET", **headers: str) -> HttpResponse:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return gateway.respond(
        HttpRequest(
            method=method, target=path, headers=message, body=b"", client_address="198.51.100.7"
        )
    )


@pytest.mark.parametrize("accept", ["", "*/*", "image/avif,image/webp,*/*;q=0.8", "text/html"])
def test_a_picture_is_bytes_whatever_is_asked_for(gateway: ApiGateway, accept: str) -> None:
    response = ask(gateway, CARD, **({"Accept": accept} if accept else {}))

    assert response.status == 200
    assert response.header("content-type") == "image/png"
    assert response.body.startswith(PNG)


def test_text_is_compressed_and_a_picture_is_not_compressed_again(gateway: ApiGateway) -> None:
    card = ask(gateway, "/embed/open-door/en").body.decode()
    [drawing] = re.findall(r'<img src="([^"]+)"', card)
    paths = (CARD, assets.static("page.js"), "/en/open-door", drawing)

    answers = [ask(gateway, path, Accept_Encoding="gzip") for path in paths]

    encodings = [answer.header("content-encoding") for answer in answers]
    assert encodings == ["", "gzip", "gzip", "gzip"]
    assert gzip.decompress(answers[-1].body).startswith(b"<svg ")


def test_a_missing_picture_is_an_error_page(gateway: ApiGateway) -> None:
    response = ask(gateway, "/en/no-such-petition/card.png")

    assert response.status == 404
    assert b"<html" in response.body


def test_a_head_request_or_a_known_etag_gets_no_body(gateway: ApiGateway) -> None:
    etag = ask(gateway, CARD).header("etag")

    assert ask(gateway, CARD, "HEAD").body == b""
    known = ask(gateway, CARD, If_None_Match=etag)
    assert (known.status, known.body) == (304, b"")
