"""Who may approve as a second organiser is told by mail that something waits."""

import re
from collections.abc import Sequence

import pytest

from chalicelib.domain.organisers.roles import Role
from ops.local.outbox import SentMail
from tests import builders, desk_accounts
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, recorded
from tests.routes.desk.test_updates import TEXT, begin, words_of, write_and_publish
from tests.world import World

PETITION = "/desk/petitions/open-door"
UPDATE = f"{PETITION}/updates/first-news"
LISTS = f"{PETITION}/signatures"


@pytest.fixture
def careful(world: World) -> World:
    """A petition on which two organisers decide, with people of several roles, and an update."""
    world.publish(builders.petition(version=2, approvals=frozenset({"sending", "exports"})))
    world.publish_update()
    for name, role in (("Ihar", Role.SENDER), ("Olga", Role.EXPORTER), ("Vera", Role.VIEWER)):
        desk_accounts.add(world, name, "open-door", [role])
    return world


@pytest.fixture
def hanna(careful: World) -> DeskClient:
    """A steward, who may ask for everything."""
    return DeskClient.signed_in(careful)


def told(world: World) -> Sequence[SentMail]:
    world.deliver_all()
    return world.mails()


@pytest.mark.parametrize(
    ("form", "approver"), [(f"{UPDATE}/ask", "ihar"), (LISTS, "olga")], ids=["update", "list"]
)
def test_who_may_approve_is_told_and_nobody_else(
    careful: World, hanna: DeskClient, form: str, approver: str
) -> None:
    assert hanna.post(form).status == 303

    [mail] = told(careful)
    assert mail.to == f"{approver}@example.org"
    assert mail.subject == "Something waits for your approval"
    assert f"{careful.services.settings.desk_origin}/desk\n" in mail.text


def test_the_mail_says_neither_what_waits_nor_on_which_petition(
    careful: World, hanna: DeskClient
) -> None:
    hanna.post(f"{UPDATE}/ask")

    [mail] = told(careful)
    said = (mail.subject + mail.text + mail.html).lower()
    title = builders.petition().texts["en"].title.lower()
    assert not [word for word in ("open-door", title, "first-news", "update") if word in said]


def test_who_asks_twice_for_the_same_mails_once(careful: World, hanna: DeskClient) -> None:
    for _ in range(2):
        hanna.post(f"{UPDATE}/ask")
        hanna.post(LISTS)

    assert sorted(mail.to for mail in told(careful)) == ["ihar@example.org", "olga@example.org"]


def test_what_is_asked_for_anew_is_told_anew(careful: World, hanna: DeskClient) -> None:
    hanna.post(f"{UPDATE}/ask")
    hanna.post(f"{UPDATE}/withdraw")
    careful.clock.advance(minutes=1)
    hanna.post(f"{UPDATE}/ask")

    assert [mail.to for mail in told(careful)] == ["ihar@example.org"] * 2


def test_where_no_second_organiser_is_needed_nobody_is_told(
    careful: World, hanna: DeskClient
) -> None:
    careful.publish(builders.petition(version=3))
    careful.services.cache.clear()

    assert hanna.post(LISTS).status == 303

    assert told(careful) == []


def test_what_is_asked_for_waits_though_nobody_can_be_told(
    careful: World, hanna: DeskClient
) -> None:
    with recorded(AwsCalls(at="sqs.SendMessage")) as calls:
        asked = hanna.post(f"{UPDATE}/ask")

    assert asked.status == 303
    assert "sqs.SendMessage" in calls.made
    assert told(careful) == []
    assert "Waits for another’s approval: update" in hanna.get("/desk").body.decode()


def test_a_time_asks_for_the_approval_it_needs(careful: World, hanna: DeskClient) -> None:
    at = {"day": "2026-03-10", "time": "09:00", "zone": "Europe/Minsk"}
    hanna.post(f"{UPDATE}/schedule", at)
    hanna.post(f"{UPDATE}/schedule", {**at, "time": "10:00"})

    assert [mail.to for mail in told(careful)] == ["ihar@example.org"]
    assert "You asked at" in hanna.get(f"{UPDATE}/send").body.decode()


def test_a_change_of_what_was_approved_is_asked_for_anew(careful: World, hanna: DeskClient) -> None:
    ihar = DeskClient.signed_in(careful, name="Ihar", roles=[Role.SENDER])
    path = begin(hanna)
    write_and_publish(hanna, path)
    hanna.post(f"{path}/schedule", {"day": "2026-03-10", "time": "09:00", "zone": "UTC"})
    digest = re.search(r'name="digest" value="(\w+)"', words_of(ihar.get(f"{path}/send")))
    assert digest
    assert ihar.post(f"{path}/approve", {"digest": digest[1]}).status == 303
    before = len(told(careful))
    amended = {**TEXT, "base": "2", "texts.en.title": "The door fell"}
    assert hanna.post(f"{path}/text", amended).status == 303
    version = re.search(r'name="version" value="(\d+)"', words_of(hanna.get(path)))
    assert version
    assert hanna.post(f"{path}/publish", {"version": version[1]}).status == 303

    assert [mail.to for mail in told(careful)[before:]] == ["ihar@example.org"]
    assert "Approve: it goes out at" in words_of(ihar.get(f"{path}/send"))


def test_what_was_sent_is_not_asked_for_again(careful: World, hanna: DeskClient) -> None:
    ihar = DeskClient.signed_in(careful, name="Ihar", roles=[Role.SENDER])
    path = begin(hanna)
    write_and_publish(hanna, path)
    hanna.post(f"{path}/ask")
    digest = re.search(r'name="digest" value="(\w+)"', words_of(ihar.get(f"{path}/send")))
    assert digest
    ihar.post(f"{path}/approve", {"digest": digest[1]})
    before = len(told(careful))
    hanna.post(f"{path}/text", {**TEXT, "base": "2", "texts.en.title": "The door fell"})
    version = re.search(r'name="version" value="(\d+)"', words_of(hanna.get(path)))
    assert version
    assert hanna.post(f"{path}/publish", {"version": version[1]}).status == 303

    assert told(careful)[before:] == []
