"""How much does signing take, from the link to the answer, by keyboard, mouse and finger?

`--beside NAME=URL` signs another server's petition in turn with ours, on the same machine.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from playwright.sync_api import Browser, Locator, Page

from bench.instruments import chromium, local_service, moto_service, reporting
from bench.instruments.moto_service import UnexpectedAnswer
from bench.instruments.reporting import OURS, Chapter, Progress, figure
from tests.browser.positions import PHONE, WIDE, Screen

RUNS: Final = 3
KEY_SECONDS: Final = 0.28
POINT_SECONDS: Final = 1.1
DECIDE_SECONDS: Final = 1.35
_MOST_TABS: Final = 100
_TYPED: Final = {
    "name": "Hanna Kavalenka",
    "first_name": "Hanna",
    "last_name": "Kavalenka",
    "email": "hanna.k{person:04}@example.org",
}
"""What goes into the fields that must be filled in, by their names; no other is filled in."""
_FORM: Final = "form:has(input[type=email][required])"
_FIELDS: Final = f"{_FORM} input[required]"
_BUTTON: Final = f"{_FORM} :is(button:not([type]), [type=submit])"
_LINK_TO_FORM: Final = """
(form) => [...document.querySelectorAll('a[href^="#"]')].findIndex((link) => {
  const box = link.getBoundingClientRect();
  const target = document.getElementById(link.hash.slice(1));
  return target && target.contains(form) && box.top >= 0 && box.bottom <= innerHeight
    && box.left >= 0 && box.right <= innerWidth;
})
"""
_IS_IN_VIEW: Final = """
(element) => {
  const box = element.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}
"""
_people: Final = count()


@dataclass(kw_only=True)
class Effort:
    """What one person does to sign; the seconds are those that they wait for the two pages."""

    tabs: int = 0
    characters: int = 0
    other_keys: int = 0
    points: int = 0
    scrolls: int = 0
    decisions: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def modelled_seconds(self) -> float:
        """Seconds of typing, pointing and deciding."""
        keys = self.tabs + self.characters + self.other_keys
        pointing = self.points + self.scrolls
        return keys * KEY_SECONDS + pointing * POINT_SECONDS + self.decisions * DECIDE_SECONDS

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time until the block is left as waited."""
        started = time.perf_counter()
        yield
        self.waits.append(time.perf_counter() - started)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to sign: what is done with the page, on which screen, with which line."""

    name: str
    screen: Screen
    slow: bool
    sign: Callable[[Page, Effort], None]


Efforts = Mapping[tuple[str, str], Sequence[Effort]]
"""What was done in each way on each page, run by run."""


def measure(progress: Progress, *, beside: str = "", short: bool = False) -> Efforts | None:
    """Sign in every way, the pages in turn: efforts by way and page. None without a browser."""
    if not chromium.path():
        return None
    efforts: dict[tuple[str, str], list[Effort]] = {}
    with local_service.running() as url, chromium.running() as browser:
        pages = {OURS: url + moto_service.path(), **reporting.peer(beside)}
        for way in WAYS:
            for run in range(1 if short else RUNS):
                for name, page in pages.items():
                    progress(f"{way.name}, {name}, {run + 1} of {RUNS}")
                    efforts.setdefault((way.name, name), []).append(_signed(browser, page, way))
    return efforts


def _signed(browser: Browser, url: str, way: Way) -> Effort:
    """Open the page and sign it."""
    effort = Effort()
    with chromium.visitor(browser, way.screen, slow=way.slow) as page:
        with effort.waiting():
            page.goto(url, wait_until="domcontentloaded")
        way.sign(page, effort)
    return effort


def _by_keyboard(page: Page, effort: Effort) -> None:
    """Go from field to field with the tab key, and send the form with the enter key."""
    focused = page.locator(":focus")
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        effort.tabs += 1
        if _is_one_of(focused, _FIELDS):
            _type(page, focused, effort)
        elif _is_one_of(focused, _BUTTON):
            effort.decisions += 1
            effort.other_keys += 1
            _send(page, effort, lambda: page.keyboard.press("Enter"))
            return
    raise UnexpectedAnswer(f"the form's button is not among the first {_MOST_TABS} tab stops")


def _by_pointer(page: Page, effort: Effort) -> None:
    """Point at each field and at the button; scroll, or follow a link to the form, when it must."""
    fields = page.locator(_FIELDS)
    if not fields.first.evaluate(_IS_IN_VIEW):
        link = page.locator(_FORM).first.evaluate(_LINK_TO_FORM)
        if link >= 0:
            page.locator('a[href^="#"]').nth(link).click()
            effort.points += 1
    for each in fields.all():
        _point(page, each, effort)
        each.click()
        _type(page, each, effort)
    button = page.locator(_BUTTON).first
    _point(page, button, effort)
    effort.decisions += 1
    _send(page, effort, button.click)


def _type(page: Page, element: Locator, effort: Effort) -> None:
    name = element.get_attribute("name") or ""
    text = _TYPED[name].format(person=next(_people))
    page.keyboard.type(text)
    effort.decisions += 1
    effort.characters += len(text)


def _point(page: Page, element: Locator, effort: Effort) -> None:
    """Count one pointing at something, and a scroll for each screen until it comes into view."""
    height = page.viewport_size["height"] if page.viewport_size else 0
    while not element.evaluate(_IS_IN_VIEW):
        page.mouse.wheel(0, height)
        page.wait_for_timeout(200)
        effort.scrolls += 1
    effort.points += 1


def _send(page: Page, effort: Effort, act: Callable[[], object]) -> None:
    """Send the form. Raises UnexpectedAnswer unless the site takes it."""
    with effort.waiting(), page.expect_navigation(wait_until="domcontentloaded") as navigation:
        act()
    if not navigation.value.ok:
        raise UnexpectedAnswer("the form was refused")


def _is_one_of(focused: Locator, selector: str) -> bool:
    return bool(focused.count() and focused.evaluate("(e, s) => e.matches(s)", selector))


ON_PHONE: Final = Way(
    name="finger, phone on a slow line", screen=PHONE, slow=True, sign=_by_pointer
)
WAYS: Final = (
    Way(name="keyboard alone", screen=WIDE, slow=False, sign=_by_keyboard),
    Way(name="keyboard and mouse", screen=WIDE, slow=False, sign=_by_pointer),
    ON_PHONE,
)


def seconds(efforts: Sequence[Effort]) -> float:
    """Modelled and waited together, in the median."""
    return statistics.median(each.modelled_seconds + sum(each.waits) for each in efforts)


def chapter(efforts: Efforts | None) -> Chapter:
    """The efforts, way by way."""
    return Chapter(
        title="What signing takes",
        command=reporting.command("keystrokes"),
        text=chromium.NONE_HERE if efforts is None else _text(efforts),
    )


def _text(efforts: Efforts) -> str:
    heads = (
        "way",
        "page",
        "tabs",
        "typed",
        "other keys",
        "points",
        "scrolls",
        "acting, s",
        "waiting, s",
        "together, s",
    )
    rows = [_row(way, page, found) for (way, page), found in efforts.items()]
    return f"""
From the link to the page that says to look into one's inbox, as somebody does it who fills in what
must be filled in and reads nothing. *Acting* is computed by the keystroke-level model:
{KEY_SECONDS} s for each key, {POINT_SECONDS} s to point at something or to scroll by a screen,
{DECIDE_SECONDS} s to decide on each field and on the button. It knows neither phones' keyboards
nor browsers that fill in names by themselves. *Waiting* for the page and for the answer is
measured, in the median of {RUNS} times: the phone is that of the chapter before, the others wait
as this machine lets them.

{reporting.table(heads, rows)}"""


def _row(way: str, page: str, efforts: Sequence[Effort]) -> Sequence[str]:
    first = efforts[0]
    waited = statistics.median(sum(effort.waits) for effort in efforts)
    counts = (first.tabs, first.characters, first.other_keys, first.points, first.scrolls)
    return (
        way,
        page,
        *map(figure, counts),
        figure(first.modelled_seconds),
        figure(waited),
        figure(seconds(efforts)),
    )


if __name__ == "__main__":
    peer = reporting.beside(__doc__)
    reporting.show("keystrokes", lambda progress: chapter(measure(progress, beside=peer)))
