"""Whose signature is held sees, is mailed and waits for the same as anybody else."""

import re
from dataclasses import dataclass

import pytest

from ops.local.outbox import SentMail
from tests.faults import AwsCalls, recorded
from tests.routes.markup import Page
from tests.routes.requests import OWN_PAGE, SLUG, Answer, knock, read, send
from tests.world import World

TRAPPED = {"website": "https://buy.example"}
FORM = {"name": "Ганна Ш.", "country": "PL", "alerts": ""}
_SEALED = re.compile(r"[A-Za-z0-9_-]{60,}")
_CODE = re.compile(r"\b[A-Z0-9]{4} [A-Z0-9]{4}\b")


@dataclass
class Signer:
    """Somebody at the front door; what they are shown is kept, with what is sealed blotted out."""

    world: World
    address: str
    form: dict[str, str]

    def sign(self) -> Answer:
        return send(f"/en/{SLUG}/sign", {**FORM, "email": self.address, **self.form})

    def last_mail(self) -> SentMail:
        self.world.deliver_all()
        return self.world.mails(self.address)[-1]

    def confirm(self) -> Answer:
        return send(self.world.link_to("confirm", self.last_mail()))

    def own_page(self) -> str:
        send(f"/en/{SLUG}/manage", {"email": self.address})
        return self.world.link_to("manage", self.last_mail())


@pytest.fixture
def two(world: World) -> tuple[Signer, Signer]:
    """A person, and a program that fell into the trap; their addresses are of one length."""
    return (
        Signer(world, "anna@example.org", {}),
        Signer(world, "nina@example.org", TRAPPED),
    )


def blotted(text: str) -> str:
    """A page or mail with its sealed texts replaced by how long they are."""
    sized = _SEALED.sub(lambda found: f"<{len(found[0])} sealed>", text)
    return _CODE.sub("<code>", sized).replace("nina@", "anna@")


def alike(one: Answer, other: Answer) -> None:
    assert one.status == other.status == 200
    assert one.headers.keys() == other.headers.keys()
    assert blotted(one.text) == blotted(other.text)


def mailed_alike(one: SentMail, other: SentMail) -> None:
    assert (one.subject, blotted(one.text)) == (other.subject, blotted(other.text))


def states(world: World) -> list[str]:
    return sorted(str(item["state"]) for item in world.signatures())


def test_signing_confirming_and_signing_again_look_the_same(two: tuple[Signer, Signer]) -> None:
    person, program = two

    alike(person.sign(), program.sign())
    mailed_alike(person.last_mail(), program.last_mail())
    alike(person.confirm(), program.confirm())
    assert states(person.world) == ["confirmed", "held"]

    alike(person.sign(), program.sign())
    mailed_alike(person.last_mail(), program.last_mail())
    assert states(person.world) == ["confirmed", "held"]


def test_a_held_signature_makes_the_same_calls(two: tuple[Signer, Signer]) -> None:
    # A process reads its secrets once, whoever comes first.
    Signer(two[0].world, "first@example.org", {}).sign()
    made = []
    for signer in two:
        with recorded(AwsCalls()) as signing:
            signer.sign()
        signer.world.deliver_all()
        with recorded(AwsCalls()) as confirming:
            send(signer.world.link_to("confirm", signer.last_mail()))
        made.append(signing.made)
        made.append([call for call in confirming.made if call.startswith("dynamodb")])

    assert made[:2] == made[2:]
    assert made[0].count("sqs.SendMessage") == 1


def test_ones_own_page_and_withdrawing_are_the_same(two: tuple[Signer, Signer]) -> None:
    person, program = two
    for signer in two:
        signer.sign()
        signer.confirm()
    paths = [signer.own_page() for signer in two]
    mailed_alike(person.last_mail(), program.last_mail())

    alike(read(paths[0]), read(paths[1]))
    pressed = {"do": "withdraw", "news": "stop"}
    alike(send(paths[0], pressed), send(paths[1], pressed))

    assert states(person.world) == ["withdrawn", "withdrawn"]
    person.world.deliver_all()
    assert person.world.count() == 0


def test_a_held_signature_is_not_counted_and_not_forgotten(two: tuple[Signer, Signer]) -> None:
    for signer in two:
        signer.sign()
        signer.confirm()
    two[0].world.deliver_all()

    assert two[0].world.count() == 1
    assert len(two[0].world.unsealed()) == 2


def test_the_trap_is_out_of_sight_and_never_comes_back_as_a_fault(world: World) -> None:
    page = Page(read(f"/en/{SLUG}").text)
    trap = page.field("website")

    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert "required" not in trap.attributes
    (label,) = [each for each in page.all("label") if each.get("for") == "website"]
    assert label.text == "Leave this empty"
    (away,) = [each for each in page.all("div") if each.get("class") == "away"]
    assert (away["aria-hidden"], away.text) == ("true", label.text)

    back = send(f"/en/{SLUG}/sign", {**FORM, "name": "", "email": "anna@", **TRAPPED})

    assert back.status == 422
    assert "value" not in Page(back.text).field("website").attributes
    assert "website-error" not in back.text
    assert TRAPPED["website"] not in back.text


@pytest.mark.parametrize(
    ("email", "proof", "state"),
    [
        ("anna@mailinator.com", {}, "confirmed"),
        ("anna@mailinator.com", TRAPPED, "held"),
    ],
)
def test_an_address_that_lives_for_minutes_is_a_sign_and_no_wall(
    world: World, email: str, proof: dict[str, str], state: str
) -> None:
    signer = Signer(world, email, proof)
    signer.sign()
    signer.confirm()

    assert states(world) == [state]


def test_a_held_signature_keeps_what_spoke_against_it(world: World) -> None:
    signer = Signer(world, "anna@mailinator.com", TRAPPED)
    signer.sign()
    signer.confirm()

    (item,) = world.signatures()
    assert item["signals"] == ["disposable", "honeypot"]


def test_a_scanner_that_reads_the_link_holds_nothing_and_counts_nothing(world: World) -> None:
    signer = Signer(world, "nina@example.org", TRAPPED)
    signer.sign()
    path = world.link_to("confirm", signer.last_mail())

    assert knock("GET", path, headers=OWN_PAGE).status == 200
    assert world.signatures() == []
