"""Anything at all, posted to anything."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.routes.door import FORM_TYPE, OWN_PAGE, SLUG, filled, knock, posts, read, send
from tests.routes.markup import Page
from tests.world import World

ANYTHING = settings(
    max_examples=50,
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
SEGMENT = st.text(st.characters(exclude_characters="/?#", exclude_categories=["Cs"]), min_size=1)


@ANYTHING
@given(
    route=st.sampled_from(posts()),
    body=st.binary(max_size=300) | PIECES.map(b"".join),
    kind=st.sampled_from([FORM_TYPE, "multipart/form-data; boundary=b", "text/plain", "", "\x7f"]),
)
def test_no_body_breaks_anything(world: World, route: str, body: bytes, kind: str) -> None:
    answer = send(filled(route), body, {**OWN_PAGE, "Content-Type": kind})

    assert 400 <= answer.status < 500
    assert Page(answer.text).one("h1").text


@ANYTHING
@given(route=st.sampled_from(posts()), fields=FIELDS)
def test_no_form_breaks_anything(world: World, route: str, fields: dict[str, str]) -> None:
    answer = send(filled(route), fields)

    assert answer.status in (200, 403, 404, 422, 429)
    assert Page(answer.text).one("h1").text


@ANYTHING
@given(
    token=SEGMENT,
    purpose=st.sampled_from(["confirm", "confirm-alerts", "withdraw", "unsubscribe"]),
)
def test_no_made_up_link_breaks_anything(world: World, token: str, purpose: str) -> None:
    path = f"/en/{purpose}/{quote(token)}"

    assert [read(path).status, send(path).status] == [404, 404]


@ANYTHING
@given(slug=SEGMENT, name=SEGMENT)
def test_no_made_up_address_breaks_anything(world: World, slug: str, name: str) -> None:
    for path in (f"/en/{quote(slug)}", f"/en/{SLUG}/updates/{quote(name)}", f"/{quote(slug)}"):
        assert read(path).status in (200, 404)


@ANYTHING
@given(
    name=st.sampled_from(["Accept-Language", "If-None-Match", "Origin", "Sec-Fetch-Site"]),
    value=st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=80),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
)
def test_no_header_breaks_anything(world: World, name: str, value: str, method: str) -> None:
    path = f"/en/{SLUG}/withdraw"

    answer = knock(method, path, headers={**OWN_PAGE, name: value})

    assert answer.status in (200, 403, 422)
