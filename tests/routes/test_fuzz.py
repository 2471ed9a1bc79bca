"""Random bodies, forms, tokens, paths and headers never cause an error of the server."""

from base64 import b64encode
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.usecases import pressure
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import (
    FORM_TYPE,
    SAME_ORIGIN,
    SLUG,
    call,
    get,
    path_of,
    post,
    post_routes,
)
from tests.world import World

ANYTHING = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FIELDS = st.dictionaries(
    st.sampled_from(["name", "email", "country", "alerts", "code", "pending", "other"]),
    st.text(max_size=60),
)
PIECES = st.lists(
    st.sampled_from([b"&", b"=", b"%", b"%00", b"%FF", b"+", b"name", b"email", b"\xff", b"\0"])
)
ACTIONS = st.dictionaries(
    st.sampled_from(["do", "news", "language", "frequency", "name", "country", "other"]),
    st.sampled_from(["withdraw", "stop", "change", "correct", "delete", "be", "weekly", "PL"])
    | st.text(max_size=20),
)
VALUE = st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: b64encode(raw).decode())
SEGMENT = st.text(st.characters(exclude_characters="/?#", exclude_categories=["Cs"]), min_size=1)


@pytest.fixture
def own_page(world: World) -> str:
    """The link to the own page of a signer with alerts."""
    world.sign_and_confirm(alerts="yes")
    return world.ask_for_own_page()


@pytest.fixture
def under_pressure(world: World) -> World:
    """A service that requires a proof of work of everybody."""
    pressure.require_proofs(world.services, SLUG, until=world.clock.now() + timedelta(hours=1))
    return world


@ANYTHING
@given(
    route=st.sampled_from(post_routes()),
    body=st.binary(max_size=300) | PIECES.map(b"".join),
    kind=st.sampled_from([FORM_TYPE, "multipart/form-data; boundary=b", "text/plain", "", "\x7f"]),
)
def test_no_body_causes_an_error(world: World, route: str, body: bytes, kind: str) -> None:
    response = post(path_of(route), body, {**SAME_ORIGIN, "Content-Type": kind})

    assert 400 <= response.status < 500
    assert ParsedPage(response.text).one("h1").text


@ANYTHING
@given(route=st.sampled_from(post_routes()), fields=FIELDS)
def test_no_form_causes_an_error(world: World, route: str, fields: dict[str, str]) -> None:
    response = post(path_of(route), fields)

    assert response.status in (200, 403, 404, 422, 429)
    assert ParsedPage(response.text).one("h1").text


@ANYTHING
@given(
    token=SEGMENT,
    purpose=st.sampled_from(["confirm", "confirm-alerts", "manage", "block", "unsubscribe"]),
)
def test_no_made_up_link_causes_an_error(world: World, token: str, purpose: str) -> None:
    path = f"/en/{purpose}/{quote(token)}"

    assert [get(path).status, post(path).status] == [404, 404]


@ANYTHING
@given(token=SEGMENT, purpose=st.sampled_from(["confirm", "confirm-alerts"]))
def test_no_made_up_link_is_renewed(world: World, token: str, purpose: str) -> None:
    assert post(f"/en/{purpose}/{quote(token)}/again").status == 404
    assert world.deliver_messages() == 0


@ANYTHING
@given(fields=ACTIONS)
def test_no_action_on_the_own_page_causes_an_error(own_page: str, fields: dict[str, str]) -> None:
    response = post(own_page, fields)

    assert response.status in (200, 400, 410, 422)
    assert ParsedPage(response.text).one("h1").text


@ANYTHING
@given(field=st.sampled_from(["proof", "slow", "website", "despite", "pending"]), value=VALUE)
def test_no_value_in_a_hidden_field_causes_an_error(
    under_pressure: World, field: str, value: str
) -> None:
    for form in ("sign", "subscribe", "manage", "again"):
        response = post(f"/en/{SLUG}/{form}", {**builders.sign_form(), field: value})

        assert response.status in (200, 404, 422, 429)
        assert ParsedPage(response.text).one("h1").text


@ANYTHING
@given(slug=SEGMENT, name=SEGMENT)
def test_no_made_up_path_causes_an_error(world: World, slug: str, name: str) -> None:
    slug, name = quote(slug), quote(name)
    for path in (
        f"/en/{slug}",
        f"/en/{SLUG}/updates/{name}",
        f"/{slug}",
        f"/en/{slug}/share",
        f"/en/{slug}/poster",
        f"/en/{slug}/card.png",
        f"/{slug}/{SLUG}/card.png",
        f"/embed/{slug}",
        f"/embed/{SLUG}/{name}",
        f"/en/{slug}/feed.json",
        f"/api/petitions/{slug}/count",
        f"/static/{name}",
        f"/pictures/{slug}/{name}",
    ):
        response = get(path)
        if response.status == 301:
            response = get(response.headers["Location"])

        assert response.status in (200, 404)


@ANYTHING
@given(
    name=st.sampled_from(["Accept-Language", "If-None-Match", "Origin", "Sec-Fetch-Site"]),
    value=st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=80),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
)
def test_no_header_causes_an_error(world: World, name: str, value: str, method: str) -> None:
    path = f"/en/{SLUG}/manage"

    response = call(method, path, headers={**SAME_ORIGIN, name: value})

    assert response.status in (200, 403, 422)
