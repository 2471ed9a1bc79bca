"""The overview, held signatures and switches at the desk: for every eye, and to touch."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from chalicelib.domain.petitions.switches import Switch
from chalicelib.store import keys
from chalicelib.store.petitions import funnels
from chalicelib.usecases.alerts import switching
from chalicelib.usecases.subscriptions import counting
from tests import builders
from tests.browser import accessibility
from tests.browser.accessibility import Scheme
from tests.desk_client import DeskClient
from tests.world import World

DESK: Final = "http://localhost:1/desk/petitions/open-door"
TODAY: Final = builders.NOW.date()


@pytest.fixture
def watched(world: World) -> World:
    """Signatures of two months, a provider that returns mails, and a switch that is off."""
    figures = {f"confirmed#{TODAY - timedelta(days=back)}": 7 * back for back in range(60)}
    figures |= {f"held#{TODAY}": 120, "reason#honeypot": 80, "reason#by-hand": 40}
    names = {f"#c{number}": name for number, name in enumerate(figures)}
    world.services.petitions.update(
        keys.signature_figures("open-door"),
        "ADD " + ", ".join(f"{name} :{name[1:]}" for name in names),
        names=names,
        values={f":c{number}": count for number, count in enumerate(figures.values())},
    )
    mailed = {"asked#yahoo": 90, "mailed#yahoo": 90, "bounced#yahoo": 30, "language#be": 40}
    mailed |= {"complained#yahoo": 12}
    funnels.add(world.services.petitions, "open-door", TODAY, mailed, now=builders.NOW)
    counting.every_night(world.services)
    switching.switch(world.services, "open-door", Switch.COUNT, on=False)
    return world


@pytest.fixture
def page(browser: Browser, watched: World) -> Iterator[Page]:
    """A steward's page, without scripts of ours."""
    steward = DeskClient.signed_in(watched)

    def answer(route: Route, request: Request) -> None:
        path = urlsplit(request.url).path
        if request.method == "POST":
            fields = dict(parse_qsl(request.post_data or "", keep_blank_values=True))
            response = steward.post(path, fields)
        else:
            response = steward.get(path)
        headers = {name: value for name, value in response.headers if name != "Content-Length"}
        # axe is a script of the test.
        headers.pop("Content-Security-Policy", None)
        route.fulfill(status=response.status, headers=headers, body=response.body)

    context = browser.new_context()
    context.route("**/*", answer)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", ["", "/held", "/switches"])
def test_pages_of_watching_have_no_fault_at_any_width(
    page: Page, part: str, scheme: Scheme
) -> None:
    page.goto(DESK + part)

    for width in (320, 390, 1280):
        assert accessibility.violations_on(page, width=width, scheme=scheme) == []
    assert accessibility.structure_faults(page) == []


def test_a_steward_holds_signatures_and_sees_the_number_first(page: Page, watched: World) -> None:
    watched.sign_and_confirm()
    page.goto(f"{DESK}/held")
    page.get_by_label("What").select_option("hold")
    page.get_by_label("Confirmed on this day or later").fill(TODAY.isoformat())
    page.get_by_label("Reason").fill("a burst")
    page.get_by_role("button", name="Count them").click()
    expect(page.get_by_text("Parts looked through")).to_be_visible()
    watched.deliver_all()
    page.goto(page.url)
    expect(page.get_by_text("1 signature would be held")).to_be_visible()

    page.get_by_role("button", name="Hold them").click()
    expect(page.get_by_text("Parts looked through")).to_be_visible()
    watched.deliver_all()
    page.goto(page.url)

    expect(page.get_by_text("1 signature was held")).to_be_visible()
    assert watched.count() == 0


def test_a_steward_switches_the_count_on_again(page: Page, watched: World) -> None:
    page.goto(f"{DESK}/switches")

    page.get_by_role("button", name="Switch the public count on").click()

    expect(page.get_by_role("button", name="Switch the public count off")).to_be_visible()
