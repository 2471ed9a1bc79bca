"""An organiser publishes a petition, and visitors read it through the deployed distribution."""

import re
from base64 import b64decode
from pathlib import Path
from typing import Final

import pytest

from chalicelib.rendering import desk_urls
from tests.e2e.demo import ORGANISER, ORGANISER_NAME, PAGE, SLUG
from tests.e2e.drivers.command_line import CommandLine
from tests.e2e.drivers.deployed_stack import DeployedStack
from tests.e2e.drivers.website import Website
from tests.e2e.engine.cloudfront_proxy import CloudFrontProxy
from tests.e2e.engine.ministack import Ministack

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("stack")]

SECURITY_HEADERS: Final = {
    "strict-transport-security": "max-age=",
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


def test_an_organisers_key_has_a_recovery_sheet_and_the_petitions_key_a_proof(
    petition: Path, workspace: Path
) -> None:
    assert (workspace / "organiser.key").exists()
    assert (workspace / "organiser-recovery.html").exists()
    assert "opened_on" in (petition / "key.json").read_text("utf-8")


def test_publish_finds_the_deployed_stack_by_itself(
    zaklik: CommandLine, petition: Path, stack: DeployedStack
) -> None:
    zaklik("petition", "publish", str(petition))

    assert stack.items("PetitionsTableName")


def test_an_operator_invites_the_first_organiser(zaklik: CommandLine, stack: DeployedStack) -> None:
    output = zaklik("organiser", "invite", ORGANISER_NAME, ORGANISER, "--petition", SLUG)

    assert "is invited" in output
    assert stack.items("OrganisersTableName")


def test_a_check_after_publication_learns_the_keys_of_the_service(
    zaklik: CommandLine, petition: Path
) -> None:
    checked = zaklik("keys", "check", str(petition), "--key", "organiser.key")

    assert "has learned the keys" in checked


def test_the_page_has_security_headers_and_is_cached_for_seconds(website: Website) -> None:
    page = website.read(PAGE)

    assert "<form" in page.data.decode()
    for name, value in SECURITY_HEADERS.items():
        assert value in page.headers[name]
    assert "s-maxage=" in page.headers["cache-control"]


def test_other_sites_may_frame_the_embedded_card(website: Website) -> None:
    headers = website.read(f"/embed/{SLUG}/en").headers

    assert "x-frame-options" not in headers
    assert "frame-ancestors *" in headers["content-security-policy"]


def test_the_preview_image_is_asked_for_by_its_type(
    website: Website, proxy: CloudFrontProxy
) -> None:
    image = website.read(f"{PAGE}/card.png")

    assert image.headers["content-type"] == "image/png"
    assert b64decode(image.data)[:8] == b"\x89PNG\r\n\x1a\n"
    assert _accept_of(proxy, f"{PAGE}/card.png") == "image/png"


def test_the_picture_of_the_page_is_asked_for_as_bytes(
    website: Website, proxy: CloudFrontProxy
) -> None:
    [address] = re.findall(r'<img src="([^"]+)"', website.read(PAGE).data.decode())

    picture = website.read(address)

    assert picture.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in picture.headers["content-security-policy"]
    assert b64decode(picture.data).startswith(b"<svg ")
    assert _accept_of(proxy, address) == "image/png"


def test_head_answers_as_get_without_a_body(website: Website) -> None:
    head = website.request("HEAD", PAGE)

    assert (head.status, head.data) == (200, b"")
    assert head.headers["content-type"] == website.read(PAGE).headers["content-type"]


def test_a_missing_petition_is_our_404_and_an_unknown_path_never_reaches_us(
    website: Website,
) -> None:
    assert "<html" in website.read("/en/no-such-petition", status=404).data.decode()
    website.read("/a/b/c/d/e", status=403)


@pytest.mark.parametrize("page", [PAGE, desk_urls.ENTER])
def test_api_gateway_refuses_requests_without_the_secret_of_the_distribution(
    page: str, engine: Ministack, proxy: CloudFrontProxy
) -> None:
    distribution = proxy.distribution
    assert distribution
    behaviour = distribution.behaviour_of(page)
    path, host = behaviour.path + page, {"Host": distribution.host}
    forged = dict.fromkeys(behaviour.added_headers, "x" * 43)

    assert engine.http.request("GET", path, headers=host).status == 403
    assert engine.http.request("GET", path, headers={**host, **forged}).status == 403
    genuine = {**host, **behaviour.added_headers}
    assert engine.http.request("GET", path, headers=genuine).status == 200


def _accept_of(proxy: CloudFrontProxy, path: str) -> str:
    """The header Accept that the distribution adds for a path."""
    assert proxy.distribution
    return proxy.distribution.behaviour_of(path).added_headers["Accept"]
