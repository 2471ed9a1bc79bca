"""The gate of the desk: who comes in, what a page is told, and that no typed word is lost."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from chalice.app import Blueprint

from chalicelib.domain.organisers.roles import Permission, Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access
from chalicelib.routes.desk.forms import MAX_BYTES, MAX_FIELDS, MAX_KEPT_BYTES, UploadedFile
from chalicelib.routes.http.request import FORM_TYPE
from chalicelib.store.organisers import trail
from ops.local.api_gateway import HttpResponse
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, recorded
from tests.in_process_service import PUBLIC_URL
from tests.routes.desk.conftest import PROBE, Passed
from tests.world import World

LAMBDA_ANSWER_BYTES = 6_000_000
TYPED = {"text": "First line\nsecond “line” & <b>", "do": "save"}


def kept_fields(page: HttpResponse) -> Mapping[str, str]:
    """The hidden fields of a page, as a browser would send them."""
    pattern = r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>'
    fields = re.findall(pattern, text_of(page), re.DOTALL)
    return {name: html.unescape(value) for name, value in fields}


def text_of(page: HttpResponse) -> str:
    return page.body.decode()


def lines_of(world: World) -> list[tuple[str, str, bool]]:
    entries = trail.all_of(world.services.organisers, "open-door")
    return [(entry.act, entry.actor.name, entry.refused) for entry in entries]


def test_without_a_session_a_page_leads_to_the_entrance(world: World, passed: Passed) -> None:
    answer = DeskClient().get(PROBE)

    assert (answer.status, answer.header("location")) == (303, f"{desk_urls.ENTER}#{PROBE}")
    assert passed.requests == []


@pytest.mark.parametrize("path", ["/desk//evil.example", "/desk/petitions/%2F%2Fevil.example"])
def test_no_path_leads_away_from_the_desk(path: str, world: World, passed: Passed) -> None:
    answer = DeskClient().get(path)

    assert answer.header("location").partition("#")[0] in ("", desk_urls.ENTER)


@pytest.mark.parametrize("cookie", ["", "0" * 16, f"{'0' * 16}.{'A' * 43}", "é", "a" * 5000])
def test_a_guessed_cookie_is_no_session(cookie: str, world: World, passed: Passed) -> None:
    DeskClient.signed_in(world)

    assert DeskClient(cookie=cookie).get(PROBE).status == 303
    assert passed.requests == []


def test_an_expired_session_loses_nothing_that_was_typed(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    world.clock.advance(minutes=31)
    signed_out = client.post(f"{PROBE}/export", TYPED)
    again = DeskClient.signed_in(world).post(f"{PROBE}/export", kept_fields(signed_out))

    assert (signed_out.status, again.status) == (403, 200)
    assert f'action="{PROBE}/export"' in text_of(signed_out)
    assert [request.fields for request in passed.requests] == [TYPED]


def test_a_petition_of_others_looks_like_one_that_does_not_exist(
    world: World, passed: Passed
) -> None:
    client = DeskClient.signed_in(world, slug="other-door")
    answers = [client.get(f"/desk/petitions/{slug}/probe") for slug in ("open-door", "no-door")]

    assert [answer.status for answer in answers] == [403, 403]
    assert answers[0].body == answers[1].body
    assert passed.requests == []


@pytest.mark.parametrize("slug", ["Open-Door", "open-door%20", "%23people", "open%2Fdoor", "é"])
def test_what_is_no_slug_is_not_looked_up(slug: str, world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)

    with recorded(AwsCalls()) as calls:
        status = client.get(f"/desk/petitions/{slug}/probe").status
    assert status in (403, 404)
    assert len(calls.made) <= 1


def test_a_role_that_does_not_suffice_is_refused_and_recorded(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world, roles=[Role.VIEWER])
    answer = client.post(f"{PROBE}/export", TYPED)

    assert answer.status == 403
    assert passed.requests == []
    assert lines_of(world) == [(Act.EXPORT_TRAIL, "Hanna", True)]


@pytest.mark.parametrize("roles", [[Role.VIEWER], []])
def test_who_has_lost_a_role_meanwhile_loses_nothing_that_was_typed(
    roles: list[Role], world: World, passed: Passed
) -> None:
    slug = "open-door" if roles else "other-door"
    client = DeskClient.signed_in(world, slug=slug, roles=roles or [Role.VIEWER])
    refused = client.post(f"{PROBE}/export", TYPED)
    again = DeskClient.signed_in(world).post(f"{PROBE}/export", kept_fields(refused))

    assert (refused.status, again.status) == (403, 200)
    assert "What you typed is kept on this page" in text_of(refused)
    assert [request.fields for request in passed.requests] == [TYPED]


def test_an_act_is_recorded_before_it_is_done(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    answer = client.post(f"{PROBE}/fails", TYPED)

    assert answer.status == 503
    assert lines_of(world) == [(Act.INVITE, "Hanna", False)] * 2
    *_, last = trail.all_of(world.services.organisers, "open-door")
    assert last.detail == "an error: done or not"


def test_nothing_is_done_when_it_cannot_be_recorded(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    with recorded(AwsCalls(at="dynamodb.PutItem")):
        answer = client.post(f"{PROBE}/export", TYPED)

    assert answer.status == 503
    assert passed.requests == []


def test_a_form_can_be_sent_again_after_a_failure(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    failed = client.post(f"{PROBE}/fails", TYPED)
    again = client.post(f"{PROBE}/fails", kept_fields(failed))

    assert failed.header("retry-after") == "60"
    assert (again.status, passed.requests[-1].fields) == (200, TYPED)


def test_who_is_signed_in_stays_so_while_the_table_is_down(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    with recorded(AwsCalls(at="dynamodb.BatchGetItem")):
        down = client.post(f"{PROBE}/export", TYPED)

    assert down.status == 503
    assert client.post(f"{PROBE}/export", kept_fields(down)).status == 200


def test_a_stolen_cookie_is_not_enough_for_what_needs_a_touch(world: World, passed: Passed) -> None:
    stolen = DeskClient.signed_in(world, touched=False)
    asked = stolen.post(f"{PROBE}/touched", TYPED)
    forged = stolen.post(f"{PROBE}/touched", {**TYPED, "touch_answer": "{}"})

    assert (asked.status, forged.status) == (403, 403)
    assert kept_fields(asked) == kept_fields(forged) == TYPED
    options = re.search(r'data-options="([^"]+)"', text_of(asked))
    assert options
    assert json.loads(html.unescape(options[1]))["userVerification"] == "required"
    assert passed.requests == []
    assert lines_of(world) == []


def test_a_fresh_touch_lets_the_form_through(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    answer = client.post(f"{PROBE}/touched", TYPED)
    world.clock.advance(minutes=6)
    later = client.post(f"{PROBE}/touched", TYPED)

    assert (answer.status, later.status) == (200, 403)
    assert lines_of(world) == [(Act.CHANGE_ROLES, "Hanna", False)]


OURS: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC_URL},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Origin": PUBLIC_URL},
]
OTHERS: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": f"{PUBLIC_URL}.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
]


@pytest.mark.parametrize("headers", OURS)
def test_a_form_of_ours_is_taken(headers: dict[str, str], world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)

    assert client.post(f"{PROBE}/export", TYPED, headers=headers).status == 200


@pytest.mark.parametrize("headers", OTHERS)
def test_a_form_of_another_site_is_refused(
    headers: dict[str, str], world: World, passed: Passed
) -> None:
    client = DeskClient.signed_in(world)
    answers = [
        client.post(path, TYPED, headers=headers)
        for path in (f"{PROBE}/export", "/desk/probe/anyone")
    ]

    assert [answer.status for answer in answers] == [403, 403]
    assert passed.requests == []
    assert lines_of(world) == []


def test_the_pages_cannot_be_framed_cached_or_made_to_run_scripts_of_others(
    world: World, passed: Passed
) -> None:
    answer = DeskClient.signed_in(world).get("/desk/petitions/other-door/probe")

    assert answer.header("x-frame-options") == "DENY"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("referrer-policy") == "same-origin"
    policy = answer.header("content-security-policy")
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_an_error_of_ours_says_nothing_of_what_it_was_about(
    world: World, passed: Passed, log_lines: list[dict[str, Any]]
) -> None:
    client = DeskClient.signed_in(world)
    answer = client.get(f"{PROBE}/crashes")

    assert answer.status == 500
    assert "hanna@example.org" not in text_of(answer) + json.dumps(log_lines)


def test_the_log_has_no_cookie_no_petition_and_no_field(
    world: World, passed: Passed, log_lines: list[dict[str, Any]]
) -> None:
    client = DeskClient.signed_in(world)
    client.get(PROBE)
    client.post(f"{PROBE}/export", TYPED)
    client.get("/desk/no-such-page/secret")

    logged = json.dumps(log_lines)
    assert "GET /desk/petitions/{slug}/probe" in logged
    for secret in (client.cookie, client.cookie.partition(".")[2], "open-door", "line", "secret"):
        assert secret not in logged


def test_head_has_the_headers_alone(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    answer = client.send("HEAD", PROBE)

    assert (answer.status, answer.body) == (200, b"")


def test_uploaded_bytes_and_long_forms_arrive_whole(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    file = UploadedFile(name="Плакат.png", content=bytes(range(256)) * 99, media_type="image/png")
    fields = {f"field-{number}": "é" for number in range(MAX_FIELDS - 1)}
    status = client.post(f"{PROBE}/export", fields, {"picture": file}).status

    assert status == 200
    assert passed.requests[0].fields == fields
    assert passed.requests[0].files == {"picture": file}


@pytest.mark.parametrize("case", ["unavailable", "untouched", "signed out"])
def test_a_file_is_kept_until_its_form_gets_through(
    world: World, passed: Passed, case: str
) -> None:
    path = f"{PROBE}/fails" if case == "unavailable" else f"{PROBE}/touched"
    client = DeskClient.signed_in(world, touched=case == "unavailable")
    if case == "signed out":
        client = DeskClient(cookie="")
    file = UploadedFile(name="Плакат <1>.png", content=bytes(range(256)), media_type="image/png")

    failed = client.post(path, TYPED, {"picture": file})
    if case != "unavailable":
        failed = client.post(path, kept_fields(failed))
    done = DeskClient.signed_in(world).post(path, kept_fields(failed))

    assert "The file “Плакат &lt;1&gt;.png” (256 bytes) is kept" in text_of(failed)
    assert 'enctype="multipart/form-data"' in text_of(failed)
    assert done.status == 200
    assert passed.requests[-1].fields == TYPED
    assert passed.requests[-1].files == {"picture": file}


def test_a_file_that_is_chosen_anew_replaces_the_kept_one(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world)
    old, new = (UploadedFile(name=name, content=b"1", media_type="") for name in ("old", "new"))
    kept = kept_fields(client.post(f"{PROBE}/fails", {}, {"picture": old}))

    client.post(f"{PROBE}/export", kept, {"picture": new})

    assert passed.requests[-1].files["picture"].name == "new"


def test_a_file_that_no_page_can_keep_is_named(world: World, passed: Passed) -> None:
    client = DeskClient.signed_in(world, touched=False)
    fitting, large = (
        UploadedFile(name="a.zip", content=bytes(size), media_type="")
        for size in (MAX_KEPT_BYTES, MAX_KEPT_BYTES + 1)
    )

    kept = client.post(f"{PROBE}/touched", TYPED, {"file": fitting})
    again = client.post(f"{PROBE}/touched", kept_fields(kept))
    lost = client.post(f"{PROBE}/touched", TYPED, {"file": large})

    assert kept_fields(again) == kept_fields(kept)
    assert len(again.body) < LAMBDA_ANSWER_BYTES
    assert kept_fields(lost) == TYPED
    assert "“a.zip” is too large to be kept on this page" in text_of(lost)
    assert passed.requests == []


BROKEN = {
    b"a=1&a=2": (FORM_TYPE, 400),
    b"a=%ff": (FORM_TYPE, 400),
    b"{}": ("application/json", 400),
    b"--x\r\n": ("multipart/form-data; boundary=x", 400),
    b"kept-file.a=%5B%22a%22%5D": (FORM_TYPE, 400),
    b"kept-file.a=%5B%22%5Cud800%22%2C%22%22%2C%22%22%5D": (FORM_TYPE, 400),
    b"kept-file.a=%5B%22a%22%2C%22%22%2C%22%2F%22%5D": (FORM_TYPE, 400),
    b"kept-file.a=" + b"[" * 100_000: (FORM_TYPE, 400),
    b"no part": ("multipart/form-data; boundary=x", 400),
    b"no boundary": ("multipart/form-data", 400),
    b"--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--": (
        "multipart/form-data; boundary=x",
        400,
    ),
    b"a=" + b"x" * MAX_BYTES: (FORM_TYPE, 413),
    "&".join(f"f{number}=" for number in range(MAX_FIELDS + 1)).encode(): (FORM_TYPE, 400),
}


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: body[:20].decode("ascii", "replace"))
def test_a_form_that_cannot_be_read_is_refused(body: bytes, world: World, passed: Passed) -> None:
    content_type, status = BROKEN[body]
    headers = {"Content-Type": content_type, "Sec-Fetch-Site": "same-origin"}
    # The view reads the form; only the page for a touch reads it before.
    answer = DeskClient.signed_in(world, touched=False).send(
        "POST", f"{PROBE}/touched", body, headers
    )

    assert answer.status == status
    assert passed.requests == []


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/desk/petitions/{slug}", {}),
        ("/desk/x", {"permission": Permission.VIEW}),
        ("/desk/x", {"act": Act.INVITE}),
        ("/desk/x", {"touch": True}),
        ("/desk/x", {"methods": ["POST"], "touch": True, "anyone": True}),
        ("/desk/petitions/{slug}", {"permission": Permission.VIEW, "anyone": True}),
    ],
)
def test_a_rule_that_contradicts_its_path_is_refused(path: str, rule: dict[str, Any]) -> None:
    with pytest.raises(access.WrongRule):
        access.router(Blueprint("probe"))(path, **rule)
