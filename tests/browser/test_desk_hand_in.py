"""The hand-in pages work for everybody, and a report that is printed can be read by everybody."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import (
    Scheme,
    overflow_at_large_sizes,
    structure_faults,
    violations_on,
)
from tests.browser.desk import DeskVisitor
from tests.browser.visitors import SLUG

PATH = f"/desk/petitions/{SLUG}/hand-in"
LOOKS: list[tuple[int, Scheme]] = [(390, "light"), (1280, "dark")]


@pytest.fixture
def steward(arrive_at_desk: Callable[..., DeskVisitor]) -> DeskVisitor:
    """A steward who is signed in."""
    visitor = arrive_at_desk()
    visitor.sign_in_by_cookie()
    return visitor


@pytest.mark.parametrize("path", [PATH, f"{PATH}/be"])
def test_everybody_can_use_the_pages(steward: DeskVisitor, path: str) -> None:
    steward.page.goto(path)

    faults = [
        fault
        for width, scheme in LOOKS
        for fault in violations_on(steward.page, width=width, scheme=scheme)
    ]
    assert faults + structure_faults(steward.page) == []
    assert overflow_at_large_sizes(steward.page, steward.devtools) == []


def test_a_printed_report_is_tagged_and_in_its_language(steward: DeskVisitor) -> None:
    steward.page.goto(PATH)
    steward.page.get_by_role("link", name="Беларуская").click()
    expect(steward.page.get_by_text("Справаздача пра подпісы пад петыцыяй")).to_be_visible()

    printed = steward.page.pdf(tagged=True, outline=True)

    assert b"/StructTreeRoot" in printed
    assert re.search(rb"/Lang \(be\)", printed)
    assert b"/Outlines" in printed
    steward.page.emulate_media(media="print")
    expect(steward.page.get_by_text("Back to the desk")).to_be_hidden()


def test_a_steward_marks_it_with_a_passkey(desk_page: DeskVisitor) -> None:
    page = desk_page.page
    page.goto(PATH)
    page.get_by_label("Day on which it was handed in").fill("2026-01-02")

    page.get_by_role("button", name="Mark it handed in").click()

    expect(page.get_by_text("Handed in on 2 January 2026.")).to_be_visible()
