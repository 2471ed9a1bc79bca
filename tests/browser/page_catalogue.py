"""Every kind of public page, in the order of a visitor's journey."""

from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.config import PREFIX
from chalicelib.domain.petitions.switches import Switch
from chalicelib.usecases import pressure
from chalicelib.usecases.alerts import switching
from tests.browser.visitors import UPDATE
from tests.browser.window import SLUG, Window, amend, publish, take_back
from tests.faults import AwsCalls, recorded

SIGNER = "hanna@example.org"
SUBSCRIBER = "reader@example.org"


def every_page(window: Window) -> Iterator[str]:
    """Go through the journey; yields the name of each kind of page while it is shown."""
    window.world.raise_tally(without_country=1000, PL=1234, LT=640, DE=48)
    window.world.set_figures()
    for part in (
        _signing,
        _own_page,
        _withdrawing,
        _subscribing,
        _reading,
        _amended,
        _under_pressure,
        _refused,
        _expired,
    ):
        yield from part(window)


def _signing(window: Window) -> Iterator[str]:
    window.go(window.path())
    yield "petition"
    window.page.click(".languages summary")
    yield "petition with the menu of languages"
    window.page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    yield "petition with all unfolded"
    window.ask_to_sign("no address", name="")
    yield "petition with mistakes"
    window.ask_to_sign("hanna@mail.ru")
    yield "warning about a provider"
    window.ask_to_sign("hanna@gmial.com")
    yield "question about a typing error"
    window.ask_to_sign(SIGNER, alerts=True)
    yield "inbox"
    window.page.fill("#code", "00000000")
    window.press()
    yield "inbox with a wrong code"
    window.press('form[action$="/again"] button')
    yield "inbox, sent again"
    window.follow("confirm")
    yield "confirm"
    window.press()
    yield "thanks"
    window.follow("confirm")
    window.page.uncheck("#alerts")
    window.press()
    yield "thanks, signed before"


def _own_page(window: Window) -> Iterator[str]:
    window.go(window.path("manage"))
    yield "form for own page"
    window.press()
    yield "form for own page with mistakes"
    window.ask("manage", SIGNER)
    yield "link to own page was sent"
    window.follow("manage")
    yield "own page"
    window.page.click("main details summary")
    window.page.fill("#name", " ")
    window.press('button[value="correct"]')
    yield "own page with a mistaken correction"
    window.page.fill("#name", "Алеся")
    window.press('button[value="correct"]')
    yield "own page, signature corrected"
    window.page.evaluate("document.querySelector('#language').options[0].value = 'xx'")
    window.page.select_option("#language", "xx")
    window.press('button[value="change"]')
    yield "own page with mistakes"
    window.follow("manage")
    window.press('button[value="change"]')
    yield "own page, alerts changed"


def _withdrawing(window: Window) -> Iterator[str]:
    own_page = window.world.link_to("manage")
    window.press('button[value="stop"]')
    yield "own page, unsubscribed"
    window.press('button[value="withdraw"]')
    yield "own page, withdrawn"
    window.follow("block")
    yield "block"
    window.press()
    yield "blocked"
    window.go(own_page)
    yield "own page of a blocked address"


def _subscribing(window: Window) -> Iterator[str]:
    window.go(window.path("subscribe"))
    yield "subscribe"
    window.press()
    yield "subscribe with mistakes"
    window.ask("subscribe", SUBSCRIBER)
    yield "link to subscription was sent"
    window.follow("confirm-alerts")
    yield "confirm subscription"
    window.press()
    yield "subscribed"
    window.ask("manage", SUBSCRIBER)
    window.follow("manage")
    yield "own page of a subscriber"


def _reading(window: Window) -> Iterator[str]:
    language = window.language
    for name, path in {
        "update": window.path("updates", UPDATE),
        "share": window.path("share"),
        "poster": window.path("poster"),
        "embedded card": f"/embed/{SLUG}/{language}",
        "privacy": f"/{language}/privacy",
        "petitions": f"/{language}",
        "broken link": f"/{language}/confirm/nothing",
        "not found": f"/{language}/no-such-petition",
    }.items():
        window.go(path)
        yield name


def _amended(window: Window) -> Iterator[str]:
    world = window.world
    world.sign_and_confirm(email="early@example.org")
    world.clock.advance(days=1)
    amend(world)
    window.go(window.path())
    yield "petition with amendments"
    window.page.click(".demands + details summary")
    yield "petition with all amendments"
    window.go(window.path("amendments", "1"))
    window.page.click("#both + details summary")
    yield "amendment"
    window.go(window.path("amendments", "2"))
    yield "correction"
    window.ask("manage", "early@example.org")
    window.follow("manage")
    yield "own page of somebody who signed before"
    take_back(world)


def _under_pressure(window: Window) -> Iterator[str]:
    world = window.world
    pressure.require_proofs(world.services, SLUG, until=world.clock.now() + timedelta(hours=1))
    window.fill_in("slow@example.org")
    yield "petition under pressure"
    # Without the widget the form has no proof.
    window.page.evaluate("document.querySelector('altcha-widget').remove()")
    with window.page.expect_navigation():
        window.page.evaluate("document.querySelector('main form').submit()")
    yield "form without a proof"
    window.press("button[name=slow]")
    yield "inbox by the slow lane"
    world.make_messages_visible()
    world.deliver_all()
    pressure.stop_requiring_proofs(world.services, SLUG)
    switching.switch(world.services, SLUG, Switch.SIGNING, on=False)
    window.go(window.path())
    yield "petition while signing is paused"
    switching.switch(world.services, SLUG, Switch.SIGNING, on=True)


def _refused(window: Window) -> Iterator[str]:
    world = window.world
    world.clock.advance(hours=2)
    world.environment[f"{PREFIX}POSTS_PER_NETWORK"] = "1"
    world.restart()
    window.ask_to_sign("first@example.org")
    window.ask_to_sign("second@example.org")
    yield "too many forms"
    del world.environment[f"{PREFIX}POSTS_PER_NETWORK"]
    world.restart()
    with recorded(AwsCalls(at=0)):
        window.go(window.path())
    yield "unavailable"


def _expired(window: Window) -> Iterator[str]:
    window.ask_to_sign("late@example.org")
    window.world.clock.advance(days=8)
    window.follow("confirm")
    yield "expired link"
    window.press()
    yield "a new link was sent"
    window.follow("confirm")
    publish(window.world, opens_on=date(2026, 12, 1))
    window.go(window.path())
    yield "upcoming petition"
    publish(window.world, closes_on=date(2026, 3, 9))
    window.go(window.path())
    yield "closed petition"
    publish(window.world, closes_on=date(2026, 3, 9), outcome="Some mothers may write weekly now.")
    window.go(window.path())
    yield "closed petition with its outcome"
    window.go(f"/{window.language}")
    yield "petitions that have closed"
    window.follow("confirm")
    yield "link of a closed petition"
