"""Warnings and choices for people at risk, before a form is sent."""

from dataclasses import replace

import pytest

from chalicelib.rendering import translations, urls
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, get, post
from tests.world import World

LANGUAGES = ("en", "be", "ru")
RISKY_ADDRESS = "hanna@mail.ru"


def _translated(sentence: str, language: str) -> str:
    return translations.catalogue(language).gettext(sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_risk_is_shown_before_the_form(with_update: World, language: str) -> None:
    risk = "In some places people are prosecuted for this."
    texts = {
        code: builders.petition_text(risk=risk, risk_question="Is that you?") for code in LANGUAGES
    }
    with_update.publish(builders.petition(texts=texts, risk_languages=("be", "ru")))

    html = get(f"/{language}/{SLUG}").text

    page = ParsedPage(html)
    [summary] = [e for e in page.all("summary") if risk in e.text]
    [advice] = [e for e in page.all("details") if risk in e.text]
    assert summary.text.split(" ", 3)[:3] == ["Is", "that", "you?"]
    assert "Tor Browser" in advice.text
    assert ("open" in advice.attributes) is (language != "en")
    assert html.index(risk) < html.index("<form")


def test_a_petition_without_a_risk_shows_none(with_update: World) -> None:
    assert "Tor Browser" not in ParsedPage(get(f"/en/{SLUG}").text).text


@pytest.mark.parametrize("pseudonyms", [True, False])
def test_a_pseudonym_is_offered_where_the_petition_allows_one(
    with_update: World, pseudonyms: bool
) -> None:
    with_update.publish(builders.petition(pseudonyms=pseudonyms))

    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert ("or a pseudonym" in page.text) is pseudonyms


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["sign", "subscribe"])
def test_a_mailbox_that_a_state_reads_needs_a_second_confirmation(
    with_update: World, form: str, language: str
) -> None:
    path = f"/{language}/{SLUG}/{form}"

    warned = post(path, builders.sign_form(email=RISKY_ADDRESS, name="Ганна", alerts="yes"))
    with_update.deliver_all()

    page = ParsedPage(warned.text)
    assert warned.status == 422
    assert with_update.mails() == []
    assert _translated("Is this address safe for you?", language) in page.text
    assert [e["value"] for e in page.all("input") if e.get("name") == "email"] == [RISKY_ADDRESS]
    [despite] = [e for e in page.all("button") if e.get("name") == "despite"]

    accepted = post(
        path, builders.sign_form(email=RISKY_ADDRESS, alerts="yes", despite=despite["value"])
    )
    with_update.deliver_all()

    assert accepted.status == 200
    assert [mail.to for mail in with_update.mails()] == [RISKY_ADDRESS]


def test_the_warning_does_not_count_against_the_limit(world: World) -> None:
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "1"
    world.restart()

    for _ in range(3):
        assert post(f"/en/{SLUG}/sign", builders.sign_form(email=RISKY_ADDRESS)).status == 422

    assert post(f"/en/{SLUG}/sign", builders.sign_form()).status == 200


def test_an_address_without_a_risk_is_not_warned_about(with_update: World) -> None:
    response = post(f"/en/{SLUG}/sign", builders.sign_form(email="hanna@proton.me"))

    assert response.status == 200


def test_a_mistake_in_another_field_keeps_the_decision(with_update: World) -> None:
    form = builders.sign_form(email=RISKY_ADDRESS, name="", despite="mail.ru")

    page = ParsedPage(post(f"/en/{SLUG}/sign", form).text)

    [field] = [e for e in page.all("input") if e.get("name") == "despite"]
    assert (field["type"], field["value"]) == ("hidden", "mail.ru")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_quick_exit_that_needs_no_script(
    with_update: World, language: str
) -> None:
    with_update.sign(language=language)
    with_update.deliver_all()
    paths = [
        f"/{language}/{SLUG}",
        f"/{language}/privacy",
        f"/{language}/none",
        with_update.link(),
    ]

    for path in paths:
        page = ParsedPage(get(path).text)
        exits = [e for e in page.all("a") if "data-exit" in e.attributes]
        assert exits
        for quick_exit in exits:
            assert quick_exit["href"] == urls.EXIT
            assert "noreferrer" in quick_exit["rel"]


def test_the_risk_is_stored_with_the_petition(world: World) -> None:
    texts = {"en": replace(builders.petition_text(), risk="Some are prosecuted.")}

    world.publish(builders.petition(texts=texts, pseudonyms=True))

    stored = world.publish(builders.petition(texts=texts, pseudonyms=True))
    assert (stored.version, stored.pseudonyms) == (2, True)
    assert stored.texts["en"].risk == "Some are prosecuted."
