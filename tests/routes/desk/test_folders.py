"""The folder of a petition with its updates: out of the desk, and in again."""

import html
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.petitions.source import UpdateSource
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering import zip_files
from chalicelib.routes.desk import forms
from chalicelib.routes.desk.forms import UploadedFile
from chalicelib.store.organisers import drafts, update_drafts
from chalicelib.store.petitions import updates
from chalicelib.usecases.petitions import drafting, folders, update_drafting, update_folders
from ops.local.api_gateway import HttpResponse
from tests import builders
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.ops.folders import UPDATE_TEXT, UPDATE_TOML
from tests.world import World

SLUG: Final = "open-door"
DESK: Final = f"/desk/petitions/{SLUG}"
FOLDER: Final = f"{DESK}/write/folder"
NEWS: Final = {
    "updates/door-news/update.toml": f'{UPDATE_TOML}send_at = "2030-01-31T09:00 Europe/Minsk"\n',
    "updates/door-news/en.md": UPDATE_TEXT,
}


@pytest.fixture
def hanna(world: World) -> DeskClient:
    """A steward of the petition."""
    return DeskClient.signed_in(world)


def upload(client: DeskClient, files: Mapping[str, str]) -> HttpResponse:
    content = zip_files.packed({f"{SLUG}/{path}": text.encode() for path, text in files.items()})
    return upload_zip(client, content)


def upload_zip(client: DeskClient, content: bytes) -> HttpResponse:
    file = UploadedFile(name="door.zip", content=content, media_type="application/zip")
    return client.post(FOLDER, {}, {"file-1": file})


def download(client: DeskClient) -> Mapping[str, str]:
    with zipfile.ZipFile(io.BytesIO(client.get(f"{FOLDER}.zip").body)) as packed:
        return {
            name.removeprefix(f"{SLUG}/"): packed.read(name).decode() for name in packed.namelist()
        }


def words_of(page: HttpResponse) -> str:
    return html.unescape(page.body.decode())


def publish(client: DeskClient, name: str = "door-news") -> None:
    assert client.post(f"{DESK}/updates/{name}/publish", {"version": "1"}).status == 303


def published(world: World, name: str = "door-news") -> Update:
    return updates.get(world.services.petitions, SLUG, name)


def version_of(world: World, name: str = "door-news") -> int:
    return drafting.get_draft(world.services, f"{SLUG}/{name}").version.number


def test_an_update_in_a_folder_is_a_draft_that_nobody_gets(world: World, hanna: DeskClient) -> None:
    taken = upload(hanna, NEWS)

    assert taken.status == 200
    assert "have a new draft" in words_of(taken)
    assert f'href="{DESK}/updates/door-news"' in words_of(taken)
    assert "The door moved" in words_of(hanna.get(f"{DESK}/updates"))
    with pytest.raises(NotFound):
        published(world)
    assert updates.list_scheduled(world.services.petitions) == []


def test_what_comes_out_goes_in_and_is_the_same(world: World, hanna: DeskClient) -> None:
    upload(hanna, NEWS | {name.replace("door", "old"): text for name, text in NEWS.items()})
    publish(hanna, "old-news")
    before = download(hanna)
    update_drafting.discard(world.services, f"{SLUG}/door-news")

    brought_back = upload(hanna, before)
    again = upload(hanna, before)

    assert {name for name in before if "news" in name} == {
        *NEWS,
        "updates/old-news/update.toml",
        "updates/old-news/en.md",
    }
    assert before["updates/door-news/en.md"] == UPDATE_TEXT
    assert "door-news" in words_of(brought_back)
    assert "old-news" not in words_of(brought_back)
    assert again.status == 303
    assert download(hanna) == before
    assert version_of(world) == 1


def test_a_published_update_stays_and_the_page_says_what_differs(
    world: World, hanna: DeskClient
) -> None:
    upload(hanna, NEWS)
    publish(hanna)
    before = published(world)

    changed = {name: text.replace("moved a little", "was taken") for name, text in NEWS.items()}
    answer = upload(hanna, changed)

    assert "stay as they are" in words_of(answer)
    assert "door-news" in words_of(answer)
    assert published(world) == before
    assert version_of(world) == 1


def test_a_published_update_whose_draft_was_destroyed_gets_it_back(
    world: World, hanna: DeskClient
) -> None:
    before = world.publish_update(builders.update(name="door-news"))

    taken = upload(hanna, NEWS)

    assert "stay as they are" not in words_of(taken)
    assert version_of(world) == 1
    assert published(world) == before


def test_the_time_of_a_published_update_is_the_one_that_holds(
    world: World, hanna: DeskClient
) -> None:
    upload(hanna, NEWS)
    publish(hanna)
    unscheduled = download(hanna)["updates/door-news/update.toml"]
    time = {"day": "2030-02-01", "time": "10:30", "zone": "Europe/Vilnius"}
    hanna.post(f"{DESK}/updates/door-news/schedule", time)
    files = download(hanna)

    assert "send_at" not in unscheduled
    assert (
        'send_at = "2030-02-01T10:30:00 Europe/Vilnius"' in files["updates/door-news/update.toml"]
    )
    assert upload(hanna, files).status == 303
    assert published(world).send_at == datetime(2030, 2, 1, 8, 30, tzinfo=UTC)


def test_what_the_folder_lacks_stays_in_the_draft(world: World, hanna: DeskClient) -> None:
    upload(hanna, NEWS)

    upload(hanna, {"updates/door-news/be.md": UPDATE_TEXT})

    assert set(download(hanna)) >= {*NEWS, "updates/door-news/be.md"}
    assert version_of(world) == 2


def test_what_the_service_wrote_is_in_no_folder(world: World, hanna: DeskClient) -> None:
    world.publish_update(builders.update(name="goal-100", automatic=True))

    assert not any("goal" in name for name in download(hanna))


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("updates/day-2026-03-08/en.md", UPDATE_TEXT, "calls a digest"),
        ("updates/goal-100/en.md", UPDATE_TEXT, "at a milestone"),
        ("updates/News/en.md", UPDATE_TEXT, "does not fit an address"),
        (f"updates/{'x' * 65}/en.md", UPDATE_TEXT, "does not fit an address"),
        ("updates/news/en.md", "no lines", "must begin with lines"),
        ("updates/news/en.md", f"---\n---\n{'x' * 60_000}", "larger than"),
        ("updates/news/en.md", "---\ntitle: a\ntitle: b\n---\n", "stands here twice"),
        ("updates/news/update.toml", "published_on = soon", "This is not TOML"),
        ("updates/news/notes.docx", "x", "no file of an update"),
        ("updates/news/picture.svg", "<svg/>", "no file of an update"),
        ("news/update.toml", UPDATE_TOML, "does not lie in the folder of one"),
    ],
)
def test_updates_that_cannot_be_read_change_nothing(
    world: World, hanna: DeskClient, path: str, text: str, words: str
) -> None:
    answer = upload(hanna, {**NEWS, "en.md": "---\ntitle: New\n---\n", path: text})

    assert answer.status == 422
    assert words in words_of(answer)
    assert update_drafts.list_titles(world.services.organisers, SLUG) == {}
    assert drafting.find_draft(world.services, SLUG) is None


def test_what_systems_add_to_a_zip_is_left_out(hanna: DeskClient) -> None:
    added = {"__MACOSX/updates/door-news/._en.md": "x", "updates/.DS_Store": "x"}

    assert "have a new draft" in words_of(upload(hanna, {**NEWS, **added}))


def test_a_half_written_update_is_taken_as_it_is(world: World, hanna: DeskClient) -> None:
    upload(hanna, {"updates/door-news/update.toml": "published_on = 7\nother = 1\n"})

    text = words_of(hanna.get(f"{DESK}/updates/door-news/text"))
    assert "must be a date" in text
    assert download(hanna)["updates/door-news/update.toml"] == "published_on = 7\nother = 1\n"


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", ["dynamodb.PutItem", "dynamodb.TransactWriteItems"])
def test_a_folder_of_which_a_part_was_stored_can_be_uploaded_again(
    world: World, hanna: DeskClient, call: str, fault: Fault
) -> None:
    files = {**NEWS, **{name.replace("door", "old"): text for name, text in NEWS.items()}}
    content = {f"{SLUG}/{name}": text.encode() for name, text in files.items()}

    def take() -> None:
        folders.take(world.services, SLUG, content, by=OPERATOR, note="Files were uploaded")

    with recorded(AwsCalls(at=call, fault=fault)), pytest.raises((Crash, Unavailable)):
        take()
    take()

    assert {name for name in download(hanna) if name in files} == files.keys()
    assert (version_of(world), version_of(world, "old-news")) == (1, 1)


def test_what_another_saves_during_an_upload_stays(
    world: World, hanna: DeskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(hanna, {"en.md": "---\ntitle: English\n---\n", "be.md": "---\ntitle: Old\n---\n"})
    add, raced = drafts.add, list[bool]()

    def raced_add(*arguments: Any, **options: Any) -> None:
        if not raced:
            raced.append(True)
            values = {"texts.be.title": "Ivan was faster."}
            drafting.save(world.services, SLUG, base=1, values=values, by=OPERATOR)
        add(*arguments, **options)

    monkeypatch.setattr(drafts, "add", raced_add)
    upload(hanna, {"en.md": "---\ntitle: New\n---\n"})

    files = download(hanna)
    assert "title: New" in files["en.md"]
    assert "title: Ivan was faster." in files["be.md"]


def test_an_update_that_is_published_during_an_upload_is_the_one_that_was_looked_at(
    world: World, hanna: DeskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(hanna, NEWS)
    save = update_folders.save

    def raced_save(*arguments: Any, **options: Any) -> None:
        publish(hanna)
        save(*arguments, **options)

    monkeypatch.setattr(update_folders, "save", raced_save)
    changed = {name: text.replace("moved a little", "was taken") for name, text in NEWS.items()}
    upload(hanna, changed)

    assert published(world).text("en").text == "It moved a little."
    assert "Version 2 says something else" in words_of(hanna.get(f"{DESK}/updates/door-news"))


def test_a_folder_that_no_answer_can_hold_is_explained(
    world: World, hanna: DeskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = UpdateSource(slug=SLUG, name="news", settings={"published_on": "soon"}, texts={})
    update_folders.save(world.services, source, by=OPERATOR, note="")
    monkeypatch.setattr(forms, "MAX_BYTES", 10)

    assert "too large to download" in words_of(hanna.get(f"{FOLDER}.zip"))


def test_before_the_first_word_there_is_nothing_to_download(hanna: DeskClient) -> None:
    empty = words_of(hanna.get(FOLDER))
    upload(hanna, {"en.md": "---\ntitle: New\n---\n"})

    assert "nothing to download" in empty
    assert "Download the folder" in words_of(hanna.get(FOLDER))


def test_a_time_in_a_folder_does_not_stand_in_the_way_of_publishing(
    world: World, hanna: DeskClient
) -> None:
    upload(hanna, NEWS | {"updates/door-news/update.toml": f'{UPDATE_TOML}send_at = "soon"\n'})

    publish(hanna)

    assert published(world).send_at is None
