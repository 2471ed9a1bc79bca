"""Automated accessibility checks: axe, overflow, headings, alerts and labels."""

from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page

NARROWEST: Final = 320
"""WCAG 2.2, 1.4.10: at 320 CSS pixels nothing scrolls sideways."""
TEXT_SIZES: Final = ({"standard": 32, "fixed": 26}, {"standard": 16, "fixed": 13})
"""Twice the default text size of a browser (WCAG 2.2, 1.4.4), and the default."""
Scheme = Literal["light", "dark"]

_RULES: Final = {
    "resultTypes": ["violations"],
    # A rule of WCAG 2.2 AA that axe does not enable by default.
    "rules": {"target-size": {"enabled": True}},
}
# The list of countries takes axe longer than the rest of the page.
_LEFT_OUT: Final = {"exclude": [["option + option"]]}
_SCRIPT: Final = Axe().axe_script
# Passing axe's full report on takes longer than finding the violations.
_RUN: Final = """([where, rules]) => axe.run(where, rules).then(found => found.violations
  .map(rule => `${rule.id}: ${rule.nodes[0].html.slice(0, 120)}`))"""

_CUT_OFF: Final = """() => [...document.querySelectorAll('body *')]
  // What scrolls by itself and takes the focus can be read whole.
  .filter(element => !element.closest('.scroll[tabindex]')
    && !element.closest('.away, .skip, svg, textarea, input, select')
    && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .filter(element => {
    const box = element.getBoundingClientRect();
    const hides = getComputedStyle(element).overflowX !== 'visible'
      && element.scrollWidth > element.clientWidth + 1;
    const shown = box.width > 1 && element.checkVisibility();
    return shown && (hides || box.left < -1 || box.right > innerWidth + 1);
  })
  .map(element => 'cut off: ' + element.outerHTML.slice(0, 80))"""

_COVERED: Final = """() => {
  const strip = document.querySelector('.strip');
  if (!strip) { return []; }
  const faults = [];
  scrollTo(0, 0);
  const below = document.querySelector('main').getBoundingClientRect().top;
  if (strip.getBoundingClientRect().bottom > below + 1) { faults.push('the strip covers text'); }
  for (const control of document.querySelectorAll('main :is(a, button, input, select, summary)')) {
    if (!control.getClientRects().length || control.type === 'hidden'
      || control.closest('.away, [hidden]')) { continue; }
    control.focus();
    control.scrollIntoView({ block: 'nearest' });
    const edge = strip.getBoundingClientRect();
    const top = control.getBoundingClientRect().top;
    if (top > edge.top - 1 && top < edge.bottom - 1) {
      faults.push('under the quick exit: ' + control.outerHTML.slice(0, 80));
    }
  }
  document.activeElement.blur();
  scrollTo(0, 0);
  return faults;
}"""

_STRUCTURE_FAULTS: Final = """() => {
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


def violations_on(page: Page, *, width: int, scheme: Scheme) -> list[str]:
    """The violations of axe at this width and in this scheme, and the overflow."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    violations = page.evaluate(_RUN, [_LEFT_OUT, _RULES])
    return [f"{fault} ({width} px, {scheme})" for fault in [*violations, *overflow(page)]]


def overflow(page: Page) -> list[str]:
    """Whether the page scrolls sideways; texts that are cut off or lie under the quick exit."""
    sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [
        *["scrolls sideways"] * sideways,
        *page.evaluate(_CUT_OFF),
        *page.evaluate(_COVERED),
    ]


def overflow_at_large_sizes(page: Page, devtools: CDPSession) -> list[str]:
    """The overflow on the narrowest screen, at 200 % zoom, and on a phone with large text.

    Words differ in length, so every page is checked in every language.
    """
    large, usual = TEXT_SIZES
    faults = []
    # A screen of 1280 by 800 that is zoomed to 200 % is one of 640 by 400.
    for width, height in ((NARROWEST, 640), (640, 400)):
        page.set_viewport_size({"width": width, "height": height})
        faults += [f"{fault} ({width} px)" for fault in overflow(page)]
    page.set_viewport_size({"width": 390, "height": 844})
    devtools.send("Page.setFontSizes", {"fontSizes": large})
    faults += [f"{fault} (large text)" for fault in overflow(page)]
    devtools.send("Page.setFontSizes", {"fontSizes": usual})
    return faults


def structure_faults(page: Page) -> list[str]:
    """Faults for screen readers: headings, alerts, errors without their field."""
    return list(page.evaluate(_STRUCTURE_FAULTS))
