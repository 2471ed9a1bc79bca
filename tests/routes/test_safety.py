"""What a person at risk is told, asked and offered, before anything is sent."""

from dataclasses import replace

import pytest

from chalicelib.rendering import translations, urls
from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import SLUG, read, send
from tests.world import World

LANGUAGES = ("en", "be", "ru")
READABLE = "hanna@mail.ru"


def _say(sentence: str, language: str) -> str:
    return translations.catalogue(language).gettext(sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_risk_is_named_before_the_form(shared: World, language: str) -> None:
    risk = "In some places people are prosecuted for this."
    texts = {code: builders.petition_text(risk=risk) for code in LANGUAGES}
    shared.publish(builders.petition(texts=texts))

    html = read(f"/{language}/{SLUG}").text

    [note] = [e for e in Page(html).elements if e.get("role") == "note"]
    assert risk in note.text
    assert _say("Before you sign", language) in note.text
    assert "Tor" in note.text
    assert html.index('role="note"') < html.index("<form")


def test_a_petition_that_endangers_nobody_names_no_danger(shared: World) -> None:
    [note] = [e for e in Page(read(f"/en/{SLUG}").text).elements if e.get("role") == "note"]

    assert note.text.startswith("Before you sign What is kept:")


@pytest.mark.parametrize("pseudonyms", [True, False])
def test_a_pen_name_is_offered_where_the_petition_allows_one(
    shared: World, pseudonyms: bool
) -> None:
    shared.publish(builders.petition(pseudonyms=pseudonyms))

    page = Page(read(f"/en/{SLUG}").text)

    assert ("It does not have to be the name in your papers." in page.text) is pseudonyms


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["sign", "subscribe"])
def test_before_a_mail_to_a_mailbox_that_a_state_reads_people_are_asked(
    shared: World, form: str, language: str
) -> None:
    path = f"/{language}/{SLUG}/{form}"

    asked = send(path, builders.sign_form(email=READABLE, name="Ганна", alerts="yes"))
    shared.deliver_all()

    page = Page(asked.text)
    assert asked.status == 422
    assert shared.mails() == []
    assert _say("Please reconsider this address.", language) in page.text
    assert [e["value"] for e in page.all("input") if e.get("name") == "email"] == [READABLE]
    [despite] = [e for e in page.all("button") if e.get("name") == "despite"]

    went_on = send(path, builders.sign_form(email=READABLE, alerts="yes", despite=despite["value"]))
    shared.deliver_all()

    assert went_on.status == 200
    assert [mail.to for mail in shared.mails()] == [READABLE]


def test_the_question_counts_against_nobody(world: World) -> None:
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "1"
    world.restart()

    for _ in range(3):
        assert send(f"/en/{SLUG}/sign", builders.sign_form(email=READABLE)).status == 422

    assert send(f"/en/{SLUG}/sign", builders.sign_form()).status == 200


def test_who_takes_another_address_is_not_asked_again(shared: World) -> None:
    answer = send(f"/en/{SLUG}/sign", builders.sign_form(email="hanna@proton.me"))

    assert answer.status == 200


def test_a_fault_elsewhere_in_the_form_keeps_the_decision(shared: World) -> None:
    form = builders.sign_form(email=READABLE, name="", despite="mail.ru")

    page = Page(send(f"/en/{SLUG}/sign", form).text)

    [kept] = [e for e in page.all("input") if e.get("name") == "despite"]
    assert (kept["type"], kept["value"]) == ("hidden", "mail.ru")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_way_out_that_needs_no_script(shared: World, language: str) -> None:
    shared.sign(language=language)
    shared.deliver_all()
    paths = [f"/{language}/{SLUG}", f"/{language}/privacy", f"/{language}/none", shared.link()]

    for path in paths:
        [way_out] = [e for e in Page(read(path).text).all("a") if "data-exit" in e.attributes]
        assert way_out["href"] == urls.EXIT
        assert "noreferrer" in way_out["rel"]


def test_the_risk_is_kept_with_the_petition(world: World) -> None:
    texts = {"en": replace(builders.petition_text(), risk="Some are prosecuted.")}

    world.publish(builders.petition(texts=texts, pseudonyms=True))

    kept = world.publish(builders.petition(texts=texts, pseudonyms=True))
    assert (kept.version, kept.pseudonyms) == (2, True)
    assert kept.texts["en"].risk == "Some are prosecuted."
