"""A petition is written at the desk: no word is lost, and the rules speak at their field."""

import html
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.petitions.source import values_of
from chalicelib.routes.desk.forms import UploadedFile
from chalicelib.store.organisers import trail
from chalicelib.usecases.petitions import drafting
from ops.local.api_gateway import HttpResponse
from tests import builders, desk_accounts
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Fault, recorded
from tests.ops import folders
from tests.world import World

SLUG = "new-door"
WRITE = f"/desk/petitions/{SLUG}/write"
ODD = "Odd & <b>“лапкі”</b> \u202bעברית\u202c 🕊 {{ 7*7 }}"
BODY = folders.PETITION_TEXT.partition("---\n")[2].partition("---\n")[2]
SETTINGS = {
    "opens_on": "2026-03-01",
    "closes_on": "2026-12-31",
    "goals": "10, 100",
    "discreet": "yes",
    "organiser.name": "Door Watch",
    "organiser.email": "desk@door-watch.org",
    "organiser.website": "https://door-watch.org",
}
TEXT = {
    "title": "Open the door",
    "target": "The keeper of the door",
    "summary": "A petition about a door.",
    "lead": "The door has been shut for a year.",
    "body": BODY,
}


def text_of(answer: HttpResponse) -> str:
    return answer.body.decode()


def fields_of(page: HttpResponse) -> dict[str, str]:
    """What a browser would send of the first form of a page but the boxes that are not ticked."""
    form = text_of(page).partition("<main")[2]
    fields = {}
    for tag in re.findall(r"<input [^>]*>", form):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if found.get("type") not in ("checkbox", "radio", "file") or " checked" in tag:
            fields[found["name"]] = html.unescape(found.get("value", ""))
    for name, value in re.findall(
        r'<textarea[^>]* name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL
    ):
        fields[name] = html.unescape(value)
    return fields


def text_fields(language: str = "en", **lines: str) -> Mapping[str, str]:
    return {f"texts.{language}.{name}": words for name, words in {**TEXT, **lines}.items()}


def values(world: World) -> Mapping[str, Any]:
    return values_of(drafting.get_draft(world.services, SLUG).source)


@pytest.fixture
def hanna(world: World) -> DeskClient:
    """The steward of a petition that has begun."""
    hanna = DeskClient.signed_in(world, slug=SLUG)
    begun = {"title": "Open the door", "language": "en", "slug": SLUG, **SETTINGS}
    assert hanna.post("/desk/new", begun).header("location") == WRITE
    return hanna


def write_all(hanna: DeskClient) -> None:
    for path, fields in (("settings", SETTINGS), ("texts/en", text_fields())):
        page = hanna.get(f"{WRITE}/{path}")
        assert hanna.post(f"{WRITE}/{path}", {**fields_of(page), **fields}).status == 303


def test_a_petition_begins_with_a_title_and_its_writer_is_its_steward(world: World) -> None:
    ivan = DeskClient.signed_in(world, slug="another", name="Ivan")

    proposed = fields_of(ivan.post("/desk/new", {"title": "Адчыніце дзверы!", "language": "be"}))
    begun = ivan.post("/desk/new", proposed | {"language": "be"})

    assert proposed["slug"] == "adchynice-dzvery"
    assert begun.header("location") == "/desk/petitions/adchynice-dzvery/write"
    assert ivan.get(begun.header("location")).status == 200
    assert ivan.get("/desk/petitions/adchynice-dzvery/write/open").status == 200
    lines = list(trail.all_of(world.services.organisers, "adchynice-dzvery"))
    assert [(line.act, line.actor.name) for line in lines] == [("begin petition", "Ivan")]


@pytest.mark.parametrize("roles", [[], [role for role in Role if role is not Role.STEWARD]])
def test_only_who_is_trusted_begins_a_petition(world: World, roles: list[Role]) -> None:
    """Who was invited to look, or has lost every role, publishes nothing at our address."""
    ivan = DeskClient.signed_in(world, slug="another", roles=roles, name="Ivan")

    shown = ivan.get("/desk/new")
    begun = ivan.post("/desk/new", {"title": "Door", "slug": SLUG, "language": "en"})

    assert (shown.status, begun.status) == (403, 403)
    assert "Ask the operator" in text_of(begun)
    assert (
        DeskClient.signed_in(world, slug="third")
        .post("/desk/new", {"title": "Door", "slug": SLUG, "language": "en"})
        .header("location")
        == WRITE
    )


def test_who_was_invited_for_it_begins_a_petition(world: World) -> None:
    desk_accounts.add(world, "Ivan", begins_petitions=True)
    ivan = DeskClient.signed_in(world, slug="another", roles=[], name="Ivan")

    begun = ivan.post("/desk/new", {"title": "Door", "slug": SLUG, "language": "en"})

    assert begun.header("location") == WRITE


@pytest.mark.parametrize("slug", [SLUG, "open-door", "desk", "Door", "a/b", "-", "x" * 65])
def test_a_name_that_is_taken_or_no_name_is_refused_and_all_is_kept(
    world: World, hanna: DeskClient, slug: str
) -> None:
    world.publish()
    ivan = DeskClient.signed_in(world, slug="another", name="Ivan")

    answer = ivan.post("/desk/new", {"title": ODD, "slug": slug, "language": "en"})

    assert answer.status == 422
    assert fields_of(answer)["title"] == ODD
    assert ivan.get(WRITE).status == 403


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "Write a title"),
        ({"closes_on": "2026-02-01"}, "The last day comes before the first"),
        ({"opens_on": "", "closes_on": "2020-01-01"}, "The last day has passed"),
        ({"closes_on": "soon"}, "“soon” is no date"),
    ],
)
@pytest.mark.parametrize("slug", ["", "my-door"])
def test_what_cannot_begin_is_named_at_once(
    world: World, wrong: Mapping[str, str], words: str, slug: str
) -> None:
    ivan = DeskClient.signed_in(world, slug="another", name="Ivan")

    answer = ivan.post(
        "/desk/new", {**SETTINGS, "title": "Door", "language": "en", "slug": slug, **wrong}
    )

    assert answer.status == 422
    assert words in text_of(answer)
    assert "does not fit an address" not in text_of(answer)


def test_a_draft_is_named_by_its_title_on_every_page(hanna: DeskClient) -> None:
    assert "Open the door" in text_of(hanna.get("/desk"))
    for part in ("write", "people", "trail", "keys", "end/remove"):
        page = text_of(hanna.get(f"/desk/petitions/{SLUG}/{part}"))
        assert "Open the door · Zaklik desk" in page
        assert '<p class="named">Open the door</p>' in page


def test_who_saved_in_another_tab_is_told_so_and_nothing_is_chosen(hanna: DeskClient) -> None:
    page = fields_of(hanna.get(f"{WRITE}/texts/en"))
    hanna.post(f"{WRITE}/texts/en", {**page, "texts.en.title": "Open both doors"})

    both = hanna.post(f"{WRITE}/texts/en", {**page, "texts.en.title": "Open no door"})

    assert "You, in another tab, saved version 2" in text_of(both)
    assert "Open <ins>no door</ins>" in text_of(both)
    assert " checked" not in text_of(both)


def test_every_page_shows_what_was_typed_as_text(world: World, hanna: DeskClient) -> None:
    typed = dict.fromkeys(text_fields(), ODD)
    hanna.post(f"{WRITE}/texts/en", {"base": "1", **typed})
    hanna.post(f"{WRITE}/settings", {"base": "2", **dict.fromkeys(SETTINGS, ODD)})

    pages = ["", "/settings", "/texts/en", "/texts/be", "/versions", "/versions/2", "/versions/3"]
    pages += ["/preview/en", "/preview/en/page", "/preview/en/mail", "/preview/en/mail-text"]
    pages += ["/preview/en/card", "/open", "/folder", "/picture", "/texts/be/beside/en"]
    for page in pages:
        answer = hanna.get(WRITE + page)
        assert answer.status == 200, page
        assert "<b>“лапкі”" not in text_of(answer)
        assert "49" not in re.findall(r"Odd[^\n]{0,80}", text_of(answer))
    assert fields_of(hanna.get(f"{WRITE}/texts/en"))["texts.en.body"] == ODD
    assert fields_of(hanna.get(f"{WRITE}/settings"))["closes_on"] == ODD


def test_what_is_wrong_is_said_at_its_field_by_its_label(world: World, hanna: DeskClient) -> None:
    wrong = {"closes_on": "2026-13-45", "goals": "100, 50", "digest_at": "late"}
    hanna.post(f"{WRITE}/settings", {"base": "1", **SETTINGS, **wrong})
    hanna.post(f"{WRITE}/texts/en", {"base": "2", **text_fields(body="Please.\n\n##1 Now\nx")})

    settings = text_of(hanna.get(f"{WRITE}/settings"))
    text = text_of(hanna.get(f"{WRITE}/texts/en"))
    overview = text_of(hanna.get(WRITE))

    for name, words in (
        ("closes_on", "“Last day to sign” must be a date"),
        ("goals", "The goals do not rise"),
        ("digest_at", "“Time of daily and weekly mails”:"),
    ):
        assert words in settings.partition(f'id="{name}-error">')[2][:200]
    assert "Line 3: “##1 Now” is not how a demand’s" in text.replace("&#39;", "’")
    assert "to correct" in overview


def test_saving_what_nobody_has_touched_changes_nothing(world: World, hanna: DeskClient) -> None:
    text = folders.PETITION_TEXT.replace("title: Open the door", "title: O\u00a0drzwiach\u202f…")
    files = {
        name: UploadedFile(name=name, content=content.encode(), media_type="")
        for name, content in (("petition.toml", folders.PETITION_TOML), ("en.md", text))
    }
    hanna.post(f"{WRITE}/folder", {}, files)

    for path in ("settings", "texts/en"):
        hanna.post(f"{WRITE}/{path}", fields_of(hanna.get(f"{WRITE}/{path}")))

    assert values(world)["texts.en.title"] == "O\u00a0drzwiach\u202f…"
    assert drafting.get_draft(world.services, SLUG).version.number == 2


def test_a_language_stands_beside_another(world: World, hanna: DeskClient) -> None:
    write_all(hanna)

    added = hanna.post(f"{WRITE}/languages", {"base": "3", "act": "add", "language": "be"})
    page = hanna.get(f"{WRITE}/texts/be")

    assert added.status == 303
    assert values(world)["languages"] == ["en", "be"]
    assert 'class="beside" lang="en"' in text_of(page)
    assert "The keeper of the door" in text_of(page)
    assert "texts.en.title" not in fields_of(page)


def test_a_language_is_taken_away_with_its_text_and_can_come_back(
    world: World, hanna: DeskClient
) -> None:
    hanna.post(f"{WRITE}/languages", {"base": "1", "act": "add", "language": "be"})
    hanna.post(f"{WRITE}/texts/be", {"base": "2", **text_fields("be")})
    hanna.post(f"{WRITE}/languages", {"base": "3", "act": "first", "language": "be"})
    assert values(world)["languages"] == ["be", "en"]

    hanna.post(f"{WRITE}/languages", {"base": "4", "act": "remove", "language": "be"})
    assert not [path for path in values(world) if path.startswith("texts.be")]
    hanna.post(f"{WRITE}/versions/4/restore")

    assert values(world)["texts.be.title"] == "Open the door"


def test_two_people_are_shown_both_texts_and_one_chooses(world: World, hanna: DeskClient) -> None:
    ivan = DeskClient.signed_in(world, slug=SLUG, roles=[Role.EDITOR], name="Ivan")
    page = fields_of(hanna.get(f"{WRITE}/texts/en"))
    ivan.post(f"{WRITE}/texts/en", {**page, "texts.en.title": "Ivan’s door"})

    both = hanna.post(
        f"{WRITE}/texts/en", {**page, "texts.en.title": "Hanna’s", "texts.en.lead": "New."}
    )
    kept = fields_of(both)
    nothing_chosen = hanna.post(f"{WRITE}/texts/en", kept)
    chosen = hanna.post(f"{WRITE}/texts/en", {**kept, "choice.0.texts.en.title": "mine"})

    assert both.status == 409
    assert all(words in text_of(both) for words in ("Ivan’s door", "Hanna’s"))
    assert "Choose at every place" not in text_of(both)
    assert nothing_chosen.status == 409
    assert "Choose at every place" in text_of(nothing_chosen)
    assert fields_of(nothing_chosen) == kept
    assert chosen.status == 303
    assert values(world)["texts.en.title"] == "Hanna’s"
    assert values(world)["texts.en.lead"] == "New."


def test_who_changed_the_same_lines_chooses_at_each_place_and_keeps_the_rest(
    world: World, hanna: DeskClient
) -> None:
    ivan = DeskClient.signed_in(world, slug=SLUG, roles=[Role.EDITOR], name="Ivan")
    path = f"{WRITE}/texts/en"
    hanna.post(path, {"base": "1", **text_fields(body="One.\n\nTwo.\n\nThree.\n\nFour.")})
    page = fields_of(hanna.get(path))
    ivan.post(path, page | {"texts.en.body": "One, Ivan.\n\nTwo.\n\nThree, Ivan.\n\nFour, Ivan."})

    both = hanna.post(
        path, page | {"texts.en.body": "One, Hanna.\n\nTwo, Hanna.\n\nThree, Hanna.\n\nFour."}
    )
    first = {"choice.0.texts.en.body": "both"}
    half_chosen = hanna.post(path, fields_of(both) | first)
    second = {"choice.1.texts.en.body": "theirs"}
    saved = hanna.post(path, fields_of(half_chosen) | first | second)

    assert "Text (English): place 2 of 2" in text_of(both)
    assert "Below the line “<span" in text_of(both)
    assert "Two, Hanna.</span>”:" in text_of(both)
    assert "Four" not in text_of(both).partition("<fieldset>")[2]
    assert 'value="both" checked' in text_of(half_chosen)
    assert saved.status == 303
    assert values(world)["texts.en.body"] == (
        "One, Ivan.\n\nOne, Hanna.\n\nTwo, Hanna.\n\nThree, Ivan.\n\nFour, Ivan."
    )


@pytest.mark.parametrize(
    "name", ["choice", "choice.", "choice.x", f"choice.{'9' * 9000}.a", "choice.²."]
)
def test_a_choice_of_no_place_chooses_nothing(hanna: DeskClient, name: str) -> None:
    typed = {"base": "1", "seen": "1", name: "mine", "texts.en.title": "Open both"}

    assert hanna.post(f"{WRITE}/texts/en", typed).status == 303


def test_a_save_that_fails_keeps_what_was_typed_and_leaves_a_line_of_the_attempt(
    world: World, hanna: DeskClient
) -> None:
    failing = AwsCalls(at="dynamodb.TransactWriteItems", fault=Fault.THROTTLED)
    typed = {"base": "1", **text_fields(lead=ODD)}

    with recorded(failing):
        failed = hanna.post(f"{WRITE}/texts/en", typed)
    kept = fields_of(failed)
    again = hanna.post(f"{WRITE}/texts/en", kept)

    assert failed.status == 503
    assert {name: kept[name] for name in typed} == typed
    assert again.status == 303
    assert values(world)["texts.en.lead"] == ODD
    acts = [line.act for line in trail.all_of(world.services.organisers, SLUG)]
    assert acts == ["begin petition", "save draft", "save draft", "save draft"]


def test_only_those_who_may_edit_do(world: World, hanna: DeskClient) -> None:
    ivan = DeskClient.signed_in(world, slug=SLUG, roles=[Role.VIEWER], name="Ivan")

    assert ivan.get(f"{WRITE}/texts/en").status == 200
    assert ivan.post(f"{WRITE}/texts/en", {"base": "1", **text_fields()}).status == 403
    assert "texts.en.lead" not in values(world)


def test_a_picture_is_cleaned_shown_and_taken_away(world: World, hanna: DeskClient) -> None:
    def send(content: bytes) -> HttpResponse:
        file = UploadedFile(name="p.svg", content=content, media_type="image/svg+xml")
        return hanna.post(f"{WRITE}/picture", {}, {"picture": file})

    refused = send(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    taken = send(builders.DRAWING)

    assert refused.status == 422
    assert "&lt;script&gt; is not allowed" in text_of(refused)
    assert taken.status == 303
    assert "data:image/svg+xml;base64," in text_of(hanna.get(f"{WRITE}/picture"))
    assert "A picture is not needed." not in text_of(hanna.get(WRITE))
    hanna.post(f"{WRITE}/picture", {"act": "remove"})
    assert "There is no picture" in text_of(hanna.get(f"{WRITE}/picture"))
    assert "A picture is not needed." in text_of(hanna.get(WRITE))


def test_a_preview_is_the_page_of_the_service_without_a_way_out(
    world: World, hanna: DeskClient
) -> None:
    write_all(hanna)
    file = UploadedFile(name="p.svg", content=builders.DRAWING, media_type="image/svg+xml")
    hanna.post(f"{WRITE}/picture", {}, {"picture": file})

    page = hanna.get(f"{WRITE}/preview/en/page")
    mail = hanna.get(f"{WRITE}/preview/en/mail-text")
    around = hanna.get(f"{WRITE}/preview/en")

    policy = page.header("content-security-policy")
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert page.header("x-frame-options") == "SAMEORIGIN"
    assert "script" not in policy
    assert "Leave it <strong>open</strong>." in text_of(page)
    assert "data:image/svg+xml;base64," in text_of(page)
    assert "1234 5678" in text_of(mail)
    assert "frame-src 'self'" in around.header("content-security-policy")
    assert hanna.get(f"{WRITE}/preview/xx").status != 200
    assert hanna.get(f"{WRITE}/preview/en/nothing").status != 200


def test_a_folder_goes_in_and_comes_out(world: World, hanna: DeskClient) -> None:
    files = {
        "a": UploadedFile(
            name="petition.toml", content=folders.PETITION_TOML.encode(), media_type=""
        ),
        "b": UploadedFile(
            name="open-door/be.md", content=folders.PETITION_TEXT.encode(), media_type=""
        ),
        "c": UploadedFile(name="picture.svg", content=builders.DRAWING, media_type=""),
    }

    taken = hanna.post(f"{WRITE}/folder", {}, files)
    zipped = hanna.get(f"{WRITE}/folder.zip")

    assert taken.header("location") == WRITE
    assert values(world)["texts.be.title"] == "Open the door"
    with zipfile.ZipFile(io.BytesIO(zipped.body)) as packed:
        names = sorted(packed.namelist())
        assert packed.read(f"{SLUG}/be.md").decode() == folders.PETITION_TEXT
    assert names == [
        f"{SLUG}/{name}" for name in ("be.md", "en.md", "petition.toml", "picture.svg")
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("petition.toml", b"goals = [1,", "This is not TOML"),
        ("petition.toml", b"\xff\xfe", "not UTF-8"),
        ("en.md", b"no lines", "must begin with lines"),
        ("en.md", b"---\ntitle: a\ntitle: b\n---\n", "stands here twice"),
        ("en.md", b"x" * 60_000, "larger than"),
        ("picture.png", b"GIF89a", "no SVG, JPEG or PNG"),
        ("notes.docx", b"x", "no file of a petition"),
    ],
)
def test_files_that_cannot_be_read_change_nothing(
    world: World, hanna: DeskClient, name: str, content: bytes, words: str
) -> None:
    before = values(world)
    good = UploadedFile(name="be.md", content=folders.PETITION_TEXT.encode(), media_type="")
    bad = UploadedFile(name=name, content=content, media_type="")

    answer = hanna.post(f"{WRITE}/folder", {}, {"a": good, "b": bad})

    assert answer.status == 422
    assert words in text_of(answer)
    assert values(world) == before


TEXT_FILE = folders.PETITION_TEXT.encode()


def zipped(**files: bytes) -> UploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name.replace("__", "/").replace("_md", ".md"), content)
    return UploadedFile(name="door.zip", content=packed.getvalue(), media_type="")


def test_a_downloaded_folder_can_be_uploaded_whole(world: World, hanna: DeskClient) -> None:
    write_all(hanna)
    before = values(world)
    content = hanna.get(f"{WRITE}/folder.zip").body
    hanna.post(f"{WRITE}/texts/en", {"base": "3", **text_fields(title="Changed")})

    file = UploadedFile(name=f"{SLUG}.zip", content=content, media_type="application/zip")
    answer = hanna.post(f"{WRITE}/folder", {}, {"a": file})

    assert answer.header("location") == WRITE
    assert values(world) == before


@pytest.mark.parametrize(
    "file",
    [
        zipped(en_md=bytes(100_000_000)),
        zipped(**{f"{number}__en_md": TEXT_FILE for number in range(801)}),
        UploadedFile(name="x.zip", content=b"PK\x03\x04 no zip", media_type=""),
    ],
    ids=["a bomb", "many files", "no zip"],
)
def test_a_zip_of_too_much_or_nothing_is_refused(
    world: World, hanna: DeskClient, file: UploadedFile
) -> None:
    before = values(world)

    assert hanna.post(f"{WRITE}/folder", {}, {"a": file}).status == 422
    assert values(world) == before
