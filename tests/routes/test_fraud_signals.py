"""A held signature gets the same pages, mails and waiting times as a confirmed one."""

import re
from dataclasses import dataclass

import pytest

from ops.local.outbox import SentMail
from tests.faults import AwsCalls, recorded
from tests.routes.markup import ParsedPage
from tests.routes.requests import SAME_ORIGIN, SLUG, ApiResponse, call, get, post
from tests.world import World

TRAPPED = {"website": "https://buy.example"}
FORM = {"name": "Ганна Ш.", "country": "PL", "alerts": ""}
_SEALED = re.compile(r"[A-Za-z0-9_-]{60,}")
_CODE = re.compile(r"\b[A-Z0-9]{4} [A-Z0-9]{4}\b")


@dataclass
class Signer:
    """A signer with an address and extra form fields."""

    world: World
    address: str
    form: dict[str, str]

    def sign(self) -> ApiResponse:
        return post(f"/en/{SLUG}/sign", {**FORM, "email": self.address, **self.form})

    def last_mail(self) -> SentMail:
        self.world.deliver_all()
        return self.world.mails(self.address)[-1]

    def confirm(self) -> ApiResponse:
        return post(self.world.link_to("confirm", self.last_mail()))

    def own_page(self) -> str:
        post(f"/en/{SLUG}/manage", {"email": self.address})
        return self.world.link_to("manage", self.last_mail())


@pytest.fixture
def two(world: World) -> tuple[Signer, Signer]:
    """A person, and a program that filled in the trap; their addresses have one length."""
    return (
        Signer(world, "anna@example.org", {}),
        Signer(world, "nina@example.org", TRAPPED),
    )


def masked(text: str) -> str:
    """A page or mail with its sealed texts replaced by their lengths."""
    without_tokens = _SEALED.sub(lambda match: f"<{len(match[0])} sealed>", text)
    return _CODE.sub("<code>", without_tokens).replace("nina@", "anna@")


def assert_same_response(one: ApiResponse, other: ApiResponse) -> None:
    assert one.status == other.status == 200
    assert one.headers.keys() == other.headers.keys()
    assert masked(one.text) == masked(other.text)


def assert_same_mail(one: SentMail, other: SentMail) -> None:
    assert (one.subject, masked(one.text)) == (other.subject, masked(other.text))


def states(world: World) -> list[str]:
    return sorted(str(item["state"]) for item in world.signatures())


def test_signing_confirming_and_signing_again_look_the_same(two: tuple[Signer, Signer]) -> None:
    person, program = two

    assert_same_response(person.sign(), program.sign())
    assert_same_mail(person.last_mail(), program.last_mail())
    assert_same_response(person.confirm(), program.confirm())
    assert states(person.world) == ["confirmed", "held"]

    assert_same_response(person.sign(), program.sign())
    assert_same_mail(person.last_mail(), program.last_mail())
    assert states(person.world) == ["confirmed", "held"]


def test_a_held_signature_makes_the_same_calls(two: tuple[Signer, Signer]) -> None:
    # The first request of a process reads its secrets.
    Signer(two[0].world, "first@example.org", {}).sign()
    calls = []
    for signer in two:
        with recorded(AwsCalls()) as signing:
            signer.sign()
        signer.world.deliver_all()
        with recorded(AwsCalls()) as confirming:
            post(signer.world.link_to("confirm", signer.last_mail()))
        calls.append(signing.made)
        calls.append([name for name in confirming.made if name.startswith("dynamodb")])
        # Figures for the overview are written once in some seconds.
        signer.world.clock.advance(seconds=10)

    assert calls[:2] == calls[2:]
    assert calls[0].count("sqs.SendMessage") == 1


def test_the_own_page_and_withdrawing_are_the_same(two: tuple[Signer, Signer]) -> None:
    person, program = two
    for signer in two:
        signer.sign()
        signer.confirm()
    paths = [signer.own_page() for signer in two]
    assert_same_mail(person.last_mail(), program.last_mail())

    assert_same_response(get(paths[0]), get(paths[1]))
    fields = {"do": "withdraw", "news": "stop"}
    assert_same_response(post(paths[0], fields), post(paths[1], fields))

    assert states(person.world) == ["withdrawn", "withdrawn"]
    person.world.deliver_all()
    assert person.world.count() == 0


def test_a_held_signature_is_stored_and_not_counted(two: tuple[Signer, Signer]) -> None:
    for signer in two:
        signer.sign()
        signer.confirm()
    two[0].world.deliver_all()

    assert two[0].world.count() == 1
    assert len(two[0].world.unsealed()) == 2


def test_the_trap_is_hidden_and_never_reported_as_an_error(world: World) -> None:
    page = ParsedPage(get(f"/en/{SLUG}").text)
    trap = page.field("website")

    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert "required" not in trap.attributes
    (label,) = [e for e in page.all("label") if e.get("for") == "website"]
    assert label.text == "Leave this empty"
    (hidden,) = [e for e in page.all("div") if e.get("class") == "away"]
    assert (hidden["aria-hidden"], hidden.text) == ("true", label.text)

    back = post(f"/en/{SLUG}/sign", {**FORM, "name": "", "email": "anna@", **TRAPPED})

    assert back.status == 422
    assert "value" not in ParsedPage(back.text).field("website").attributes
    assert "website-error" not in back.text
    assert TRAPPED["website"] not in back.text


@pytest.mark.parametrize(
    ("fields", "state"), [({}, "confirmed"), (TRAPPED, "held")], ids=["alone", "with the trap"]
)
def test_a_disposable_address_holds_a_signature_only_with_another_signal(
    world: World, fields: dict[str, str], state: str
) -> None:
    signer = Signer(world, "anna@mailinator.com", fields)
    signer.sign()
    signer.confirm()

    assert states(world) == [state]


def test_a_held_signature_stores_its_fraud_signals(world: World) -> None:
    signer = Signer(world, "anna@mailinator.com", TRAPPED)
    signer.sign()
    signer.confirm()

    (item,) = world.signatures()
    assert item["signals"] == ["disposable", "honeypot"]


def test_reading_the_link_of_a_held_signature_stores_nothing(world: World) -> None:
    signer = Signer(world, "nina@example.org", TRAPPED)
    signer.sign()
    path = world.link_to("confirm", signer.last_mail())

    assert call("GET", path, headers=SAME_ORIGIN).status == 200
    assert world.signatures() == []
