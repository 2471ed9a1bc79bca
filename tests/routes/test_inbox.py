"""The page after the sign form: it shows how the mail looks, and says the same to everybody."""

import pytest

from tests import builders
from tests.faults import AwsCalls, recorded
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, post
from tests.world import World

LANGUAGES = ("en", "be", "ru")


@pytest.mark.parametrize("discreet", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_sender_and_subject_of_the_mail(
    world: World, language: str, discreet: bool
) -> None:
    world.publish(builders.petition(discreet=discreet))

    page = ParsedPage(post(f"/{language}/{SLUG}/sign", builders.sign_form()).text)
    world.deliver_all()

    [mail] = world.mails()
    shown = [entry.text for entry in page.all("dd")]
    assert shown[1] == mail.subject
    assert shown[0].endswith("desk@zaklik.example")
    assert ("Door Watch" in shown[0]) is not discreet


def test_the_page_is_the_same_for_an_address_that_has_signed(world: World) -> None:
    world.publish(builders.petition(discreet=False))

    def shown() -> str:
        page = ParsedPage(post(f"/en/{SLUG}/sign", builders.sign_form()).text)
        return page.text

    before = shown()
    world.deliver_all()
    world.post(world.link(), {})

    assert shown() == before


def test_the_field_for_the_code_comes_first_and_takes_no_focus(world: World) -> None:
    page = ParsedPage(post(f"/en/{SLUG}/sign", builders.sign_form()).text)

    fields = [e for e in page.all("input", "button") if e.get("type") != "hidden"]
    assert fields[0]["name"] == "code"
    assert not [e for e in page.elements if "autofocus" in e.attributes]


def test_a_wrong_code_is_named_once_beside_its_field(world: World) -> None:
    page = ParsedPage(post(f"/en/{SLUG}/sign", builders.sign_form()).text)
    pending = page.all("input")[0]["value"]

    response = post(f"/en/{SLUG}/code", {"pending": pending, "code": "00000000"})

    again = ParsedPage(response.text)
    [field] = [e for e in again.all("input") if e.get("name") == "code"]
    assert response.text.count("This is not the code from the email") == 1
    assert field["aria-describedby"] == "code-error"
    assert again.one("title").text.startswith("Please check the form – ")


def test_the_page_comes_without_the_look_of_the_mail_while_the_petition_cannot_be_read(
    world: World,
) -> None:
    page = ParsedPage(post(f"/en/{SLUG}/sign", builders.sign_form()).text)
    pending = page.all("input")[0]["value"]
    form = {"pending": pending, "code": "00000000"}
    world.restart()
    with recorded(AwsCalls()) as calls:
        post(f"/en/{SLUG}/code", form)
    world.restart()

    with recorded(AwsCalls(at=len(calls.made) - 1)):
        response = post(f"/en/{SLUG}/code", form)

    again = ParsedPage(response.text)
    assert calls.made[-1] == "dynamodb.GetItem"
    assert [e["value"] for e in again.all("input") if e["name"] == "pending"] == [pending] * 2
    assert again.all("dd") == []
