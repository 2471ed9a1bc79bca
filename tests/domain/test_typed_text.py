"""Typed text: what nobody sees is found, and each Python finds the same."""

import ast
import hashlib
import inspect
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import typed_text
from chalicelib.domain.errors import Message
from chalicelib.domain.signature import read_name

ALL_CHARACTERS = [chr(code) for code in range(0x110000)]
VERDICTS = "9ba7fef3faa0c75a"
"""The beginning of the SHA-256 of all verdicts. It is the same on every Python."""
TRIMMED = (
    "\u200b\ufeff\u00ad\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067"
    "\u2068\u2069\u061c\u034f\u180e\u3164\u115f\u1160\uffa0\u2800\ufffc\U000e0020"
    " \t\n\r\u0085\u00a0\u1680\u2000\u2003\u2007\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def named(typed: str) -> tuple[str, str]:
    """The name that is read, and the fault."""
    errors: dict[str, Message] = {}
    name = read_name(typed, errors)
    return name, errors["name"].text if errors else ""


@pytest.mark.parametrize("character", TRIMMED)
def test_what_nobody_sees_is_left_away_before_and_after_a_name(character: str) -> None:
    assert named(f"{character * 2} Ганна {character}{character}") == ("Ганна", "")


@pytest.mark.parametrize(
    "character",
    "\x00\x07\x0b\x0c\x1b\x1f\x7f\x80\x9f\u00ad\u061c\u17b4\u180e\u200b\u200e\u202a\u202e\u2060"
    "\u2066\u2069\u2800\u3164\ufeff\uffa0\ufff0\ufff9\ufffc\ue000\uf8ff\U000f0000\U0010fffd"
    "\ud800\udfff\ufdd0\ufffe\uffff\U0001fffe\U000effff\U0010ffff\U000e0001\U000e0041",
)
def test_what_nobody_sees_is_named_within_a_name(character: str) -> None:
    name, fault = named(f"Ган{character}на")

    assert name == ""
    assert "invisible character" in fault


@pytest.mark.parametrize("text", ["\x00", "Ганна\x00", "\x1bГанна", "Ганна\ud800", "\ufffeГанна"])
def test_what_no_file_can_hold_is_refused_at_an_end_as_well(text: str) -> None:
    assert "invisible character" in named(text)[1]


@pytest.mark.parametrize(
    "name",
    [
        "می\u200cخواهم",  # Persian needs the non-joiner
        "क\u094d\u200dष",  # Devanagari needs the joiner
        "辻\U000e0100 葛\U000e0101",  # variants of ideographs in Japanese names
        "ᠮᠣᠩᠭᠣᠯ\u180b",  # variants of Mongolian letters
        "\u1100\u1160\u11a8",  # an old Korean syllable has a filler in place of its vowel
        "o\u0301 Brien",
    ],
)
def test_what_spells_a_name_stays_in_it(name: str) -> None:
    assert named(name) == (unicodedata.normalize("NFC", name), "")


@pytest.mark.parametrize(
    "text",
    [
        *["\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\ufe0f", "\U000e0100", "\u034f"],
        *["\u0301", "\u0301\u0302", "\u1ab0", "\u20d0", "\ufe20", "\u200d", "\u3164 \u2800"],
    ],
)
def test_what_shows_nothing_is_no_name(text: str) -> None:
    assert named(text)[1] in (
        "Please enter a name.",
        "Please enter a name with at least one letter.",
    )


@pytest.mark.parametrize(
    "letter",
    [
        "\U0002ebf0",  # ideograph, Unicode 15.1: Python 3.13
        "\U00031350",  # ideograph, Unicode 15.0: Python 3.12
        "\U000323b0",  # ideograph, Unicode 17.0
        "\U00011f04",  # Kawi, Unicode 15.0
        "\U0001e4d0",  # Nag Mundari, Unicode 15.0
        "\U000105c0",  # Todhri, Unicode 16.0
        "\u1c89",  # Cyrillic, Unicode 16.0
        "\ua7cb",  # Latin, Unicode 16.0
        "\U0003fffd",  # an ideograph of the future
    ],
)
def test_a_letter_that_is_younger_than_this_python_makes_a_name(letter: str) -> None:
    assert named(letter) == (letter, "")


@pytest.mark.parametrize(
    "symbol", ["\U0001fae8", "\U0001f6dc", "\U0001fadf", "\u2ffc", "\U0001cd00"]
)
def test_a_symbol_that_is_younger_than_this_python_makes_none(symbol: str) -> None:
    assert named(symbol)[1] == "Please enter a name with at least one letter."


def test_each_python_gives_the_same_verdict_on_every_character() -> None:
    verdicts = bytes(
        4 * (typed_text.trimmed(character) == "")
        + 2 * typed_text.is_misspelt(character)
        + typed_text.has_letter(character)
        for character in ALL_CHARACTERS
    )

    assert hashlib.sha256(verdicts).hexdigest()[:16] == VERDICTS


def test_the_verdicts_use_no_data_that_a_newer_python_changes() -> None:
    tree = ast.parse(inspect.getsource(typed_text))
    imported = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "unicodedata"
        for name in node.names
    }

    assert imported == {"ucd_3_2_0"}
    assert "import unicodedata" not in inspect.getsource(typed_text)


@given(st.text())
def test_trimming_twice_is_trimming_once(text: str) -> None:
    once = typed_text.trimmed(text)

    assert typed_text.trimmed(once) == once
    assert once in text


def test_a_long_text_is_trimmed_at_once() -> None:
    spaces = " \u200b" * 30_000

    assert typed_text.trimmed(f"{spaces}x{spaces}y{spaces}") == f"x{spaces}y"


@pytest.mark.parametrize(
    ("wide", "meant"),
    [("ｈａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "hanna@example.org"), ("。｡", ".."), ("²ﬁ①Å", "²ﬁ①Å")],
)
def test_only_widths_are_folded(wide: str, meant: str) -> None:
    assert typed_text.folded_width(wide) == meant
