"""Keyboards, screen readers, forced colours, print, and old or limited browsers."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ops.compiling import STATIC, TEMPLATES
from tests.browser.visitors import LANGUAGES, Visitor
from tests.browser.window import SLUG, Window, publish
from tests.in_process_service import PUBLIC_URL
from tests.ops.local.conftest import eventually
from tests.world import World

Arrive = Callable[..., Visitor]
Open = Callable[..., Window]
AFTER_2015: Final = {
    "arrow functions": r"=>",
    "optional chaining": r"\?\.\w",
    "nullish coalescing": r"\?\?",
    "async": r"\basync\b|\bawait\b",
    "exponent": r"\*\*[^/\n]",
    "spread": r"\.\.\.\w",
    "let and const": r"\b(?:let|const|class|import|export)\b",
    "templates": r"`",
    "for of": r"\bfor \([^;)]* of ",
}
"""Syntax of 2015 or later, by its pattern: an older browser parses no line of such a script."""
_STOP: Final = """element => {
  const box = element.getBoundingClientRect();
  const hit = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].filter(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (top === element || element.contains(top) || top.contains(element)
      || (element.labels && [...element.labels].includes(top)));
  });
  const style = getComputedStyle(element);
  return {
    name: element.outerHTML.slice(0, 90),
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    visible: hit.length > 0,
  };
}"""


@pytest.fixture
def open_window(shared_world: World, browser: Browser) -> Iterator[Open]:
    """Opens windows on an empty service."""
    shared_world.reset()
    opened: list[Window] = []

    def open_one(**options: object) -> Window:
        opened.append(Window.open(browser, shared_world, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for window in opened:
        window.context.close()


def tab_to(page: Page, target: Locator) -> None:
    """Press the tab key until this element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


def test_a_visitor_signs_and_confirms_with_the_keyboard(arrive: Arrive) -> None:
    visitor = arrive(width=390)
    page, keyboard = visitor.page, visitor.page.keyboard
    before = visitor.service.count()
    visitor.go(visitor.path())

    tab_to(page, page.locator("#name"))
    keyboard.type("Алеся Ёўга")
    tab_to(page, page.locator("#email"))
    keyboard.type("keyboard@example.org")
    tab_to(page, page.locator("#alerts"))
    keyboard.press("Space")
    expect(page.locator("#alerts")).to_be_checked()
    tab_to(page, page.locator("main form button"))
    keyboard.press("Enter")
    visitor.sees("Check your inbox")
    visitor.go(visitor.link_in(visitor.mail_to("keyboard@example.org")))
    tab_to(page, page.locator("main form button"))
    keyboard.press("Space")

    visitor.sees("Thank you. Your signature is confirmed.")
    eventually(lambda: visitor.service.count() == before + 1)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    "path",
    ["", "/manage", "/share", "/poster", f"/embed/{SLUG}/en", "/en/privacy"],
    ids=["petition", "form for own page", "share", "poster", "card", "privacy"],
)
def test_every_tab_stop_is_visible_and_outlined(open_window: Open, path: str, width: int) -> None:
    window = open_window(width=width)
    page = window.page
    window.go(path if path.startswith(("/en", "/embed")) else window.path() + path)
    count = page.locator(
        "a:visible, button:visible, input:visible, select:visible, textarea:visible, "
        "summary:visible"
    ).count()
    stops = []

    for _ in range(count):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            break
        stops.append(focused.evaluate(_STOP))

    assert [stop["name"] for stop in stops if not (stop["outlined"] and stop["visible"])] == []
    assert len(stops) >= count - 2


def test_a_screen_reader_reads_errors_before_the_fields(open_window: Open) -> None:
    window = open_window()
    window.ask_to_sign("no address", name="")
    page = window.page

    snapshot = page.locator("main").aria_snapshot()

    landmarks = ["heading", "alert", 'textbox "Name"', 'textbox "Email', "Add your country"]
    positions = [snapshot.index(mark) for mark in [*landmarks, "checkbox", 'button "Sign"']]
    assert positions == sorted(positions)
    assert snapshot.count("- alert") == 1
    name, email = page.locator("#name"), page.locator("#email")
    expect(name).to_have_accessible_description(re.compile("Please enter a name."))
    expect(email).to_have_accessible_description(re.compile("It should look like name@example.org"))
    expect(email).to_have_attribute("aria-invalid", "true")


def test_a_screen_reader_reads_the_page_before_the_form(open_window: Open) -> None:
    window = open_window()
    window.world.raise_tally(without_country=1000)
    window.world.set_figures()
    window.go(window.path())

    snapshot = window.page.locator("body").aria_snapshot()

    order = [
        'link "Skip to the content"',
        "- banner",
        'navigation "Language"',
        'link "Leave this site"',
        "- main",
        "[level=1]",
        "At least",
        'heading "Sign the petition"',
        "prosecuted",
        'textbox "Name"',
        'heading "What we demand"',
        "- contentinfo",
    ]
    positions = [snapshot.index(mark) for mark in order]
    assert positions == sorted(positions)
    assert "Leave this empty" not in snapshot


def test_no_page_has_an_animation(open_window: Open) -> None:
    window = open_window()
    moving = re.compile(r"\b(?:animation|transition|scroll-behavior)\b")

    for sheet in TEMPLATES.glob("*.css"):
        assert not moving.search(sheet.read_text("utf-8")), sheet.name
    for path in (window.path(), window.path("share"), f"/embed/{SLUG}/en"):
        window.go(path)
        assert window.page.evaluate("document.getAnimations().length") == 0


def test_buttons_and_the_bar_have_borders_in_forced_colours(
    open_window: Open,
) -> None:
    window = open_window()
    window.world.raise_tally(without_country=1000)
    window.world.set_figures()
    window.page.emulate_media(forced_colors="active")
    window.go(window.path())

    for part in ("main form button", ".hero .button", ".bar", ".card", ".exit"):
        edge = window.page.locator(part).first.evaluate("e => getComputedStyle(e).borderTopWidth")
        assert float(edge.removesuffix("px")) >= 1, part


def test_the_printed_petition_has_no_form(open_window: Open) -> None:
    window = open_window()
    window.go(window.path())
    window.page.emulate_media(media="print")

    expect(window.page.locator("h1")).to_be_visible()
    expect(window.page.locator(".demands li")).to_have_count(4)
    expect(window.page.locator(".demands li").last).to_be_visible()
    for selector in ("#sign", ".strip", ".shortcuts", ".hero .button", ".bottom"):
        expect(window.page.locator(selector)).to_be_hidden()
    ink = window.page.locator("h1").evaluate("e => getComputedStyle(e).color")
    assert ink == "rgb(0, 0, 0)"


@pytest.mark.parametrize("javascript", [True, False])
def test_the_printed_petition_is_unfolded_and_names_its_address(
    open_window: Open, javascript: bool
) -> None:
    window = open_window(javascript=javascript)
    window.go(window.path())
    folded = window.page.locator(".part > :not(summary)").first
    expect(folded).to_be_hidden()
    expect(window.page.locator(".paper")).to_be_hidden()

    window.page.emulate_media(media="print")

    expect(folded).to_be_visible()
    for only_on_a_screen in (".demands summary", ".apps"):
        expect(window.page.locator(f"{only_on_a_screen}:visible")).to_have_count(0)
    expect(window.page.locator(".paper")).to_be_visible()
    expect(window.page.locator(".paper")).to_have_text(f"{PUBLIC_URL}{window.path()}")


def test_the_printed_petition_tears_no_heading_from_its_text_and_ends_on_no_empty_page(
    open_window: Open,
) -> None:
    window = open_window()
    window.go(window.path())
    window.page.emulate_media(media="print")

    for selector in ("h2", "h3", "summary"):
        together = window.page.locator(f"main {selector}").last.evaluate(
            "e => getComputedStyle(e).breakAfter"
        )
        assert together == "avoid", selector
    assert window.page.locator("main").evaluate("e => getComputedStyle(e).paddingBottom") == "0px"


def test_what_a_script_unfolds_for_paper_is_folded_again_on_the_screen(open_window: Open) -> None:
    window = open_window()
    window.go(window.path())
    window.page.locator(".part summary").first.click()
    count_open = "document.querySelectorAll('main details[open]').length"

    window.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    on_paper = window.page.evaluate(count_open)
    window.page.evaluate("dispatchEvent(new Event('afterprint'))")

    assert on_paper == window.page.locator("main details").count()
    assert window.page.evaluate(count_open) == 1


def test_the_print_of_a_closed_petition_says_that_it_has_closed(open_window: Open) -> None:
    window = open_window()
    publish(window.world, closes_on=date(2026, 3, 7))
    window.go(window.path())

    window.page.emulate_media(media="print")

    expect(window.page.locator("#state-heading")).to_be_visible()


def test_on_a_phone_a_closed_petition_says_so_before_its_demands(open_window: Open) -> None:
    window = open_window(width=390)
    publish(window.world, closes_on=date(2026, 3, 7))
    window.go(window.path())

    expect(window.page.locator("#state-heading")).to_be_in_viewport()
    expect(window.page.locator(".lines")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("path", [f"/embed/{SLUG}/uk", "/uk", f"/uk/{SLUG}/poster"])
def test_after_the_close_nothing_runs_over_the_edge_of_a_phone(
    open_window: Open, path: str, width: int
) -> None:
    window = open_window(language="uk", width=width)
    publish(window.world, closes_on=date(2026, 3, 7))
    window.go(path)

    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert window.page.evaluate(over) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_poster_prints_as_one_a4_page(open_window: Open, language: str) -> None:
    window = open_window(language=language)
    window.go(window.path("poster"))

    printed = window.page.pdf(prefer_css_page_size=True, print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12]", printed)


def test_signing_and_withdrawing_work_without_scripts_and_images(open_window: Open) -> None:
    window = open_window(language="be", width=390, javascript=False)
    window.strip = "svg"
    world, page = window.world, window.page
    window.go(window.path())
    assert page.locator("svg").count() == 0

    window.ask_to_sign("tor@example.org", alerts=True)
    code = re.search(r"^([0-9A-Z]{4} [0-9A-Z]{4})$", world.mails()[-1].text, re.MULTILINE)
    assert code
    page.fill("#code", code[1])
    window.press()
    assert world.count() == 1
    page.click(f'a[href="{window.path("manage")}"]')
    page.fill("#email", "tor@example.org")
    window.press()
    window.follow("manage")
    page.check("#frequency-weekly")
    window.press('button[value="change"]')
    expect(page.locator("#frequency-weekly")).to_be_checked()
    window.press('button[value="withdraw"]')

    assert world.count() == 0
    assert page.locator("main form").count() == 0


@pytest.mark.parametrize("name", ["page.js", "sharing.js"])
def test_the_script_uses_no_syntax_of_2015_or_later(name: str) -> None:
    script = (STATIC / name).read_text("utf-8")
    code = re.sub(r"/\*.*?\*/|'[^'\n]*'", "", script, flags=re.DOTALL)

    features = [name for name, pattern in AFTER_2015.items() if re.search(pattern, code)]
    assert features == []


@pytest.mark.parametrize("missing", ["navigator.share", "navigator.clipboard", "window.print"])
def test_the_share_page_works_without_a_browser_feature(open_window: Open, missing: str) -> None:
    window = open_window()
    complaints: list[str] = []
    window.page.on("pageerror", lambda error: complaints.append(str(error)))
    owner, name = missing.split(".")
    window.page.add_init_script(
        f"Object.defineProperty({owner}, '{name}', {{ value: undefined, configurable: true }})"
    )

    window.go(window.path("share"))
    window.page.click("[data-copy=link]")
    field = window.page.locator("#link")

    assert complaints == []
    if missing == "navigator.clipboard":
        marked = field.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
        assert marked == field.input_value()
