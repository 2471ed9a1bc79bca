"""The proof gate: browsers that compute the proof, browsers that cannot, and the slow lane."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route, expect

from chalicelib.rendering import translations, urls
from tests.browser.visitors import SLUG, Visitor
from tests.ops.local.conftest import LocalRun, eventually

Arrive = Callable[..., Visitor]
GATE = "[data-proof]"
STATUS = f"{GATE} [role=status]"
DONE = "Your browser has finished: you can send the form."
WAIT = "Your browser is still working. The form will be sent as soon as it has finished."
FAILED = "Your browser could not do it. Please use the second button."


@pytest.fixture(scope="module", autouse=True)
def pressure(zaklik: Callable[..., str], service: LocalRun) -> Iterator[None]:
    """Requires proofs of everybody, after the functions' caches expired."""
    zaklik("petition", "guard", SLUG, "--hours", "1")
    eventually(lambda: is_gated(service))
    yield
    zaklik("petition", "guard", SLUG, "--off")
    eventually(lambda: not is_gated(service))


def is_gated(service: LocalRun) -> bool:
    """Whether the form has the proof gate."""
    return b"data-proof" in service.get(urls.petition("en", SLUG)).data


def fill_in(visitor: Visitor, email: str) -> None:
    visitor.go(visitor.path())
    visitor.page.fill("#name", "Алеся Ёўга")
    visitor.page.fill("#email", email)


def expect_status(visitor: Visitor, sentence: str) -> None:
    """Check that the gate's status is this sentence in the visitor's language."""
    translated = translations.catalogue(visitor.language).gettext(sentence)
    expect(visitor.page.locator(STATUS)).to_have_text(translated, timeout=60_000)


@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_the_proof_is_computed_while_the_form_is_filled_in(arrive: Arrive, language: str) -> None:
    visitor = arrive(language=language, width=390)
    fill_in(visitor, f"gate-{language}@example.org")
    expect_status(visitor, DONE)
    visitor.press()

    visitor.sees("Check your inbox")
    visitor.mail_to(f"gate-{language}@example.org")


def test_a_form_sent_before_the_proof_waits_for_it(arrive: Arrive) -> None:
    visitor = arrive(width=390)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.page.route("**/api/challenge", hold)
    fill_in(visitor, "fast@example.org")
    visitor.page.locator("main form button").first.click()
    expect_status(visitor, WAIT)
    held[0].continue_()

    visitor.page.wait_for_url("**/sign*", timeout=60_000)
    visitor.sees("Check your inbox")


def test_enter_sends_the_form_as_the_button_does(arrive: Arrive) -> None:
    visitor = arrive()
    fill_in(visitor, "enter@example.org")
    expect_status(visitor, DONE)
    with visitor.page.expect_navigation():
        visitor.page.press("#email", "Enter")

    visitor.sees("Check your inbox")


def test_the_subscribe_form_has_the_gate(arrive: Arrive) -> None:
    visitor = arrive(width=390)
    visitor.go(visitor.path("subscribe"))
    visitor.page.fill("#email", "gate-news@example.org")
    expect_status(visitor, DONE)
    visitor.press()

    visitor.sees("Check your inbox")
    visitor.mail_to("gate-news@example.org")


def test_without_scripts_the_slow_lane_takes_the_form(arrive: Arrive) -> None:
    visitor = arrive(width=390, javascript=False)
    fill_in(visitor, "slow@example.org")
    visitor.press()
    expect(visitor.page.locator("#email")).to_have_value("slow@example.org")
    with visitor.page.expect_navigation():
        visitor.page.locator("button[name=slow]").click()

    visitor.sees("Check your inbox")
    expect(visitor.page.locator("main")).to_contain_text("10 minutes")


def test_a_browser_that_cannot_compute_offers_the_slow_lane(arrive: Arrive) -> None:
    visitor = arrive(width=390)
    visitor.page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    fill_in(visitor, "old@example.org")
    expect_status(visitor, FAILED)
    with visitor.page.expect_navigation():
        visitor.page.locator("button[name=slow]").click()

    visitor.sees("Check your inbox")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_the_gate_is_accessible(arrive: Arrive, language: str, scheme: str) -> None:
    visitor = arrive(language=language, width=320)
    visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    fill_in(visitor, "axe@example.org")
    expect_status(visitor, DONE)

    report = Axe().run(visitor.page, context="#sign")
    assert report.violations_count == 0, report.generate_report()
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320


def test_the_proof_script_is_loaded_only_with_the_first_input(
    arrive: Arrive,
) -> None:
    visitor = arrive()
    visitor.go(visitor.path())
    visitor.page.wait_for_load_state("networkidle")

    assert not [url for url in visitor.requests if "altcha" in url or "challenge" in url]


def test_on_a_wide_and_low_screen_the_second_button_can_be_seen(arrive: Arrive) -> None:
    visitor = arrive(width=1280)
    visitor.page.set_viewport_size({"width": 1280, "height": 740})
    visitor.go(visitor.path())

    visitor.page.evaluate("scrollTo(0, 800)")
    visitor.page.locator("button[name=slow]").focus()

    expect(visitor.page.locator("button[name=slow]")).to_be_in_viewport(ratio=1)
