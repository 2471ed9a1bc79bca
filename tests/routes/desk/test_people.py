"""The people of a petition at the desk: invited, changed, removed, recovered."""

import pytest

from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.store.organisers import trail
from tests import desk_accounts
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, recorded
from tests.world import World

PEOPLE = desk_urls.petition("open-door", "people")
MARIA = desk_urls.organiser("open-door", desk_accounts.id_of("Maria"))
INVITATION = {"name": "Olga", "email": "olga@example.org", "role-editor": "yes"}


@pytest.fixture
def hanna(world: World) -> DeskClient:
    """A steward."""
    return DeskClient.signed_in(world)


@pytest.fixture
def maria(world: World, hanna: DeskClient) -> DeskClient:
    """An editor of the same petition."""
    return DeskClient.signed_in(world, roles=[Role.EDITOR], name="Maria")


def text(client: DeskClient, path: str = PEOPLE) -> str:
    page = client.get(path)
    assert page.status == 200
    return page.body.decode()


def acts(world: World) -> list[tuple[str, bool]]:
    lines = trail.all_of(world.services.organisers, "open-door")
    return [(line.act, line.refused) for line in lines]


def test_a_steward_invites_somebody(world: World, hanna: DeskClient) -> None:
    answer = hanna.post(PEOPLE, INVITATION)

    world.deliver_all()
    assert (answer.status, answer.header("location")) == (303, f"{PEOPLE}#saved")
    assert [mail.to for mail in world.mails()] == ["olga@example.org"]
    page = text(hanna)
    assert "Olga" in page
    assert "invited" in page
    assert "olga@" not in page
    assert acts(world) == [(Act.INVITE, False)]


def test_a_wrong_invitation_keeps_what_was_typed(hanna: DeskClient) -> None:
    answer = hanna.post(PEOPLE, {**INVITATION, "email": "olga"})

    page = answer.body.decode()
    assert answer.status == 422
    assert 'value="Olga"' in page
    assert 'value="olga"' in page
    assert 'name="role-editor" type="checkbox" value="yes" checked' in page


def test_an_invitation_whose_mail_fails_can_be_sent_again(world: World, hanna: DeskClient) -> None:
    with recorded(AwsCalls(at="sqs.SendMessage")):
        answer = hanna.post(PEOPLE, INVITATION)

    assert b"Send it again" in answer.body
    assert "Olga" in text(hanna)


def test_roles_are_changed_and_taken(hanna: DeskClient, maria: DeskClient) -> None:
    assert hanna.post(MARIA, {"role-sender": "yes"}).status == 303
    assert "sender" in text(maria)

    assert hanna.post(MARIA, {"remove": "yes"}).status == 303

    assert maria.get(PEOPLE).status == 403
    assert "Maria" not in text(hanna)


def test_roles_without_one_that_is_ticked_remove_nobody(
    hanna: DeskClient, maria: DeskClient
) -> None:
    answer = hanna.post(MARIA, {})

    assert answer.status == 422
    assert "Choose at least one role, or use “Remove”".encode() in answer.body
    assert "editor" in text(maria)


def test_the_last_steward_cannot_go(world: World, hanna: DeskClient) -> None:
    me = desk_urls.organiser("open-door", desk_accounts.id_of("Hanna"))

    answer = hanna.post(me, {"role-viewer": "yes"})

    assert answer.status == 422
    assert b"A petition needs a steward" in answer.body
    assert acts(world)[-1] == ("change roles", True)
    assert hanna.post(me, {"role-steward": "yes", "role-viewer": "yes"}).status == 303


@pytest.mark.parametrize("path", [PEOPLE, f"{PEOPLE}/add", MARIA, f"{MARIA}/recover"])
def test_others_change_nothing_and_leave_a_line(world: World, maria: DeskClient, path: str) -> None:
    answer = maria.post(path, {**INVITATION, "role-steward": "yes"})

    assert answer.status == 403
    assert [refused for _, refused in acts(world)] == [True]
    assert "editor" in text(maria)


def test_a_stolen_cookie_changes_no_role(world: World, maria: DeskClient) -> None:
    stolen = DeskClient.signed_in(world, touched=False)

    assert stolen.post(MARIA, {"role-steward": "yes"}).status == 403
    assert stolen.post(PEOPLE, INVITATION).status == 403
    assert "steward" not in text(maria).split("Maria")[1].split("</tr>")[0]


def test_a_recovery_needs_a_printed_code(
    world: World, hanna: DeskClient, maria: DeskClient
) -> None:
    refused = hanna.post(f"{MARIA}/recover")
    assert b"has no recovery code" in refused.body

    maria.post(desk_urls.RECOVERY_CODE)
    assert hanna.post(f"{MARIA}/recover").status == 200

    world.deliver_all()
    assert [mail.to for mail in world.mails()] == ["maria@example.org"]
    assert b"Recovery code" in DeskClient().get(world.link()).body


def test_an_invitation_is_sent_again_only_before_it_is_used(
    world: World, hanna: DeskClient, maria: DeskClient
) -> None:
    assert b"has entered already" in hanna.post(f"{MARIA}/invite-again").body
    hanna.post(PEOPLE, INVITATION)
    olga = text(hanna).split("Olga")[1].split('href="')[1].split('"')[0]

    assert hanna.post(f"{olga}/invite-again").status == 200

    world.deliver_all()
    assert [mail.to for mail in world.mails()] == ["olga@example.org"] * 2


def test_a_stranger_among_the_people_leads_back(hanna: DeskClient) -> None:
    stranger = desk_urls.organiser("open-door", "0" * 16)

    answers = [hanna.get(stranger), hanna.post(stranger, {"role-viewer": "yes"})]

    assert [answer.header("location") for answer in answers] == [PEOPLE, PEOPLE]


def test_a_viewer_sees_people_without_forms(world: World, hanna: DeskClient) -> None:
    viewer = DeskClient.signed_in(world, roles=[Role.VIEWER], name="Vera")

    page = text(viewer)

    assert "Hanna" in page
    assert "Invite somebody" not in page
