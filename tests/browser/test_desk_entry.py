"""Passkeys in a real browser: invitation, sign-in, touch, a second passkey, a lost one."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.accessibility import (
    Scheme,
    overflow_at_large_sizes,
    structure_faults,
    violations_on,
)
from tests.browser.desk import DeskVisitor
from tests.browser.visitors import SLUG
from tests.ops.local.conftest import LocalRun, eventually

PEOPLE = f"/desk/petitions/{SLUG}/people"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def let_the_touch_age(service: LocalRun) -> None:
    """Six minutes later a touch is not fresh any more."""
    assert service.post("/_local/clock", {"advance_seconds": "360"}).status == 200


def test_an_invitation_a_sign_out_and_a_sign_in(desk_page: DeskVisitor) -> None:
    page = desk_page.page
    expect(page.get_by_text("You have one passkey and no recovery code.")).to_be_visible()
    [credential] = desk_page.credentials()
    assert credential["isResidentCredential"]

    press(page, "Sign out")
    press(page, "Sign in with a passkey")

    expect(page.get_by_role("heading", name="Your petitions")).to_be_visible()
    [cookie] = desk_page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (
        "__Host-desk",
        True,
        "Strict",
    )


def test_a_used_link_says_so(desk_page: DeskVisitor) -> None:
    desk_page.page.goto(desk_page.newest_link())

    expect(desk_page.page.get_by_role("heading")).to_contain_text("This link cannot be used")


def test_who_has_a_passkey_takes_an_invitation_with_it(desk_page: DeskVisitor) -> None:
    page, before = desk_page.page, desk_page.newest_link()
    page.goto(PEOPLE)
    page.get_by_label("Name", exact=True).fill("Olya")
    page.get_by_label("Email address").fill("olya@example.org")
    page.locator("#invite-sender").check()
    press(page, "Invite")
    eventually(lambda: desk_page.newest_link() != before)
    page.goto(desk_page.newest_link())
    page.get_by_role("link", name="take the invitation with your account").click()

    press(page, "Sign in and take the invitation")

    expect(page.get_by_role("heading", name="Your petitions")).to_be_visible()
    page.goto(PEOPLE)
    expect(page.get_by_role("row").filter(has_text="you")).to_contain_text("sender")
    expect(page.get_by_text("Olya")).to_have_count(0)


def test_a_touch_keeps_what_was_typed(desk_page: DeskVisitor, service: LocalRun) -> None:
    page = desk_page.page
    let_the_touch_age(service)
    page.goto(PEOPLE)
    page.get_by_label("Name", exact=True).fill("Maria “M” & Co")
    page.get_by_label("Email address").fill("maria@example.org")
    page.locator("#invite-editor").check()
    press(page, "Invite")
    expect(page.get_by_role("heading", name="Confirm with your passkey")).to_be_visible()

    press(page, "Touch the passkey and go on")

    row = page.get_by_role("row").filter(has_text="Maria “M” & Co")
    expect(row.first).to_contain_text("editor")


def test_a_touch_keeps_the_file_that_was_chosen(desk_page: DeskVisitor, service: LocalRun) -> None:
    page = desk_page.page
    let_the_touch_age(service)
    page.goto(f"/desk/petitions/{SLUG}/keys")
    large: FilePayload = {"name": "key.json", "mimeType": "", "buffer": b'"' + b"\xff" * 1_500_000}
    page.get_by_label("key.json", exact=True).set_input_files(large)
    press(page, "Store it")
    expect(page.get_by_text("The file “key.json” (1,500,001 bytes) is kept")).to_be_visible()

    press(page, "Touch the passkey and go on")

    expect(page.get_by_text("This file is too large for a key.json.")).to_be_visible()


def test_a_touch_that_does_not_come_changes_nothing(
    desk_page: DeskVisitor, service: LocalRun
) -> None:
    page = desk_page.page
    let_the_touch_age(service)
    desk_page.refuse_touches()
    page.goto("/desk/you")
    press(page, "Make a recovery code")

    press(page, "Touch the passkey and go on")

    expect(page.get_by_text("Nothing came from the passkey")).to_be_visible()
    page.goto("/desk/you")
    expect(page.get_by_text("You have none.")).to_be_visible()


def test_a_recovery_code_and_a_mailed_link_replace_lost_passkeys(
    desk_page: DeskVisitor, zaklik: Callable[..., str]
) -> None:
    page = desk_page.page
    press(page, "Make a recovery code")
    code = page.locator("#code").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", code)
    desk_page.lose_passkeys()
    before = desk_page.newest_link()
    zaklik("organiser", "recover", desk_page.organiser_id)
    eventually(lambda: desk_page.newest_link() != before)

    page.goto(desk_page.newest_link())
    page.get_by_label("Recovery code").fill("0000-0000")
    press(page, "Make a passkey")
    expect(page.get_by_text("This is not your recovery code.")).to_be_visible()
    page.get_by_label("Recovery code").fill(code.lower())
    press(page, "Make a passkey")

    page.wait_for_url("**/desk/you")
    expect(page.get_by_text("You have one passkey and no recovery code.")).to_be_visible()
    press(page, "Sign out")
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", name="Your petitions")).to_be_visible()


def test_who_signs_in_comes_to_the_page_that_was_asked_for(desk_page: DeskVisitor) -> None:
    page = desk_page.page
    desk_page.press("Sign out")
    page.goto(PEOPLE)

    press(page, "Sign in with a passkey")

    page.wait_for_url(f"**{PEOPLE}")
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    expect(page.locator("#saved")).to_be_hidden()


def test_without_scripts_the_page_says_what_is_missing(
    service: LocalRun, browser: Browser, desk_page: DeskVisitor
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{service.url.rstrip('/')}/desk/enter")

    expect(page.get_by_text("Passkeys need JavaScript.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_disabled()
    context.close()


@pytest.mark.parametrize(
    "path",
    [
        "/desk/enter",
        "/desk/invitation/x",
        "/desk/you",
        "/desk/you/passkeys",
        PEOPLE,
        f"/desk/petitions/{SLUG}/trail",
    ],
)
def test_everybody_can_use_the_pages(arrive_at_desk: Callable[..., DeskVisitor], path: str) -> None:
    visitor = arrive_at_desk()
    if path not in ("/desk/enter", "/desk/invitation/x"):
        visitor.sign_in_by_cookie()
    visitor.page.goto(path)

    looks: list[tuple[int, Scheme]] = [(390, "light"), (1280, "dark")]
    faults = [
        fault
        for width, scheme in looks
        for fault in violations_on(visitor.page, width=width, scheme=scheme)
    ]
    assert faults + structure_faults(visitor.page) == []
    # Tabs and tables scroll by themselves; the page does not.
    large = overflow_at_large_sizes(visitor.page, visitor.devtools)
    assert not [fault for fault in large if fault.startswith("scrolls sideways")]
