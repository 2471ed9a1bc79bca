"""The code of a recovery sheet brings a key back, and a typing error is found in its line."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto.tokens import CODE_ALPHABET
from chalicelib.crypto.unsealing import PrivateKey
from ops.keys.recovery import codes
from ops.keys.recovery.codes import WrongLine
from tests.ops.folders import ANNA, BORIS

LINES = codes.lines_of(ANNA.private)


@given(st.binary(min_size=32, max_size=32))
def test_the_code_of_every_key_brings_it_back(seed: bytes) -> None:
    lines = codes.lines_of(PrivateKey(seed))

    assert [[len(group) for group in line.split()] for line in lines] == [[4, 4, 4, 4]] * 5
    assert codes.private_key(lines) == PrivateKey(seed)


def test_case_spaces_dashes_and_look_alikes_do_not_matter() -> None:
    cyrillic = str.maketrans("ABCEHKMPTX01", "АВСЕНКМРТХOI")
    typed = [line.translate(cyrillic).lower().replace(" ", " - ") for line in LINES]

    assert codes.private_key(typed) == ANNA.private


def test_a_wrong_character_is_found_in_its_line() -> None:
    chance = random.Random(7)
    for number, line in enumerate(LINES, start=1):
        for place in (place for place, character in enumerate(line) if character != " "):
            other = chance.choice(CODE_ALPHABET.replace(line[place], ""))
            with pytest.raises(WrongLine, match=f"Line {number} has a typing error"):
                codes.read_line(number, line[:place] + other + line[place + 1 :])


def test_two_characters_that_changed_places_are_found() -> None:
    place = next(place for place in range(4) if LINES[1][place] != LINES[1][place + 1])
    swapped = LINES[1][:place] + LINES[1][place + 1] + LINES[1][place] + LINES[1][place + 2 :]

    with pytest.raises(WrongLine, match="Line 2 has a typing error"):
        codes.read_line(2, swapped)


def test_lines_that_changed_places_are_found() -> None:
    with pytest.raises(WrongLine, match=r"This is line 3 of the sheet. Type line 2\."):
        codes.private_key([LINES[0], LINES[2], LINES[1], *LINES[3:]])


def test_lines_of_two_sheets_are_not_taken_for_one_key() -> None:
    other = codes.lines_of(BORIS.private)

    with pytest.raises(WrongLine, match="not of one sheet"):
        codes.private_key([*LINES[:2], other[2], *LINES[3:]])


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "has 0 characters, not 16"),
        (LINES[0][:-1], "has 15 characters"),
        (LINES[0] + "A", "has 17 characters"),
        ("U" + LINES[0][1:], "cannot have “U”"),
        ("Ж" + LINES[0][1:], "cannot have “Ж”"),
    ],
)
def test_a_line_of_another_form_is_explained(typed: str, words: str) -> None:
    with pytest.raises(WrongLine, match=f"Line 1 {words}"):
        codes.read_line(1, typed)


def test_a_whole_code_is_split_into_its_lines() -> None:
    assert codes.private_key(codes.split(" ".join(LINES))) == ANNA.private
    assert codes.split(LINES[0]) == []
