"""The end of a petition at the desk: only a steward, who types its name, destroys its data."""

import json
from datetime import date

import pytest

from chalicelib.domain.organisers.roles import Role
from chalicelib.routes.desk.forms import UploadedFile
from chalicelib.store.organisers import trail
from tests import builders
from tests.desk_client import DeskClient
from tests.ops.folders import PETITION_TEXT
from tests.world import World

SLUG = "open-door"
END = f"/desk/petitions/{SLUG}/end"


@pytest.fixture
def ended(world: World) -> World:
    """A petition with a signature, which has ended."""
    world.sign_and_confirm()
    world.publish_signed(builders.petition(closes_on=date(2026, 3, 7)))
    return world


def test_the_page_says_what_would_go(ended: World) -> None:
    page = DeskClient.signed_in(ended).get(END).body.decode()

    assert "<span>Confirmed signatures</span><strong>1</strong>" in page
    assert "Delete for good</button>" in page
    assert "The petition is closed" in page
    assert f'href="{END}/close"' not in page


def test_an_open_petition_has_no_form(world: World) -> None:
    client = DeskClient.signed_in(world)

    page = client.get(END).body.decode()
    forced = client.post(f"{END}/destroy", {"name": SLUG})

    assert "The petition has not ended" in page
    assert f'href="{END}/close"' in page
    assert "Delete for good</button>" not in page
    assert forced.status == 422


def test_a_name_that_is_mistyped_deletes_nothing(ended: World) -> None:
    answer = DeskClient.signed_in(ended).post(f"{END}/destroy", {"name": "open door"})

    assert answer.status == 422
    assert "Type open-door" in answer.body.decode()
    ended.deliver_all()
    assert len(ended.signatures()) == 1


def test_the_right_name_deletes_everything_and_gives_a_certificate(ended: World) -> None:
    client = DeskClient.signed_in(ended)

    path = client.post(f"{END}/destroy", {"name": SLUG}).header("location")
    waiting = client.get(path).body.decode()
    ended.deliver_all(100)
    done = client.get(path).body.decode()
    values = json.loads(client.get(f"{path}/certificate.json").body)
    words = client.get(f"{path}/certificate.txt").body.decode()

    assert "Parts that are done" in waiting
    assert "Everything is deleted" in done
    assert json.loads(values["certificate"])["asked_by"] == "Hanna"
    assert "- signatures: 1;" in words
    assert ended.signatures() == []
    assert [line.act for line in trail.all_of(ended.services.organisers, SLUG)] == ["destroy data"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STEWARD])
def test_nobody_but_a_steward_sees_or_sends_it(ended: World, role: Role) -> None:
    client = DeskClient.signed_in(ended, roles=[role], name="Viera")

    assert client.get(END).status == 403
    assert client.post(f"{END}/destroy", {"name": SLUG}).status == 403


def test_the_text_page_says_that_its_drafts_were_deleted(ended: World) -> None:
    client = DeskClient.signed_in(ended)
    viewer = DeskClient.signed_in(ended, name="Vera", roles=[Role.VIEWER])
    text, folder = (f"/desk/petitions/{SLUG}/write{part}" for part in ("", "/folder"))
    file = UploadedFile(name="en.md", content=PETITION_TEXT.encode(), media_type="")
    client.post(folder, {}, {"a": file})
    before = client.get(text).body.decode()

    job = client.post(f"{END}/destroy", {"name": SLUG}).header("location")
    ended.deliver_all(100)
    deleted, for_viewer = (each.get(text).body.decode() for each in (client, viewer))
    client.post(folder, {}, {"a": file})
    brought_back = client.get(text).body.decode()

    assert "Days, goals, organiser" in before
    assert "Hanna asked for it on 2026-03-08" in deleted
    assert "Days, goals, organiser" not in deleted
    assert f'href="{folder}"' in deleted
    assert f'href="{job}"' in deleted
    assert f'href="{job}"' not in for_viewer
    assert "The drafts were deleted" in for_viewer
    assert "Days, goals, organiser" in brought_back
