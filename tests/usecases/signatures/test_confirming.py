"""What the reader of the mail confirms: what the page shows, and nothing that did not happen."""

import re

import pytest

from chalicelib.crypto import unsealing
from chalicelib.crypto.sealing import SUBSCRIBER, info
from chalicelib.domain.petitions.petition import Organiser
from chalicelib.domain.subscriber import Frequency
from chalicelib.store import preferences
from ops.local import moto_internals
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.routes.markup import ParsedPage
from tests.world import World

ADDRESS = "hanna@example.org"
OTHER_SPELLING = "Hanna@Example.org"
CODE = re.compile(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", re.MULTILINE)

SEALED = "Your signature is sealed."
STANDS = "That signature stands, with its name and country"
NEWS_STARTS = "You will also get news by email."
NEWS_AS_BEFORE = "You get news by email, as you had asked before."
NEWS_ENDED = "News by email was stopped after you had asked for it"
NO_NEWS = "To follow what happens next, get news"
BLOCKED = "No news comes by email"
SENTENCES = (SEALED, STANDS, NEWS_STARTS, NEWS_AS_BEFORE, NEWS_ENDED, NO_NEWS, BLOCKED)


def asked(world: World, **changes: str) -> str:
    """Send the sign form; the mailed link."""
    language = changes.pop("language", "en")
    world.clock.advance(minutes=1)
    world.sign(language=language, **changes)
    world.deliver_all()
    return world.link_to("confirm")


def asked_for_news(world: World, *, language: str = "en", email: str = ADDRESS) -> str:
    """Send the form for news; the mailed link."""
    world.clock.advance(minutes=1)
    world.post(f"/{language}/open-door/subscribe", {"email": email})
    world.deliver_all()
    return world.link_to("confirm-alerts")


def page_of(world: World, link: str) -> ParsedPage:
    return ParsedPage(world.get(link).body.decode())


def pressed(world: World, link: str, *, alerts: bool | None = None) -> list[str]:
    """Press the button of a page, with the box as it stands or changed; what the answer claims."""
    page = page_of(world, link)
    fields = {
        entry["name"]: entry["value"]
        for entry in page.all("input")
        if entry.get("type") == "hidden" or "checked" in entry.attributes
    }
    if alerts is not None:
        fields = {"shown": fields["shown"], **({"alerts": "yes"} if alerts else {})}
    world.clock.advance(minutes=1)
    return claims_of(world, world.post(link, fields).body)


def claims_of(world: World, body: bytes) -> list[str]:
    """Which of the sentences about signature and news a page has."""
    world.deliver_all()
    text = ParsedPage(body.decode()).text
    return [sentence for sentence in SENTENCES if sentence in text]


def states(world: World) -> list[str]:
    return [item["state"] for item in [*world.signatures(), *world.subscriptions()]]


def act(world: World, **fields: str) -> None:
    """Do something on the own page."""
    world.clock.advance(minutes=1)
    world.post(world.ask_for_own_page(), fields)
    world.deliver_all()


def news_address(world: World) -> str:
    """The address to which news is sent, as the mailer opens it."""
    [item] = world.subscriptions()
    context = info(SUBSCRIBER, "open-door", item["sk"])
    address, _ = unsealing.unseal(item["sealed_address"], world.services.mailer_keys, context)
    return str(address)


# What the page shows, and what counts.


def test_the_page_shows_petition_name_and_country_but_no_address(world: World) -> None:
    page = page_of(world, asked(world, name="Ганна Ш.", country="PL"))

    assert "Petition Open the door Name Ганна Ш. Country Poland" in page.text
    assert "example.org" not in page.text


def test_the_page_says_that_no_country_was_given(world: World) -> None:
    assert "Country not given" in page_of(world, asked(world, country="")).text


def test_the_page_is_in_the_language_of_its_path(world: World) -> None:
    link = asked(world, country="PL", alerts="yes").replace("/en/", "/be/", 1)

    page = page_of(world, link)

    assert "Адчыніце дзверы" in page.text
    assert "Польшча" in page.text
    assert "Мова навін: English." in page.text


@pytest.mark.parametrize("alerts", ["", "yes"])
def test_the_box_for_news_stands_as_it_was_asked(world: World, alerts: str) -> None:
    page = page_of(world, asked(world, alerts=alerts))

    box = page.field("alerts")
    assert len(page.all("form")) == 1
    assert ("checked" in box.attributes) == bool(alerts)


@pytest.mark.parametrize("alerts", ["", "yes"])
@pytest.mark.parametrize("box", [False, True])
def test_what_stands_on_the_page_counts(world: World, alerts: str, box: bool) -> None:
    link = asked(world, alerts=alerts)

    claims = pressed(world, link, alerts=box)

    assert claims == [SEALED, NEWS_STARTS if box else NO_NEWS]
    assert states(world) == ["confirmed", *(["active"] if box else [])]


@pytest.mark.parametrize("alerts", ["", "yes"])
def test_a_post_without_the_page_confirms_what_was_asked_for(world: World, alerts: str) -> None:
    link = asked(world, alerts=alerts)

    claims = claims_of(world, world.post(link, {}).body)

    assert claims == [SEALED, NEWS_STARTS if alerts else NO_NEWS]
    assert states(world) == ["confirmed", *(["active"] if alerts else [])]


def test_a_post_without_a_body_needs_no_content_type(world: World) -> None:
    link = asked(world)

    response = world.post(link, b"", {})

    assert response.status_code == 200
    assert states(world) == ["confirmed"]


def test_an_unknown_value_of_the_box_starts_no_news(world: World) -> None:
    link = asked(world, alerts="yes")

    world.post(link, {"shown": "yes", "alerts": "perhaps"})

    assert states(world) == ["confirmed"]


def test_a_name_of_somebody_else_cannot_change_the_page(world: World) -> None:
    name = "\"><form action=/evil><b>A'"

    page = page_of(world, asked(world, name=name))

    assert name in page.text
    assert len(page.all("form")) == 1


# A second click, and other links of the same person.


def test_a_second_click_after_unticking_says_that_the_news_comes(world: World) -> None:
    link = asked(world, alerts="yes")
    pressed(world, link)

    assert pressed(world, link, alerts=False) == [STANDS, NEWS_AS_BEFORE]
    assert states(world) == ["confirmed", "active"]


def test_a_second_click_with_the_box_ticked_starts_news(world: World) -> None:
    link = asked(world)
    pressed(world, link)

    assert pressed(world, link, alerts=True) == [STANDS, NEWS_STARTS]
    assert states(world) == ["confirmed", "active"]


@pytest.mark.parametrize(
    ("frequency", "sentence"),
    [
        ("each", "It comes each time there is news."),
        ("weekly", "It comes once a week: all the news in one email."),
    ],
)
def test_the_answer_says_how_often_news_comes_that_has_started(
    world: World, frequency: str, sentence: str
) -> None:
    form = {"shown": "yes", "alerts": "yes", "frequency": frequency}

    answer = world.post(asked(world), form).body.decode()

    assert claims_of(world, answer.encode()) == [SEALED, NEWS_STARTS]
    assert sentence in answer


def test_a_second_click_that_chooses_another_frequency_says_that_it_has_not_changed(
    world: World,
) -> None:
    link = asked(world)
    form = {"shown": "yes", "alerts": "yes", "frequency": "each"}
    world.post(link, form)

    answer = world.post(link, form | {"frequency": "weekly"}).body.decode()

    page = ParsedPage(answer)
    assert claims_of(world, answer.encode()) == [STANDS, NEWS_AS_BEFORE]
    assert "How often it comes has not changed" in page.text
    assert "once a week" not in page.text
    [own_page] = [a for a in page.all("a") if a.text == "choose that on your own page"]
    assert own_page["href"] == "/en/open-door/manage"


def test_signing_without_news_does_not_end_news_of_before(world: World) -> None:
    world.post(asked_for_news(world), {})

    assert pressed(world, asked(world)) == [SEALED, NEWS_AS_BEFORE]
    assert states(world) == ["confirmed", "active"]


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_requests_the_one_confirmed_first_stands(world: World, first: int) -> None:
    names = ["Anna", "Hanna"]
    links = [asked(world, name=name, alerts="yes" if name == "Hanna" else "") for name in names]

    claims = [pressed(world, links[first]), pressed(world, links[1 - first])]

    news = [[NO_NEWS], [NEWS_STARTS]] if first == 0 else [[NEWS_STARTS], [NEWS_AS_BEFORE]]
    assert claims == [[SEALED, *news[0]], [STANDS, *news[1]]]
    assert [record["name"] for record in world.unsealed()] == [names[first]]
    assert states(world) == ["confirmed", "active"]
    assert world.count() == 1


def test_a_second_press_leads_to_the_own_page_for_corrections(world: World) -> None:
    link = asked(world)
    first, second = (ParsedPage(world.post(link, {}).body.decode()) for _ in range(2))

    assert "is wrong" not in first.text
    assert "If the name or the country is wrong" in second.text
    [note] = [a for a in second.all("a") if a.text == "ask for the link to your own page"]
    assert note["href"] == "/en/open-door/manage"


def test_after_the_code_the_link_with_another_box_claims_what_is_so(world: World) -> None:
    inbox = ParsedPage(world.sign(alerts="yes").body.decode())
    world.deliver_all()
    pending = inbox.all("input")[0]["value"]
    link, code = world.link_to("confirm"), CODE.findall(world.mails()[-1].text)[0]

    by_code = world.post("/en/open-door/code", {"pending": pending, "code": code}).body

    assert claims_of(world, by_code) == [SEALED, NEWS_STARTS]
    assert pressed(world, link, alerts=False) == [STANDS, NEWS_AS_BEFORE]


def test_a_held_signature_has_the_pages_of_any_other(world: World) -> None:
    link = asked(world, website="https://buy.example", alerts="yes")
    other = asked(world, email="other@example.org", alerts="yes")

    held, counted = world.post(link, {}).body, world.post(other, {}).body
    again = world.post(link, {}).body

    assert held == counted
    assert "counts" not in ParsedPage(held.decode()).text
    assert claims_of(world, again) == [STANDS, NEWS_AS_BEFORE]
    assert states(world).count("held") == 1


# What was ended or blocked after it was asked for.


def test_news_that_ended_after_it_was_asked_for_is_not_claimed(world: World) -> None:
    link = asked(world, alerts="yes")
    world.post(asked_for_news(world), {})
    act(world, do="stop")

    assert pressed(world, link) == [SEALED, NEWS_ENDED]
    assert states(world) == ["confirmed", "unsubscribed"]


def test_a_blocked_address_signs_but_gets_no_news(world: World) -> None:
    link = asked(world, alerts="yes")
    world.clock.advance(minutes=1)
    world.post(world.link_to("block"), {})

    assert pressed(world, link) == [SEALED, BLOCKED]
    assert "active" not in states(world)


def test_a_blocked_address_starts_no_news_by_an_older_link(world: World) -> None:
    link = asked_for_news(world)
    world.clock.advance(minutes=1)
    world.post(world.link_to("block"), {})

    response = world.post(link, {})

    page = ParsedPage(response.body.decode())
    assert response.status_code == 410
    assert page.one("h1").text == "We do not write to this address"
    assert "/en/open-door/subscribe" not in [a["href"] for a in page.all("a")]
    assert "active" not in states(world)


def test_a_block_that_died_before_its_second_write_still_starts_no_news(world: World) -> None:
    link = asked(world, alerts="yes")
    block_link = world.link_to("block")
    with (
        pytest.raises(Crash),
        recorded(AwsCalls(at="dynamodb.UpdateItem", fault=Fault.KILLED_BEFORE)),
    ):
        world.post(block_link, {})

    assert pressed(world, link) == [SEALED, BLOCKED]
    assert states(world) == ["confirmed"]


def test_after_everything_was_deleted_no_old_link_brings_it_back(world: World) -> None:
    links = [asked(world, alerts="yes"), asked_for_news(world)]
    for link in links:
        world.post(link, {})
    act(world, do="delete")

    answers = [world.post(link, {}) for link in links]

    for answer in answers:
        assert answer.status_code == 410
        assert ParsedPage(answer.body.decode()).one("h1").text == "This has already been cancelled"
    assert states(world) == ["withdrawn", "unsubscribed"]


def test_a_link_that_was_never_used_says_what_became_of_the_signature(world: World) -> None:
    first, unused = asked(world), asked(world, name="Other", alerts="yes")
    world.post(first, {})
    act(world, do="withdraw")

    answer = ParsedPage(world.post(unused, {}).body.decode())

    assert "was cancelled after the link was requested" in answer.text
    assert "used" not in answer.text
    assert states(world) == ["withdrawn"]


def test_who_withdrew_signs_again_with_what_is_typed_then(world: World) -> None:
    world.post(asked(world, name="Anna", alerts="yes"), {})
    act(world, do="withdraw", news="stop")

    claims = pressed(world, asked(world, name="Hanna", alerts="yes"))

    assert claims == [SEALED, NEWS_STARTS]
    assert [record["name"] for record in world.unsealed()] == ["Hanna"]
    assert states(world) == ["confirmed", "active"]


def test_a_renewed_link_carries_the_old_choices_and_shows_them(world: World) -> None:
    link = asked(world, name="Anna", country="PL", alerts="yes")
    world.clock.advance(days=8)
    world.post(f"{link}/again", {})
    world.deliver_all()

    page = page_of(world, world.link_to("confirm"))

    assert "Name Anna Country Poland" in page.text
    assert "checked" in page.field("alerts").attributes


def test_a_renewed_link_of_a_signer_offers_the_news_that_was_asked_for(world: World) -> None:
    late, used = asked(world, alerts="yes"), asked(world)
    world.post(used, {})
    world.clock.advance(days=8)
    world.post(f"{late}/again", {})
    world.deliver_all()

    world.post(world.link_to("confirm-alerts"), {})

    assert states(world) == ["confirmed", "active"]


# The form of somebody who has signed.


def test_a_signer_who_ticks_news_later_gets_it_by_a_link_in_the_mail(world: World) -> None:
    world.post(asked(world), {})

    world.sign(alerts="yes")
    world.deliver_all()
    mail = world.mails()[-1]
    before = states(world)
    world.post(world.link_to("confirm-alerts", mail), {})

    assert "You have already signed" in mail.text
    assert "nothing left to do" not in mail.text
    assert "/manage/" in world.link(mail)
    assert before == ["confirmed"]
    assert states(world) == ["confirmed", "active"]


def test_a_signer_who_ticks_no_news_gets_no_link_for_news(world: World) -> None:
    world.post(asked(world), {})

    world.sign()
    world.deliver_all()

    text = " ".join(world.mails()[-1].text.split())
    assert "/confirm-alerts/" not in text
    assert "There is nothing left to do." in text
    assert "Your signature stands as it is, whatever was typed this time." in text


def test_news_again_after_it_was_ended_starts_by_the_mail_to_a_signer(world: World) -> None:
    world.post(asked(world, alerts="yes"), {})
    act(world, do="stop")
    world.clock.advance(minutes=1)

    world.sign(alerts="yes")
    world.deliver_all()
    world.post(world.link_to("confirm-alerts"), {})

    assert states(world) == ["confirmed", "active"]


def test_ticking_news_changes_neither_calls_nor_the_page_nor_the_message(world: World) -> None:
    world.post(asked(world), {})
    bodies, calls_made, lengths = [], [], []
    for email in (ADDRESS, "new@example.org"):
        for alerts in ("", "yes"):
            world.clock.advance(minutes=1)
            with recorded(AwsCalls()) as calls:
                body = world.sign(email=email, alerts=alerts).body.decode()
            bodies.append(re.sub(r'name="pending" value="[^"]+"', "", body))
            calls_made.append(calls.made)
            queues = moto_internals.queues().values()
            messages = [one for queue in queues for one in moto_internals.messages_of(queue)]
            lengths += [len(message.body) for message in messages]
            world.deliver_all()

    assert bodies == [bodies[0]] * 4
    assert calls_made == [calls_made[0]] * 4
    assert len(set(lengths)) == 1


@pytest.mark.parametrize("signed", [False, True])
def test_the_longest_form_fits_into_its_mail(world: World, signed: bool) -> None:
    local = "a" * 64
    email = f"{local}@{'b' * 63}.{'c' * 63}.{'d' * 50}.org"
    title = "Ж" * 200
    organiser = Organiser(name="Ж" * 200, email="desk@example.org", website="https://example.org")
    texts = {"be": builders.petition_text(title=title)}
    world.publish(builders.petition(texts=texts, organiser=organiser, discreet=False))
    form = {"email": email, "name": "Ж" * 100, "alerts": "yes"}
    if signed:
        world.post(asked(world, language="be", **form), {})
        world.clock.advance(minutes=1)

    world.sign(language="be", **form)
    world.deliver_all()

    assert world.mails()[-1].to == email
    assert ("/confirm-alerts/" in world.mails()[-1].text) == signed


# News in another language, and another petition.


def test_the_subscription_that_was_confirmed_last_counts(world: World) -> None:
    world.post(asked_for_news(world, language="en"), {})
    [first] = world.subscriptions()
    preferences.save(
        world.services.subscribers,
        world.services.petitions,
        "open-door",
        first["sk"],
        language="en",
        frequency=Frequency.WEEKLY,
    )
    world.clock.advance(days=1)

    world.post(asked_for_news(world, language="be", email=OTHER_SPELLING), {})

    [last] = world.subscriptions()
    assert (last["language"], last["frequency"]) == ("be", "weekly")
    assert last["subscribed_on"] == first["subscribed_on"]
    assert news_address(world) == OTHER_SPELLING.replace("Example", "example")


def test_an_older_link_that_is_pressed_later_counts_as_well(world: World) -> None:
    older, newer = asked_for_news(world, language="ru"), asked_for_news(world, language="be")
    world.post(newer, {})

    page = page_of(world, older.replace("/ru/", "/en/", 1))
    world.post(older, {})

    assert "The news will come in this language: русский." in page.text
    assert "the button changes only its language" in page.text
    assert world.subscriptions()[0]["language"] == "ru"


def test_news_that_is_confirmed_with_a_signature_changes_the_language_too(world: World) -> None:
    world.post(asked_for_news(world, language="en"), {})

    world.post(asked(world, language="be", alerts="yes"), {})

    assert world.subscriptions()[0]["language"] == "be"


def test_the_page_for_news_names_the_petition_and_the_language(world: World) -> None:
    link = asked_for_news(world, language="be").replace("/be/", "/en/", 1)

    page = page_of(world, link)

    assert "Press the button to get news about “Open the door” by email." in page.text
    assert "The news will come in this language: беларуская." in page.text
    assert "example.org" not in page.text
    assert len(page.all("form")) == 1


def test_two_petitions_know_nothing_of_each_other(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    world.post(asked(world, name="Anna", alerts="yes"), {})

    world.post("/en/window/sign", builders.sign_form(name="Hanna"))
    world.deliver_all()
    claims = pressed(world, world.link_to("confirm"))

    assert claims == [SEALED, NO_NEWS]
    assert [record["name"] for record in world.unsealed("window")] == ["Hanna"]
    assert [record["name"] for record in world.unsealed()] == ["Anna"]
    assert world.subscriptions("window") == []
