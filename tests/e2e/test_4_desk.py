"""An organiser enters the desk through the deployed distribution, and works within its walls."""

import re

import pytest

from chalicelib.rendering import desk_urls
from chalicelib.routes.desk.session_cookie import COOKIE
from tests.authenticator import Authenticator, options_of
from tests.e2e.demo import ORGANISER_NAME, SLUG
from tests.e2e.drivers.website import Website
from tests.e2e.engine.cloudfront_proxy import CloudFrontProxy
from tests.e2e.engine.mailbox import Mailbox

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("stack")]


@pytest.fixture(scope="module")
def passkey(proxy: CloudFrontProxy) -> Authenticator:
    """The passkey of the first organiser."""
    return Authenticator(origin=proxy.url, rp_id="127.0.0.1")


@pytest.fixture(scope="module")
def cookie(website: Website, organiser: Mailbox, passkey: Authenticator) -> str:
    """The cookie of the session that begins by the mailed link."""
    path = organiser.link(1, "invitation")
    answer = passkey.create(options_of(website.read(path).data))
    joined = website.submit(path, {"answer": answer, "device": "a test"}, status=303)
    given = re.match(rf"({COOKIE}=[^;]+); Path=/; Secure; HttpOnly", joined.headers["set-cookie"])
    assert given
    return given[1]


def test_without_a_session_the_desk_shows_its_entrance(website: Website) -> None:
    answer = website.read(desk_urls.HOME, status=303)

    assert answer.headers["location"] == desk_urls.ENTER
    assert "Sign in" in website.read(desk_urls.ENTER).data.decode()


def test_the_link_of_an_invitation_works_once(
    website: Website, organiser: Mailbox, cookie: str
) -> None:
    assert cookie
    website.read(organiser.link(1, "invitation"), status=403)


def test_the_home_shows_the_petition(website: Website, cookie: str) -> None:
    page = website.read(desk_urls.HOME, cookie=cookie)

    assert f'href="{desk_urls.petition(SLUG)}"' in page.data.decode()
    assert page.headers["cache-control"] == "no-store"
    assert ORGANISER_NAME in page.data.decode()


def test_the_passkey_signs_in_again_and_the_old_session_is_over(
    website: Website, passkey: Authenticator, cookie: str
) -> None:
    website.submit(desk_urls.LEAVE, {}, cookie=cookie, status=303)
    website.read(desk_urls.HOME, cookie=cookie, status=303)
    answer = passkey.get(options_of(website.read(desk_urls.ENTER).data))
    entered = website.submit(desk_urls.ENTER, {"answer": answer}, status=303)

    again = entered.headers["set-cookie"].partition(";")[0]
    website.read(desk_urls.HOME, cookie=again)
