"""Everybody can read what has changed in a signed text: on pages and in feeds."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from chalicelib.domain.petitions.amendment import AmendmentKind, AmendmentRequest
from chalicelib.usecases.petitions import publishing
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, get
from tests.world import World

PAGE = f"/en/{SLUG}/amendments/1"


def test_the_petition_says_that_its_text_was_changed_and_why(world: World) -> None:
    world.amend()

    html = get(f"/en/{SLUG}").text

    assert "The text was changed on 8 March 2026, after people had signed it." in html
    assert "There are two doors." in html
    assert html.count(f'href="{PAGE}"') == 2


def test_a_correction_is_shown_less_prominently(world: World) -> None:
    world.amend(kind=AmendmentKind.CORRECTION)

    html = get(f"/en/{SLUG}").text

    assert "after people had signed it." not in html
    assert "Corrected on 8 March 2026" in html


def test_a_petition_without_amendments_says_nothing_of_them(world: World) -> None:
    assert "amendments/" not in get(f"/en/{SLUG}").text


def test_the_page_of_an_amendment_has_both_texts_and_marks_what_differs(world: World) -> None:
    world.amend(title="Open both doors")

    page = ParsedPage(get(PAGE).text)

    assert [each.text for each in page.all("del")] == ["the door"]
    assert [each.text for each in page.all("ins")] == ["both doors"]
    assert [each.text for each in page.all("summary")[1:]] == [
        "The text before this change",
        "The text after this change",
    ]
    texts = [each.text for each in page.all("details")[1:]]
    assert "Open the door" in texts[0]
    assert "Open both doors" in texts[1]


def test_a_reason_keeps_its_language_where_there_is_no_other(world: World) -> None:
    world.amend()

    page = ParsedPage(get(f"/be/{SLUG}/amendments/1").text)

    assert page.one("q")["lang"] == "en"
    assert "На гэтай мове нічога не змянілася." in page.text
    assert "Тэкст змяніўся на гэтых мовах: English" in " ".join(page.text.split())


def test_other_languages_that_differ_too_are_named(world: World) -> None:
    texts = {code: builders.petition_text(title="A") for code in ("en", "be", "ru")}
    request = AmendmentRequest(kind=AmendmentKind.AMENDMENT, reasons={"en": "Shorter."})
    publishing.publish_petition(world.services, builders.petition(texts=texts), amendment=request)

    assert "The text has also changed in these languages:" in get(PAGE).text


def test_a_language_that_was_taken_out_can_still_be_read(world: World) -> None:
    texts = {"en": builders.petition().texts["en"]}
    request = AmendmentRequest(kind=AmendmentKind.AMENDMENT, reasons={"en": "No translator."})
    publishing.publish_petition(world.services, builders.petition(texts=texts), amendment=request)

    page = ParsedPage(get(PAGE).text)

    assert "Беларуская: Title" in [each.text for each in page.all("h3")]
    assert "Адчыніце дзверы" in [each.text for each in page.all("del")]
    assert get(f"/be/{SLUG}/amendments/1").status == 303


@pytest.mark.parametrize("offers", [True, False])
def test_who_signed_before_is_offered_to_withdraw_if_the_organisers_want_that(
    world: World, offers: bool
) -> None:
    world.amend()
    world.publish_signed(
        replace(
            builders.petition(amendments_offer_withdrawal=offers),
            texts={
                **builders.petition().texts,
                "en": builders.petition_text(title="Open both doors"),
            },
        )
    )

    assert ("you can withdraw your signature" in get(PAGE).text) is offers


@pytest.mark.parametrize("number", ["0", "2", "01", "-1", "x", "1e0", "١"])
def test_there_is_no_other_amendment(world: World, number: str) -> None:
    world.amend()

    assert get(f"/en/{SLUG}/amendments/{number}").status == 404


def test_followers_of_the_feeds_learn_of_an_amendment(world: World) -> None:
    world.publish_update()
    world.amend()

    atom = ET.fromstring(get(f"/en/{SLUG}/feed.atom").text)  # noqa: S314 - our own response
    items = json.loads(get(f"/en/{SLUG}/feed.json").text)["items"]

    titles = [entry.text for entry in atom.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles == ["Open both doors", "The text of this petition was changed", "The door moved"]
    assert items[0]["url"].endswith(PAGE)
    assert items[0]["summary"] == "There are two doors."


def test_ones_own_page_says_that_the_text_changed_after_one_had_signed(world: World) -> None:
    world.sign_and_confirm()
    world.clock.advance(days=1)
    world.amend()

    html = world.get(world.ask_for_own_page()).body.decode()

    assert "You signed an earlier text of this petition:" in html
    assert "Changed on 9 March 2026" in html
    assert "you can withdraw your signature here" in html


def test_on_the_day_of_the_signature_ones_own_page_says_so_carefully(world: World) -> None:
    world.sign_and_confirm()
    world.amend()

    html = world.get(world.ask_for_own_page()).body.decode()

    assert "You may have signed an earlier text of this petition:" in html
    assert "Changed on 8 March 2026" in html


def test_who_signed_after_the_change_or_withdrew_is_told_nothing(world: World) -> None:
    world.amend()
    world.clock.advance(days=1)
    world.sign_and_confirm()
    link = world.ask_for_own_page()
    signed = world.get(link).body.decode()
    world.post(link, {"do": "withdraw"})
    withdrawn = world.get(link).body.decode()

    assert "earlier text" not in signed + withdrawn
    assert "Changed on" not in signed + withdrawn


def test_who_confirms_a_form_that_is_older_than_a_change_is_told_of_it(world: World) -> None:
    world.sign()
    world.deliver_all()
    before = world.get(world.link()).body.decode()
    world.amend()
    after = world.get(world.link()).body.decode()

    assert PAGE not in before
    assert "You may have read an earlier text of this petition:" in after
    assert f'href="{PAGE}"' in after


def test_an_amendment_and_a_correction_of_one_day_are_told_apart(world: World) -> None:
    world.sign_and_confirm()
    own_page = world.ask_for_own_page()
    world.sign(email="boris@example.org")
    world.deliver_all()
    form = world.link()
    world.amend()
    world.amend(kind=AmendmentKind.CORRECTION, reason="A slip.", title="Open both the doors")

    for path in (form, own_page):
        page = ParsedPage(world.get(path).body.decode())
        assert [each.text for each in page.all("a") if "/amendments/" in each["href"]] == [
            "Corrected on 8 March 2026",
            "Changed on 8 March 2026",
        ]
        assert page.text.count("an earlier text of this petition") == 1


def test_who_confirms_a_form_of_the_new_text_is_told_nothing(world: World) -> None:
    world.amend()
    world.clock.advance(hours=2)
    world.sign()
    world.deliver_all()

    assert PAGE not in world.get(world.link()).body.decode()
