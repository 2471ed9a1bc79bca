"""An update is shown before it is sent: from its folder, or as it is published."""

from pathlib import Path

import pytest

from tests.in_process_service import PUBLIC_URL
from tests.ops import folders
from tests.ops.pseudo_terminal import refused, zaklik
from tests.routes.markup import ParsedPage
from tests.world import World


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_folder_is_shown_without_any_service(tmp_path: Path) -> None:
    shown = zaklik("update", "preview", folders.update(tmp_path))

    assert shown.exit_code == 0, shown.output
    made = tmp_path / "preview-first-news"
    parts = ("page.html", "mail.html", "mail.txt")
    assert {path.name for path in made.iterdir()} == {
        "index.html", *(f"{language}-{part}" for language in ("en", "be") for part in parts)
    }  # fmt: skip
    assert (made / "index.html").as_uri() in shown.stdout
    assert "It moved a little." in (made / "en-mail.txt").read_text("utf-8")
    assert (
        "It moved a little."
        in ParsedPage((made / "en-mail.html").read_text("utf-8")).one("body").text
    )
    page = ParsedPage((made / "en-page.html").read_text("utf-8"))
    assert page.one("h1").text == "The door moved"


def test_the_index_shows_each_mail_twice_with_its_size_and_links(tmp_path: Path) -> None:
    out = tmp_path / "new/there"
    shown = zaklik("update", "preview", folders.update(tmp_path), "--out", out)

    index = ParsedPage((out / "index.html").read_text("utf-8"))
    size = len((out / "be-mail.html").read_bytes())
    assert f"be: “Ёсць навіны”, {size:,} of 100,000 bytes, 2 links" in shown.stdout
    assert f"{size:,} bytes; 100,000 fit" in index.one("body").text
    frames = [frame["src"] for frame in index.all("iframe")]
    assert frames.count("be-mail.html") == frames.count("be-page.html") == 2
    assert all((out / name).exists() for name in frames)
    assert all("sandbox" in frame.attributes for frame in index.all("iframe"))


def test_what_is_published_is_shown_with_the_address_of_its_page(
    operator: World, tmp_path: Path
) -> None:
    operator.publish_update()

    shown = zaklik("update", "preview", "open-door/first-news", "--language", "be")

    made = tmp_path / "preview-first-news"
    assert sorted(path.name for path in made.iterdir()) == [
        "be-mail.html", "be-mail.txt", "be-page.html", "index.html",
    ]  # fmt: skip
    assert f"{PUBLIC_URL}/be/open-door/updates/first-news" in shown.stdout
    assert operator.mails() == []


def test_a_mail_that_gmail_would_cut_is_shown_and_refused(tmp_path: Path) -> None:
    long = folders.UPDATE_TEXT + "A word.\n\n" * 4_000

    shown = zaklik("update", "preview", folders.update(tmp_path, be=long))

    assert shown.exit_code == 1
    assert "Gmail cuts this mail" in shown.stderr
    assert "bytes in be." in shown.stderr
    assert "in en" not in shown.stderr
    assert (tmp_path / "preview-first-news/index.html").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("open-door",), "There is no folder open-door, and it is not the ID of an update"),
        (("open-door/nothing",), "Is it published"),
        (("open-door/first-news", "--language", "fr"), "no text in “fr”. It is in: en, be."),
    ],
)
def test_a_mistype_is_answered_with_what_was_meant(
    operator: World, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    operator.publish_update()

    assert reason in refused(zaklik("update", "preview", *words))
    assert list(tmp_path.glob("preview-*")) == []


def test_a_folder_with_faults_says_which(tmp_path: Path) -> None:
    folder = folders.update(tmp_path, be="no front matter")

    assert "be.md:1" in refused(zaklik("update", "preview", folder))
