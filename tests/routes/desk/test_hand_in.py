"""A petition is handed in with a report, and a steward says on which day."""

from datetime import date

import pytest

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.organisers.roles import Role
from chalicelib.store.organisers import trail
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import publishing
from ops.local.api_gateway import HttpResponse
from tests import builders
from tests.desk_client import DeskClient
from tests.world import World

PATH = "/desk/petitions/open-door/hand-in"


def text(answer: HttpResponse) -> str:
    return answer.body.decode()


def handed_in_on(world: World) -> date | None:
    return petitions.get(world.services.petitions, "open-door").handed_in_on


def acts(world: World) -> list[tuple[str, str]]:
    entries, _ = trail.page_of(world.services.organisers, "open-door")
    return [(entry.act, entry.detail) for entry in entries]


@pytest.mark.parametrize("role", Role)
def test_everybody_with_a_role_sees_the_report(world: World, role: Role) -> None:
    world.sign_and_confirm(country="PL")
    client = DeskClient.signed_in(world, roles=[role])

    overview, report = client.get(PATH), client.get(f"{PATH}/en")

    assert (overview.status, report.status) == (200, 200)
    assert "1 confirmed signature" in text(report)
    assert "nobody who has signed" in text(report)
    assert ("Mark it handed in" in text(overview)) == (role is Role.STEWARD)


def test_the_report_is_a_page_in_its_own_language(world: World) -> None:
    client = DeskClient.signed_in(world)

    report = text(client.get(f"{PATH}/be"))

    assert '<html lang="be" dir="ltr">' in report
    assert "Справаздача пра подпісы пад петыцыяй" in report
    assert "Sign out" not in report


def test_a_language_that_is_none_of_the_petition_shows_its_first(world: World) -> None:
    assert '<html lang="en"' in text(DeskClient.signed_in(world).get(f"{PATH}/xx"))


def test_markup_in_texts_is_text(world: World) -> None:
    written = builders.petition_text(title="<script>x</script>", target="<b>You</b>")
    world.publish(builders.petition(version=2, texts={"en": written}))

    report = text(DeskClient.signed_in(world).get(f"{PATH}/en"))

    assert "<script>" not in report
    assert "&lt;b&gt;You&lt;/b&gt;" in report


def test_the_page_says_beforehand_that_two_people_decide(world: World) -> None:
    client = DeskClient.signed_in(world)
    milestones, approvals = (Milestone.HANDED_IN,), frozenset({"sending"})
    world.publish(builders.petition(version=2, milestones=milestones, approvals=approvals))

    shown = text(client.get(PATH))

    assert "Two people decide whether it is mailed" in shown
    assert "mails it to subscribers" not in shown


def test_a_steward_marks_the_petition_handed_in(world: World) -> None:
    client = DeskClient.signed_in(world)

    answer = client.post(PATH, {"day": "2026-03-07"})

    assert (answer.status, answer.header("location")) == (303, PATH)
    assert handed_in_on(world) == date(2026, 3, 7)
    assert acts(world) == [("hand in", "2026-03-07")]
    assert "Handed in on 7 March 2026" in text(client.get(PATH))
    assert "7 March 2026" in text(client.get(f"{PATH}/en"))


def test_the_same_day_twice_makes_no_new_version(world: World) -> None:
    client = DeskClient.signed_in(world)
    client.post(PATH, {"day": "2026-03-07"})
    version = petitions.get(world.services.petitions, "open-door").version

    client.post(PATH, {"day": "2026-03-07"})

    assert petitions.get(world.services.petitions, "open-door").version == version


def test_a_publication_without_the_day_keeps_it(world: World) -> None:
    DeskClient.signed_in(world).post(PATH, {"day": "2026-03-07"})

    publishing.publish_petition(world.services, builders.petition(goals=(5, 50)))

    assert handed_in_on(world) == date(2026, 3, 7)


@pytest.mark.parametrize("typed", ["", "soon", "2026-03-09", "2020-01-01", "<b>"])
def test_a_wrong_day_is_named_and_kept(world: World, typed: str) -> None:
    answer = DeskClient.signed_in(world).post(PATH, {"day": typed})

    assert answer.status == 422
    assert "Please check the form" in text(answer)
    assert "<b>" not in text(answer)
    assert handed_in_on(world) is None
    assert acts(world) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STEWARD])
def test_nobody_but_a_steward_marks_it(world: World, role: Role) -> None:
    answer = DeskClient.signed_in(world, roles=[role]).post(PATH, {"day": "2026-03-07"})

    assert answer.status == 403
    assert handed_in_on(world) is None


def test_marking_needs_a_fresh_touch(world: World) -> None:
    DeskClient.signed_in(world, touched=False).post(PATH, {"day": "2026-03-07"})

    assert handed_in_on(world) is None


def test_the_page_says_whether_news_will_be_mailed(world: World) -> None:
    client = DeskClient.signed_in(world)
    silent = text(client.get(PATH))
    publishing.publish_petition(
        world.services, builders.petition(milestones=(Milestone.HANDED_IN,))
    )

    assert "Nothing is mailed" in silent
    assert "mails it to subscribers" in text(client.get(PATH))


def test_the_news_that_is_mailed_is_shown_before(world: World) -> None:
    world.publish(builders.petition(version=2, milestones=(Milestone.HANDED_IN,)))

    page = text(DeskClient.signed_in(world).get(PATH))

    assert "The petition was handed in" in page
    assert "was handed in." in page.partition("<pre")[2]
