"""What is typed to stop parts of a petition."""

import pytest

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.store.organisers import trail
from chalicelib.store.petitions import petitions
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World


def test_a_switch_is_thrown_and_shown(operator: World) -> None:
    off = zaklik("switch", "off", "signing", "open-door").stdout
    listed = zaklik("switch", "list").stdout
    on = zaklik("switch", "on", "signing", "--all").stdout

    assert "Nobody can ask to sign" in off
    assert "zaklik switch on signing open-door" in off
    assert "open-door: off: signing" in listed
    assert "“signing” is on" in on
    assert "everything is on" in zaklik("switch", "list").stdout
    lines, _ = trail.page_of(operator.services.organisers, "open-door")
    assert [(line.act, line.actor) for line in lines] == [
        ("switch on", OPERATOR),
        ("switch off", OPERATOR),
    ]


def test_a_notice_is_shown_and_taken_away(operator: World) -> None:
    texts = ["en=We move house.", "be=Мы пераязджаем.", "ru=Мы переезжаем."]

    shown = zaklik("switch", "notice", "open-door", *texts).stdout
    stored = petitions.get(operator.services.petitions, "open-door").switches.notice
    listed = zaklik("switch", "list").stdout
    gone = zaklik("switch", "notice", "open-door").stdout

    assert "The notice is shown" in shown
    assert stored["en"] == "We move house."
    assert "Мы пераязджаем." in listed
    assert "No notice is shown" in gone


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["off", "signing"], "Name one petition"),
        (["off", "signing", "open-door", "--all"], "Name one petition"),
        (["on", "mails", "shut-door"], "no petition “shut-door”"),
        (["notice", "shut-door"], "no petition “shut-door”"),
        (["notice", "open-door", "en"], "LANGUAGE=TEXT"),
        (["notice", "open-door", "be=Толькі гэта."], "“en”: Write it here at least"),
    ],
)
def test_what_cannot_be_switched_is_refused(operator: World, words: list[str], why: str) -> None:
    assert why in refused(zaklik("switch", *words))
