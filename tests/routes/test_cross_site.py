"""Posts from other websites are refused and store nothing."""

import pytest

from chalicelib.usecases.alerts import starting
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import FORM_TYPE, FORMS, path_of, post, post_routes
from tests.world import World

ELSEWHERE = "https://elsewhere.example"
REFUSED = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another origin of the site": {"Sec-Fetch-Site": "same-site"},
    "an invalid value": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "another site, with our origin": {
        "Sec-Fetch-Site": "cross-site",
        "Origin": PUBLIC_URL,
    },
    "an older browser on another site": {"Origin": ELSEWHERE},
    "our host with another scheme": {"Origin": "http://zaklik.example"},
    "our host as the beginning of another": {"Origin": f"{PUBLIC_URL}.evil.example"},
    "our host as the end of another": {"Origin": "https://evil-zaklik.example"},
    "our host with a port": {"Origin": f"{PUBLIC_URL}:8443"},
}
FROM_ANY_SITE = {"/{language}/unsubscribe/{token}"}
"""Routes that web mails post to: the token in the path is the whole proof."""
ACCEPTED = {
    "our own page": {"Sec-Fetch-Site": "same-origin"},
    "an address typed by hand": {"Sec-Fetch-Site": "none"},
    "an older browser on our page": {"Origin": PUBLIC_URL},
    "an older browser on our page, without a referrer": {"Origin": "null"},
    "a mail program": {},
}


@pytest.mark.parametrize("sender", REFUSED)
def test_no_form_is_accepted_from(world: World, sender: str) -> None:
    headers = {"Content-Type": FORM_TYPE, **REFUSED[sender]}
    before = world.stored_items("petitions")

    for path in FORMS:
        response = post(path, builders.sign_form(), headers)
        assert response.status == 403
        assert ParsedPage(response.text).one("h1").text == "Please use the form on our page"

    assert world.stored_items("petitions") == before
    assert world.deliver_messages() == 0


@pytest.mark.parametrize("sender", ACCEPTED)
def test_a_form_is_accepted_from(world: World, sender: str) -> None:
    response = post(FORMS[0], builders.sign_form(), {"Content-Type": FORM_TYPE, **ACCEPTED[sender]})

    assert response.status == 200
    assert world.deliver_messages() == 1


@pytest.mark.parametrize("sender", REFUSED)
def test_a_web_mail_ends_a_subscription_by_one_click(world: World, sender: str) -> None:
    world.sign_and_confirm(alerts="yes")
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()
    headers = {"Content-Type": FORM_TYPE, **REFUSED[sender]}

    response = post(world.link_to("unsubscribe"), b"List-Unsubscribe=One-Click", headers)

    assert response.status == 200
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def test_another_site_that_lacks_the_token_ends_no_subscription(world: World) -> None:
    world.sign_and_confirm(alerts="yes")

    response = post("/en/unsubscribe/AAAA", b"", REFUSED["another site"])

    assert response.status == 404
    assert [item["state"] for item in world.subscriptions()] == ["active"]


def test_no_mailed_link_can_be_posted_from_another_site(world: World) -> None:
    world.sign()
    world.deliver_all()

    response = post(world.link(), b"", REFUSED["another site"])
    world.deliver_all()

    assert response.status == 403
    assert world.signatures() == []


def test_the_origin_is_checked_before_the_body(world: World) -> None:
    for route in set(post_routes()) - FROM_ANY_SITE:
        assert post(path_of(route), b"\xff", REFUSED["another site"]).status == 403, route
