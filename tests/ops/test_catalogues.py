"""Bringing the catalogues of the interface up to date."""

import shutil
from pathlib import Path

import pytest

from ops import catalogues
from ops.compiling import LOCALE, languages

TRANSLATED = languages()[1:]
OLD = 'msgid "A sentence that is gone"\nmsgstr "Якога няма"\n'


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    folder = tmp_path / "locale"
    shutil.copytree(LOCALE, folder)
    return folder


def test_catalogues_that_are_up_to_date_stay_as_they_are(locale: Path) -> None:
    catalogue = locale / "be" / "messages.po"
    before = catalogue.read_text("utf-8")

    catalogues.update(locale)

    assert catalogue.read_text("utf-8") == before


def test_a_new_sentence_is_added_and_one_that_is_gone_is_dropped(locale: Path) -> None:
    catalogue = locale / "be" / "messages.po"
    head, _, body = catalogue.read_text("utf-8").partition("\n\n")
    entries = [entry for entry in body.split("\n\n") if 'msgid "Email address"' not in entry]
    catalogue.write_text("\n\n".join([head, *entries, OLD]), "utf-8")

    catalogues.update(locale)

    after = catalogue.read_text("utf-8")
    assert after.startswith(head)
    assert 'msgid "Email address"\nmsgstr ""\n' in after
    assert "A sentence that is gone" not in after
    left = catalogues.untranslated(locale)
    assert left == {code: ["Email address"] if code == "be" else [] for code in TRANSLATED}
