"""What keeps people out of a page, as far as a program can find it."""

from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page

NARROWEST: Final = 320
"""WCAG 2.2, 1.4.10: at 320 CSS pixels nothing scrolls sideways."""
TEXT_SIZES: Final = ({"standard": 32, "fixed": 26}, {"standard": 16, "fixed": 13})
"""Twice the usual size of text (WCAG 2.2, 1.4.4), as a browser's settings have it; and usual."""
Scheme = Literal["light", "dark"]

_RULES: Final = {
    "resultTypes": ["violations"],
    # Of WCAG 2.2 AA, but not among axe's usual rules yet.
    "rules": {"target-size": {"enabled": True}},
}
# Two hundred countries take axe longer than all the rest of the page.
_LEFT_OUT: Final = {"exclude": [["option + option"]]}
_SCRIPT: Final = Axe().axe_script
# All that axe has to say is long, and takes longer to hand over than to find.
_RUN: Final = """([where, rules]) => axe.run(where, rules).then(found => found.violations
  .map(rule => `${rule.id}: ${rule.nodes[0].html.slice(0, 120)}`))"""

_CUT: Final = """() => [...document.querySelectorAll('body *')]
  .filter(element => !element.closest('.away, .skip, svg, textarea, input, select')
    && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .filter(element => {
    const box = element.getBoundingClientRect();
    const hides = getComputedStyle(element).overflowX !== 'visible'
      && element.scrollWidth > element.clientWidth + 1;
    return box.width && (hides || box.left < -1 || box.right > innerWidth + 1);
  })
  .map(element => 'cut off: ' + element.outerHTML.slice(0, 80))"""

_DISORDER: Final = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const levels = all('h1, h2, h3, h4, h5, h6').map(heading => Number(heading.tagName[1]));
  const said = element => (element.getAttribute('aria-describedby') || '').split(' ')
    .map(id => document.getElementById(id)).filter(Boolean).map(e => e.innerText).join('').trim();
  return [
    levels.filter(level => level === 1).length === 1 ? '' : 'not one main heading',
    levels.some((level, at) => level - (levels[at - 1] || 0) > 1) ? 'a heading is skipped' : '',
    all('[role=alert]').length > 1 ? 'more than one alert' : '',
    all('[aria-invalid]').every(said) ? '' : 'a fault is not tied to its field',
    all('[tabindex]').every(e => e.tabIndex < 1) ? '' : 'an order of its own',
    document.getAnimations().length ? 'something moves' : '',
    document.title.trim() ? '' : 'no title',
  ].filter(Boolean);
}"""


def found_on(page: Page, *, width: int, scheme: Scheme) -> list[str]:
    """What axe finds at this width and in this scheme, and what does not fit into the width."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    violations = page.evaluate(_RUN, [_LEFT_OUT, _RULES])
    return [f"{fault} ({width} px, {scheme})" for fault in [*violations, *too_wide(page)]]


def too_wide(page: Page) -> list[str]:
    """Whether the page scrolls sideways, and texts of which a part cannot be seen."""
    sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return ["scrolls sideways"] * sideways + list(page.evaluate(_CUT))


def too_wide_for_its_texts(page: Page, devtools: CDPSession) -> list[str]:
    """The same on the narrowest screen, zoomed to 200 %, and on a phone with texts twice as large.

    Words of each language have their own lengths, so this is for every page in every language.
    """
    large, usual = TEXT_SIZES
    faults = []
    # A screen of 1280 by 800 that is zoomed to 200 % is one of 640 by 400.
    for width, height in ((NARROWEST, 640), (640, 400)):
        page.set_viewport_size({"width": width, "height": height})
        faults += [f"{fault} ({width} px)" for fault in too_wide(page)]
    page.set_viewport_size({"width": 390, "height": 844})
    devtools.send("Page.setFontSizes", {"fontSizes": large})
    faults += [f"{fault} (large text)" for fault in too_wide(page)]
    devtools.send("Page.setFontSizes", {"fontSizes": usual})
    return faults


def disorder(page: Page) -> list[str]:
    """What a screen reader would trip over: headings, alerts, faults without their field."""
    return list(page.evaluate(_DISORDER))
