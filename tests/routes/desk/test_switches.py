"""A steward throws switches at the desk; the trail says who did."""

import pytest

from chalicelib.domain.organisers.roles import Role
from chalicelib.store.organisers import trail
from chalicelib.store.petitions import petitions
from tests.desk_client import DeskClient
from tests.world import World

PAGE = "/desk/petitions/open-door/switches"
NOTICE = {"notice-en": "We move house.", "notice-be": "Пераязджаем.", "notice-ru": "Переезжаем."}


def lines(world: World) -> list[tuple[str, str, bool]]:
    found, _ = trail.page_of(world.services.organisers, "open-door")
    return [(line.act, line.detail, line.refused) for line in reversed(found)]


def test_a_steward_switches_signing_off_and_on_again(world: World) -> None:
    steward = DeskClient.signed_in(world)

    off = steward.post(f"{PAGE}/throw", {"name": "signing", "to": "off"})
    paused = world.sign().status_code
    page = steward.get(PAGE).body.decode()
    steward.post(f"{PAGE}/throw", {"name": "signing", "to": "on"})

    assert (off.status, off.header("Location")) == (303, f"{PAGE}#saved")
    assert paused == 403
    assert "Switch signing on" in page
    assert world.sign().status_code == 200
    assert lines(world) == [("switch off", "signing", False), ("switch on", "signing", False)]


def test_proofs_of_work_are_asked_for_and_no_longer(world: World) -> None:
    steward = DeskClient.signed_in(world)

    steward.post(f"{PAGE}/throw", {"name": "proof", "to": "on"})
    asked = world.sign().status_code
    steward.post(f"{PAGE}/throw", {"name": "proof", "to": "off"})

    assert asked == 429
    assert world.sign().status_code == 200


def test_a_notice_is_shown_and_taken_away(world: World) -> None:
    steward = DeskClient.signed_in(world)

    steward.post(f"{PAGE}/notice", NOTICE)
    shown = world.get("/be/open-door").body.decode()
    steward.post(f"{PAGE}/notice", dict.fromkeys(NOTICE, ""))

    assert "Пераязджаем." in shown
    assert "Пераязджаем." not in world.get("/be/open-door").body.decode()
    assert lines(world) == [("set notice", "shown", False), ("set notice", "taken away", False)]


def test_a_notice_without_the_first_language_comes_back_as_it_was_typed(world: World) -> None:
    steward = DeskClient.signed_in(world)

    page = steward.post(f"{PAGE}/notice", {**NOTICE, "notice-en": ""})

    assert page.status == 422
    assert "Пераязджаем." in page.body.decode()
    assert '<a href="#notice-en">English: Write it here at least' in page.body.decode()
    assert petitions.get(world.services.petitions, "open-door").switches.notice == {}
    assert lines(world) == []


def test_a_switch_needs_a_fresh_touch(world: World) -> None:
    steward = DeskClient.signed_in(world, touched=False)

    page = steward.post(f"{PAGE}/throw", {"name": "signing", "to": "off"})

    assert page.status == 403
    assert world.sign().status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.SENDER, Role.EXPORTER])
def test_nobody_but_a_steward_throws_switches(world: World, role: Role) -> None:
    organiser = DeskClient.signed_in(world, roles=[role])

    page = organiser.post(f"{PAGE}/throw", {"name": "signing", "to": "off"})

    assert page.status == 403
    assert world.sign().status_code == 200


def test_an_unknown_switch_is_refused(world: World) -> None:
    page = DeskClient.signed_in(world).post(f"{PAGE}/throw", {"name": "everything", "to": "off"})

    assert page.status == 400
    assert lines(world) == []
