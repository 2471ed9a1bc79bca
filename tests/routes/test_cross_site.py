"""Posts from other websites are refused, and leave nothing behind."""

import pytest

from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import Page
from tests.routes.requests import FORM_TYPE, FORMS, filled, posts, send
from tests.world import World

ELSEWHERE = "https://elsewhere.example"
REFUSED = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour": {"Sec-Fetch-Site": "same-site"},
    "something made up": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "a browser's word against our own origin": {
        "Sec-Fetch-Site": "cross-site",
        "Origin": PUBLIC_URL,
    },
    "an older browser elsewhere": {"Origin": ELSEWHERE},
    "our name with another scheme": {"Origin": "http://zaklik.example"},
    "our name as the beginning of another": {"Origin": f"{PUBLIC_URL}.evil.example"},
    "our name as the end of another": {"Origin": "https://evil-zaklik.example"},
    "our name with a port": {"Origin": f"{PUBLIC_URL}:8443"},
}
ACCEPTED = {
    "our own page": {"Sec-Fetch-Site": "same-origin"},
    "an address typed by hand": {"Sec-Fetch-Site": "none"},
    "an older browser on our page": {"Origin": PUBLIC_URL},
    "an older browser on our page, which sends no referrer": {"Origin": "null"},
    "a mail program": {},
}


@pytest.mark.parametrize("sender", REFUSED)
def test_no_form_is_taken_from_another_site(world: World, sender: str) -> None:
    headers = {"Content-Type": FORM_TYPE, **REFUSED[sender]}
    before = world.stored_items("petitions")

    for path in FORMS:
        answer = send(path, builders.sign_form(), headers)
        assert answer.status == 403
        assert Page(answer.text).one("h1").text == "Please use the form on our page"

    assert world.stored_items("petitions") == before
    assert world.deliver_messages() == 0


@pytest.mark.parametrize("sender", ACCEPTED)
def test_a_form_is_taken_from(world: World, sender: str) -> None:
    answer = send(FORMS[0], builders.sign_form(), {"Content-Type": FORM_TYPE, **ACCEPTED[sender]})

    assert answer.status == 200
    assert world.deliver_messages() == 1


def test_no_mailed_link_can_be_pressed_from_another_site(world: World) -> None:
    world.sign()
    world.deliver_all()

    refused = send(world.link(), b"", REFUSED["another site"])
    world.deliver_all()

    assert refused.status == 403
    assert world.signatures() == []


@pytest.mark.parametrize("route", posts())
def test_every_post_asks_where_it_comes_from_before_it_looks_at_anything(
    world: World, route: str
) -> None:
    assert send(filled(route), b"\xff", REFUSED["another site"]).status == 403
