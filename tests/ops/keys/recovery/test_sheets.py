"""A recovery sheet is one page of paper that holds all it takes to make a key again."""

import re
from datetime import date
from pathlib import Path

import pytest
import segno
from playwright.sync_api import sync_playwright

from ops.keys.recovery import codes, sheets
from tests.ops import folders
from tests.ops.folders import ANNA
from tests.routes.markup import ParsedPage

LONGEST_NAME = "Марыя-Магдалена Канстанцінаўна Забалоцкая-Хрыпач, Гродна-Буда"[:60]


@pytest.fixture(params=["Anna", "", LONGEST_NAME])
def sheet(request: pytest.FixtureRequest) -> str:
    """The sheet of Anna's key, under several names."""
    return sheets.render(
        ANNA.private, name=request.param, key_file=Path("keys/anna.key"), made_on=date(2026, 3, 8)
    )


def test_the_lines_of_the_page_make_the_key_again(sheet: str) -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", sheet)
    lines = [" ".join(re.findall(r"<td>(\w{4})</td>", row)) for row in rows]

    assert codes.private_key(lines) == ANNA.private


def test_the_qr_code_holds_the_same_lines(sheet: str) -> None:
    code = segno.make_qr(" ".join(codes.lines_of(ANNA.private)), error="m")

    assert code.mode == "alphanumeric"
    [drawn] = re.findall(r"<svg.*?</svg>", sheet, re.DOTALL)
    assert re.findall(r' d="(.*?)"', drawn) == re.findall(
        r' d="(.*?)"', code.svg_inline(border=3, light="#fff", omitsize=True)
    )


def test_it_says_whose_key_it_is_and_that_the_paper_opens_it(sheet: str) -> None:
    text = ParsedPage(sheet).one("body").text
    fingerprint = folders.public(ANNA).fingerprint

    assert "8 March 2026 as anna.key" in text
    assert fingerprint[:4] + " " + fingerprint[4:8] in text
    assert "can open everything that the key opens" in text
    assert "zaklik keys restore --out anna.key" in text
    assert "delete the file anna-recovery.html" in text


def test_a_name_is_text_and_no_markup() -> None:
    page = sheets.render(
        ANNA.private, name="<i>&", key_file=Path("a.key"), made_on=date(2026, 3, 8)
    )

    assert "&lt;i&gt;&amp;" in page
    assert "<i>" not in page


def test_the_page_loads_nothing_and_runs_nothing(sheet: str) -> None:
    assert not re.search(r"<script|<link|\bsrc=|url\(|https?://(?!www\.w3\.org/2000/svg)", sheet)


def test_it_is_one_page_of_paper_and_fits_a_phone(
    sheet: str, chromium: str, tmp_path: Path
) -> None:
    path = tmp_path / "sheet.html"
    path.write_text(sheet, "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(path.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        paper = page.pdf(prefer_css_page_size=True)
        browser.close()

    assert width <= 390
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
