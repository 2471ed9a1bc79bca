"""What the documents say is there: links, commands, settings, words, figures."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path
from typing import Final

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from chalicelib.config import PREFIX, Settings
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import SubscriberState
from ops.cli import main
from ops.compiling import ROOT

README: Final = ROOT / "README.md"
GLOSSARY: Final = ROOT / "docs/glossary.md"
DOCS: Final = sorted((ROOT / "docs").glob("*.md"))
PAGES: Final = [README, ROOT / "petitions/README.md", *DOCS]
MOST_WORDS: Final = 900
_HISTORY: Final = "docs/decisions.md"
"""Names what was chosen then; it may be gone by now."""
_ELSEWHERE: Final = re.compile(r"[a-z]+:")
_OUR_FILE: Final = re.compile(
    r"(\.chalice|bench|chalicelib|docs|locale|ops|templates|tests)/[\w./-]*"
)
_TARGET: Final = re.compile(r"^([a-z]+):", re.MULTILINE)
_TABLE_ROW: Final = re.compile(
    r"^\| *`(?P<variable>ZAKLIK_[A-Z_]+)` *\| *(?P<meaning>.*?) *\| *(?P<default>.*?) *\|$",
    re.MULTILINE,
)
every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def tokens(page: Path) -> Iterator[Token]:
    """Every token of a page, those inside paragraphs and cells included."""
    for token in MarkdownIt().enable("table").parse(page.read_text("utf-8")):
        yield token
        yield from token.children or ()


def links(page: Path) -> list[str]:
    """The targets of a page's links and pictures that lead to our own files."""
    found = []
    for token in tokens(page):
        found += [str(token.attrs[name]) for name in ("href", "src") if name in token.attrs]
        if token.type.startswith("html"):
            found += re.findall(r'(?:href|src)="(.*?)"', token.content)
    return [target for target in found if not _ELSEWHERE.match(target)]


def target_of(page: Path, link: str) -> tuple[Path, str]:
    """The file to which a link leads, and the place in it."""
    path, _, anchor = link.partition("#")
    return (page.parent / path).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to a page's headings."""
    headings = [
        after.content for token, after in pairwise(tokens(page)) if token.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(page: Path) -> Iterator[str]:
    """Each line of code of a page, in blocks and inside sentences."""
    for token in tokens(page):
        if token.type in ("fence", "code_inline"):
            yield from token.content.splitlines()


def typed(page: Path, program: str) -> list[list[str]]:
    """The words after a program's name, for each command of it that a page shows."""
    calls = [line.partition("#")[0].split() for line in code(page)]
    return [words[1:] for words in calls if words and Path(words[0]).name == program]


def misread(words: list[str]) -> str:
    """What `zaklik` does not know of these words; nothing if it knows all."""
    command: click.Command = main
    context = click.Context(main)
    for word in words:
        if word.startswith("-"):
            options = {name for each in command.params for name in each.opts}
            if word.partition("=")[0] not in {*options, "--help"}:
                return word
        elif isinstance(command, click.Group):
            inner = command.get_command(context, word)
            if inner is None:
                return word
            command = inner
    return ""


def forbidden_words(text: str) -> list[str]:
    """The words of a text that the last column of the glossary forbids, in singular or plural."""
    rows = re.findall(r"^\|.*\| ([a-z][a-z ,-]*) \|$", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    words = [word for row in rows[1:] for word in row.split(", ")]
    return re.findall(rf"\b(?:{'|'.join(words)})s?\b".replace("-", "[- ]"), text, re.IGNORECASE)


def helps(command: click.Command, context: click.Context) -> Iterator[str]:
    """The help of a command and of all commands below it."""
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from helps(below, click.Context(below, info_name=name, parent=context))


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len(README.read_text("utf-8").split()) <= MOST_WORDS


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = {link: target_of(page, link) for link in links(page)}

    assert [link for link, (path, _) in targets.items() if not path.exists()] == []
    assert [
        link for link, (path, anchor) in targets.items() if anchor and anchor not in anchors(path)
    ] == []


def test_every_page_is_two_steps_from_the_readme_at_most() -> None:
    first = {target_of(README, link)[0] for link in links(README)}
    second = {
        target_of(page, link)[0] for page in first if page.suffix == ".md" for link in links(page)
    }

    assert set(DOCS) <= first | second


@every_page
def test_every_make_command_is_there(page: Path) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    named = {words[0] for words in typed(page, "make") if words}

    assert named <= targets


@every_page
def test_every_zaklik_command_is_there(page: Path) -> None:
    wrong = {" ".join(words): fault for words in typed(page, "zaklik") if (fault := misread(words))}

    assert wrong == {}


def test_the_documents_show_commands() -> None:
    assert typed(README, "make")
    assert any(typed(page, "zaklik") for page in DOCS)


@every_page
def test_every_file_that_is_named_is_there(page: Path) -> None:
    if page.relative_to(ROOT).as_posix() == _HISTORY:
        return
    named = [words for words in code(page) if _OUR_FILE.fullmatch(words)]

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_table_of_settings_is_true() -> None:
    table = (ROOT / "docs/settings.md").read_text("utf-8")
    written = {
        row["variable"]: (row["meaning"], row["default"].strip("`"))
        for row in _TABLE_ROW.finditer(table)
    }

    assert written == {
        PREFIX + setting.name.upper(): (
            setting.metadata["meaning"],
            "" if setting.default is MISSING else str(setting.default),
        )
        for setting in fields(Settings)
    }


@pytest.mark.parametrize(
    ("word", "states"),
    [("signature", SignatureState), ("subscriber", SubscriberState), ("outcome", Outcome)],
)
def test_the_glossary_names_every_state(word: str, states: type[SignatureState]) -> None:
    glossary = GLOSSARY.read_text("utf-8")
    [named] = re.findall(rf"^\| {word} \| .*: ([^|]*) \|", glossary, re.MULTILINE)

    assert named.split(", ") == list(states)


@every_page
def test_a_document_uses_the_words_of_the_glossary(page: Path) -> None:
    if page == GLOSSARY or page.relative_to(ROOT).as_posix() == _HISTORY:
        return

    assert forbidden_words(page.read_text("utf-8")) == []


def test_the_help_uses_the_words_of_the_glossary() -> None:
    text = "\n".join(helps(main, click.Context(main, info_name="zaklik")))

    assert "Publish updates" in text
    assert forbidden_words(text) == []


def test_a_forbidden_word_is_found_in_any_form() -> None:
    assert forbidden_words("Campaigns, opt out; a campaigner") == ["Campaigns", "opt out"]


def test_an_idle_month_costs_what_the_readme_says() -> None:
    measured = (ROOT / "docs/performance.md").read_text("utf-8")
    idle = measured[measured.index("### A month in which nobody comes") :]
    [dollars, *_] = re.findall(r"\*\*together\*\* \| \*\*\$([\d.]+)\*\*", idle)

    assert "a month without visitors costs under three dollars" in README.read_text("utf-8")
    assert float(dollars) < 3
