"""The page after a confirmation: the public number, and ways to pass the petition on."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import builders
from tests.faults import AwsCalls, recorded
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, get, post
from tests.world import World

LANGUAGES = ("en", "be", "ru")


def confirm(world: World, *, language: str = "en", **changes: str) -> ParsedPage:
    """Sign and confirm; the page of thanks."""
    world.sign(language=language, **changes)
    world.deliver_all()
    return ParsedPage(post(world.link_to("confirm")).text)


def app_links(page: ParsedPage) -> dict[str, str]:
    """The links of a page that open other programs, by their name."""
    addresses = {link.text: link["href"] for link in page.all("a") if link.get("rel")}
    return {name: address for name, address in addresses.items() if PUBLIC_URL not in address}


# The number.


def test_the_number_is_the_public_one_and_does_not_count_this_signature(world: World) -> None:
    world.raise_tally(PL=57)
    world.set_figures()

    page = confirm(world)

    assert "You are one of at least 55 people who have signed" in page.text


def test_before_the_first_step_a_signer_is_among_the_first(world: World) -> None:
    page = confirm(world)

    assert "You are among the first to sign." in page.text
    assert "at least" not in page.text


def test_an_address_that_had_signed_before_is_one_of_them_too(world: World) -> None:
    world.raise_tally(PL=57)
    world.set_figures()
    confirm(world)

    again = ParsedPage(post(world.link_to("confirm")).text)

    assert "You are one of at least 55 people who have signed" in again.text
    assert "This address has already signed, perhaps a moment ago on this page." in again.text


def test_an_address_that_had_signed_before_is_not_called_new(world: World) -> None:
    confirm(world)

    again = ParsedPage(post(world.link_to("confirm")).text)

    assert "among the first" not in again.text


def test_a_signature_is_confirmed_although_the_number_cannot_be_read(world: World) -> None:
    world.sign()
    world.deliver_all()
    path = world.link_to("confirm")
    world.restart()
    with recorded(AwsCalls()) as calls:
        post(path)
    world.restart()

    with recorded(AwsCalls(at=len(calls.made) - 1)):
        response = post(path)

    assert calls.made[-1] == "dynamodb.GetItem"
    assert response.status == 200
    assert "You are" not in ParsedPage(response.text).text


# Passing it on.


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_app_gets_the_sentence_and_the_public_address(world: World, language: str) -> None:
    page = confirm(world, language=language)
    link = f"{PUBLIC_URL}/{language}/{SLUG}"
    title = builders.petition().text(language).title

    targets = {
        (parts.scheme, parts.netloc, parts.path): parse_qs(parts.query)
        for parts in map(urlsplit, app_links(page).values())
        if parts.netloc != "www.wikipedia.org"
    }

    telegram = targets["https", "t.me", "/share/url"]
    mail = targets["mailto", "", ""]
    assert telegram["url"] == [link]
    assert title in telegram["text"][0]
    whole = f"{telegram['text'][0]} {link}"
    assert page.one("textarea").text == whole
    assert targets["https", "wa.me", "/"]["text"] == [whole]
    assert targets["viber", "forward", ""]["text"] == [whole]
    assert mail["body"] == [whole]
    assert title not in mail["subject"][0]
    assert len(targets) == 4


def test_what_is_passed_on_is_the_same_for_everybody_and_tells_no_site_where_it_comes_from(
    world: World,
) -> None:
    hanna, boris = (confirm(world, email=f"{name}@example.org") for name in ("hanna", "boris"))
    public = ParsedPage(get(f"/en/{SLUG}/share").text)

    assert app_links(hanna) == app_links(boris) == app_links(public)
    for link in hanna.all("a"):
        if link["href"].startswith("https:"):
            assert "noreferrer" in link["rel"].split()


def test_a_title_cannot_break_out_of_a_link(world: World) -> None:
    title = "Open & shut? #1 100% “door”+<b>"
    world.publish(builders.petition(texts={"en": builders.petition_text(title=title)}))

    links = app_links(ParsedPage(get(f"/en/{SLUG}/share").text))

    query = urlsplit(links["Telegram"])
    assert parse_qs(query.query)["text"] == [f"Please read and sign this petition: “{title}”"]
    assert (query.fragment, set(parse_qs(query.query))) == ("", {"url", "text"})


def test_nobody_is_asked_to_sign_what_has_closed(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(year=2027)

    page = ParsedPage(get(f"/en/{SLUG}/share").text)

    assert page.all("textarea")[0].text.startswith("Please read this petition: “Open the door”")


@pytest.mark.parametrize("risk", ["", "Take care."])
def test_only_where_there_is_a_risk_a_person_is_told_that_sharing_shows(
    world: World, risk: str
) -> None:
    text = builders.petition_text(risk=risk, risk_question=risk)
    world.publish(builders.petition(texts={"en": text}))

    pages = [confirm(world), *(ParsedPage(get(f"/en/{SLUG}{end}").text) for end in ("", "/share"))]

    shown = ["Passing it on shows others what you care about" in page.text for page in pages]
    assert shown == [bool(risk)] * 3


# Petitions that have closed.


@pytest.mark.parametrize("outcome", ["", "The door is open."])
def test_a_closed_petition_says_how_many_signed_and_what_came_of_it(
    world: World, outcome: str
) -> None:
    texts = {"en": builders.petition_text(outcome=outcome)}
    world.publish(builders.petition(texts=texts, closes_on=date(2026, 3, 8)))
    world.raise_tally(PL=57)
    world.set_figures()

    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert "This petition closed on 8 March 2026" in page.text
    assert "At least 55 people have signed" in page.text
    assert (outcome or "The organisers have not yet said here what came of it.") in page.text
    assert "#updates" in [link["href"] for link in page.all("a")]
    assert "to reach" not in page.text


def test_only_while_one_could_sign_the_page_offers_help_without_signing(world: World) -> None:
    before = get(f"/en/{SLUG}").text
    world.clock.moment = world.clock.moment.replace(year=2027)
    after = get(f"/en/{SLUG}").text

    assert "You can help without signing." in before
    assert "You can help without signing." not in after
    assert "Pass it on" in after


def test_a_form_that_comes_too_late_is_told_when_the_petition_closed_and_what_is_next(
    world: World,
) -> None:
    world.publish(builders.petition(closes_on=world.clock.moment.date()))
    inbox = ParsedPage(world.sign().body.decode())
    pending = inbox.all("input")[0]["value"]
    world.clock.advance(days=1)

    sign = post(f"/en/{SLUG}/sign", builders.sign_form())
    again = post(f"/en/{SLUG}/again", {"pending": pending})

    for response in (sign, again):
        page = ParsedPage(response.text)
        links = [link["href"] for link in page.all("a")]
        assert response.status == 403
        assert page.one("h1").text == "This petition closed on 8 March 2026"
        assert f"/en/{SLUG}" in links
        assert f"/en/{SLUG}#updates" in links
        assert f"/en/{SLUG}/subscribe" in links
        assert "nothing of this form was stored" in page.text


def test_after_the_close_the_link_of_a_form_in_time_still_confirms(world: World) -> None:
    world.publish(builders.petition(closes_on=world.clock.moment.date()))
    world.sign()
    world.deliver_all()
    world.clock.advance(days=1)

    page = ParsedPage(post(world.link_to("confirm")).text)

    assert "Your signature is sealed." in page.text


def test_a_form_that_comes_too_early_is_told_from_when_one_can_sign(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(year=2025)

    response = post(f"/en/{SLUG}/sign", builders.sign_form())

    page = ParsedPage(response.text)
    assert response.status == 403
    assert page.one("h1").text == "You can sign from 1 January 2026"
    assert f"/en/{SLUG}" in [link["href"] for link in page.all("a")]


def test_an_outcome_is_not_shown_before_the_petition_has_closed(world: World) -> None:
    texts = {"en": builders.petition_text(outcome="The door is open.")}
    world.publish(builders.petition(texts=texts))

    shown = [get(path).text for path in (f"/en/{SLUG}", "/en", f"/api/petitions/{SLUG}")]

    assert not [text for text in shown if "The door is open." in text]


def test_the_news_of_a_closed_petition_asks_nobody_to_sign(with_update: World) -> None:
    path = f"/en/{SLUG}/updates/first-news"
    before = ParsedPage(get(path).text)
    with_update.clock.moment = with_update.clock.moment.replace(year=2027)
    after = ParsedPage(get(path).text)

    assert "Read and sign the petition" in before.text
    assert "Read the petition" in after.text


# The list.


def publish_list(world: World) -> None:
    """Publish one petition of each state, and a second closed and a second open one."""
    told = {"en": builders.petition_text(title="Told", outcome="The door is open.")}
    petitions: dict[str, dict[str, Any]] = {
        "closed-first": {"closes_on": date(2026, 1, 31)},
        "closed-last": {"closes_on": date(2026, 2, 28), "texts": told},
        "upcoming": {"opens_on": date(2026, 6, 1)},
        "open-for-long": {"closes_on": date(2027, 12, 31)},
    }
    for slug, changes in petitions.items():
        world.publish(builders.petition(slug=slug, **changes))


def test_the_list_begins_with_what_closes_first_and_ends_with_what_closed_first(
    world: World,
) -> None:
    publish_list(world)

    page = ParsedPage(get("/en").text)

    cards = [
        link["href"].rpartition("/")[2]
        for link in page.all("a")
        if link["href"].startswith("/en/") and not link["href"].endswith("/privacy")
    ]
    assert cards == [SLUG, "open-for-long", "upcoming", "closed-last", "closed-first"]


def test_the_list_says_when_each_petition_opens_closes_or_closed_and_what_came_of_it(
    world: World,
) -> None:
    publish_list(world)
    world.raise_tally(PL=57)
    world.set_figures()

    text = ParsedPage(get("/en").text).text

    assert "At least 55 people have signed · Open until 31 December 2026" in text
    assert "Opens on 1 June 2026" in text
    assert "The door is open. Closed on 28 February 2026" in text


def test_a_list_of_forty_petitions_is_two_calls(world: World) -> None:
    for number in range(39):
        world.publish(builders.petition(slug=f"door-{number}"))
    world.restart()

    with recorded(AwsCalls()) as calls:
        page = ParsedPage(get("/en").text)

    assert calls.made == ["dynamodb.Query", "dynamodb.Query"]
    assert len(page.all("h2")) == 40


def test_without_an_open_petition_the_list_says_so(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(year=2027)

    page = ParsedPage(get("/en").text)

    assert "No petition is open for signatures at the moment." in page.text
    assert [heading.text for heading in page.all("h2", "h3")] == [
        "Closed petitions",
        "Open the door",
    ]


def test_a_petition_in_another_language_says_so_to_screen_readers(world: World) -> None:
    world.publish(builders.petition(slug="window", texts={"ru": builders.petition_text()}))

    page = ParsedPage(get("/be").text)

    assert [heading["lang"] for heading in page.all("h2")] == ["be", "ru"]
