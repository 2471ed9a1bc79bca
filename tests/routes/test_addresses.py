"""Questions about an address before a mail is sent: is it mistyped, can it exist?"""

import pytest

from chalicelib.rendering import translations
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, ApiResponse, post
from tests.world import World

LANGUAGES = ("en", "be", "ru")
FORMS = ("sign", "subscribe", "manage")
TYPED, MEANT = "Hanna.Sh@gmial.com", "Hanna.Sh@gmail.com"


def send(form: str, language: str = "en", **fields: str) -> ApiResponse:
    return post(f"/{language}/{SLUG}/{form}", builders.sign_form(**fields))


def answers(response: ApiResponse) -> dict[str, str]:
    """Values of the page's buttons and hidden fields with a name."""
    page = ParsedPage(response.text)
    elements = [*page.all("button"), *(e for e in page.all("input") if e.get("type") == "hidden")]
    return {e["name"]: e.get("value") or "" for e in elements if e.get("name")}


def email_field(response: ApiResponse) -> str:
    [field] = [e for e in ParsedPage(response.text).all("input") if e.get("name") == "email"]
    return field["value"]


def mailed(world: World) -> list[str]:
    world.deliver_all()
    return [mail.to for mail in world.mails()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_a_mistyped_domain_is_asked_about_before_a_mail_is_sent(
    with_update: World, form: str, language: str
) -> None:
    response = send(form, language, email=TYPED, name="Ганна")

    sentence = translations.catalogue(language).gettext("Did you mean %(address)s?")
    [alert] = [e for e in ParsedPage(response.text).elements if e.get("role") == "alert"]
    assert response.status == 422
    assert alert.text.startswith(sentence % {"address": MEANT})
    assert answers(response) == {"instead": "gmail.com", "as_typed": "gmial.com"}
    assert email_field(response) == TYPED
    assert mailed(with_update) == []


@pytest.mark.parametrize("domain", ["ex\u0430mple.org", "xn--exmple-4nf.org", "XN--exmple-4nf.org"])
@pytest.mark.parametrize("form", FORMS)
def test_a_cyrillic_letter_in_a_latin_domain_is_asked_about(
    with_update: World, form: str, domain: str
) -> None:
    response = send(form, email=f"hanna@{domain}")

    [alert] = [e for e in ParsedPage(response.text).elements if e.get("role") == "alert"]
    assert response.status == 422
    assert "You typed hanna@ex\u0430mple.org: the letter “\u0430” after" in alert.text
    assert answers(response)["instead"] == "example.org"
    assert mailed(with_update) == []


@pytest.mark.parametrize("form", FORMS)
def test_one_press_takes_the_suggestion(with_update: World, form: str) -> None:
    assert send(form, email=TYPED, instead="gmail.com").status == 200
    assert mailed(with_update) == [MEANT]


@pytest.mark.parametrize("form", FORMS)
def test_another_press_goes_on_with_what_was_typed(with_update: World, form: str) -> None:
    assert send(form, email=TYPED, as_typed="gmial.com").status == 200
    assert mailed(with_update) == [TYPED]


@pytest.mark.parametrize("form", FORMS)
def test_an_address_that_was_changed_after_the_question_is_taken(
    with_update: World, form: str
) -> None:
    assert send(form, email="hanna@proton.me", instead="gmail.com").status == 200
    assert mailed(with_update) == ["hanna@proton.me"]


@pytest.mark.parametrize("form", FORMS)
def test_the_suggestion_is_asked_about_as_if_it_had_been_typed(
    with_update: World, form: str
) -> None:
    risky = send(form, email="hanna@mail.r", instead="mail.ru")

    assert risky.status == 422
    assert email_field(risky) == "hanna@mail.ru"
    assert answers(risky) == {"despite": "mail.ru"}
    assert send(form, email="hanna@mail.ru", despite="mail.ru").status == 200
    assert mailed(with_update) == ["hanna@mail.ru"]


@pytest.mark.parametrize("form", FORMS)
def test_two_questions_are_asked_one_after_the_other(with_update: World, form: str) -> None:
    typo = send(form, email="hanna@yandex.r")
    risk = send(form, email="hanna@yandex.r", as_typed=answers(typo)["as_typed"])

    assert answers(typo) == {"instead": "yandex.ru", "as_typed": "yandex.r"}
    assert answers(risk) == {"despite": "yandex.r", "as_typed": "yandex.r"}
    assert send(form, email="hanna@yandex.r", **answers(risk)).status == 200
    assert mailed(with_update) == ["hanna@yandex.r"]


def test_a_mistake_in_another_field_keeps_both_answers(with_update: World) -> None:
    given = {"as_typed": "yandex.r", "despite": "yandex.r"}

    response = send("sign", email="hanna@yandex.r", name="", **given)

    assert answers(response) == given


def test_the_question_does_not_count_against_the_limit(world: World) -> None:
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "1"
    world.restart()

    for _ in range(3):
        assert send("sign", email=TYPED).status == 422

    assert send("sign", email=TYPED, instead="gmail.com").status == 200


def test_a_signature_under_the_suggested_address_is_one_signature(with_update: World) -> None:
    send("sign", email=TYPED, instead="gmail.com")
    with_update.deliver_all()
    assert post(with_update.link()).status == 200

    send("sign", email="hannash@gmail.com")
    with_update.deliver_all()

    assert "/manage/" in with_update.mails()[-1].text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "typed",
    [
        "\u200bhanna@proton.me\u00a0",
        "<hanna@proton.me>,",
        "Ганна Ш. <hanna@proton.me>",
        "mailto:hanna@proton.me?subject=hi",
        "«hanna@proton.me».",
        "ｈａｎｎａ＠ｐｒｏｔｏｎ．ｍｅ",
    ],
)
def test_an_address_is_taken_out_of_what_was_pasted(
    with_update: World, form: str, typed: str
) -> None:
    assert send(form, email=typed).status == 200
    assert mailed(with_update) == ["hanna@proton.me"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("field", "typed"), [("email", "han\u00adna@proton.me"), ("name", "Ган\u202eна")]
)
def test_a_fault_that_nobody_can_see_is_called_invisible(
    with_update: World, language: str, field: str, typed: str
) -> None:
    page = ParsedPage(send("sign", language, **{field: typed}).text)

    words = {"en": "invisible character", "be": "нябачны сімвал", "ru": "невидимый символ"}
    [fault] = [e for e in page.elements if e.get("id") == f"{field}-error"]
    assert words[language] in fault.text


@pytest.mark.parametrize(
    "domain", ["example.org", "mail.example.com", "petition.test", "a.example"]
)
@pytest.mark.parametrize("form", FORMS)
def test_a_reserved_domain_is_no_mailbox_where_mails_are_real(
    with_update: World, form: str, domain: str
) -> None:
    assert send(form, email=f"hanna@{domain}").status == 200
    assert mailed(with_update) == [f"hanna@{domain}"]
    with_update.environment["ZAKLIK_SENDER"] = "Desk <desk@zaklik.org>"
    with_update.restart()

    response = send(form, email=f"hanna@{domain}")

    [fault] = [e for e in ParsedPage(response.text).elements if e.get("id") == "email-error"]
    assert response.status == 422
    assert domain in fault.text
    assert len(mailed(with_update)) == 1
    assert send(form, email="hanna@proton.me").status == 200


@pytest.mark.parametrize(
    "domain", ["a.onion", "printer.local", "localhost", "mail.invalid", "test"]
)
def test_a_domain_that_mails_cannot_reach_is_refused_everywhere(world: World, domain: str) -> None:
    assert send("sign", email=f"hanna@{domain}").status == 422
