"""The report as a PDF can be read by everybody, and no text of it is code."""

import json
import re
import zlib
from collections.abc import Sequence

import pytest

from chalicelib.domain.petitions.hand_in import HandIn
from chalicelib.domain.petitions.petition import Demand
from chalicelib.rendering import hand_in_report
from chalicelib.rendering.hand_in_report import HandInReport
from ops.content import hand_in_pdf
from ops.errors import CannotContinue
from tests import builders
from tests.hand_ins import ADDRESS, prepared

MARKUP = '#panic("x") *b* _i_ $x$ @y <l> [z] = h \\ // c `r` ~ #import "a": * " \\u{1}'


def report(hand_in: HandIn, language: str = "en") -> HandInReport:
    return hand_in_report.report(hand_in, language, ADDRESS)


def pdf(hand_in: HandIn, language: str = "en") -> bytes:
    """The PDF with its streams unpacked behind it."""
    raw = hand_in_pdf.pdf(report(hand_in, language), made_at=builders.NOW)
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", raw, re.DOTALL)
    return raw + b"".join(map(_unpacked, streams))


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def outline(raw: bytes) -> Sequence[str]:
    """The titles of the PDF's outline."""
    titles = re.findall(rb"/Title(?:\((.*?)\)|<FEFF([0-9A-F]*)>)/Dest", raw)
    return [
        plain.decode() if plain else bytes.fromhex(wide.decode()).decode("utf-16-be")
        for plain, wide in titles
    ]


@pytest.mark.parametrize("language", ["en", "be", "de", "lt", "pl", "ru", "uk"])
def test_the_pdf_is_tagged_and_has_title_language_and_outline(language: str) -> None:
    petition = builders.petition(texts={language: builders.petition_text(title="Дзверы & ąž")})

    raw = pdf(prepared(petition), language)

    assert b"<pdfuaid:part>1<" in raw
    assert b"/Marked true" in raw
    assert f"/Lang({language})/StructTreeRoot".encode() in raw
    assert b"/DisplayDocTitle true" in raw
    assert "Дзверы &amp; ąž".encode() in raw
    assert {"1. Now", "2. For good"} < set(outline(raw))
    assert len(outline(raw)) >= 9
    assert raw.count(b"/S/TH/") == 4


def test_no_text_is_code() -> None:
    text = builders.petition_text(
        title=MARKUP,
        target=MARKUP,
        lead=MARKUP,
        demands=(Demand(number=1, heading=MARKUP, html="<p>#panic()</p>"),),
    )
    hand_in = prepared(builders.petition(texts={"en": text}), names=[MARKUP])

    raw = pdf(hand_in)

    assert any(title.count("#panic") for title in outline(raw))
    assert names_as_set(hand_in) == [MARKUP]


def names_as_set(hand_in: HandIn) -> Sequence[str]:
    """The names as Typst has understood them."""
    compiler = hand_in_pdf.compiler_of(report(hand_in))
    items = json.loads(compiler.query("enum", one=True))["children"]
    return [item["body"]["text"] for item in items]


def test_every_name_is_set_in_its_order() -> None:
    names = [f"Ніна Ёўга {number}" for number in range(300)]

    assert names_as_set(prepared(names=names)) == names


def test_without_names_no_list_is_set() -> None:
    with pytest.raises(RuntimeError, match="found 0"):
        names_as_set(prepared())


def test_a_letter_without_a_font_is_named_with_a_remedy() -> None:
    with pytest.raises(CannotContinue, match="install one that has it"):
        pdf(prepared(names=["Ann \U0010fffd"]))


def test_many_days_and_a_report_without_signatures_are_set() -> None:
    days = {builders.NOW.date().replace(day=day): 10 + day for day in range(1, 32)}

    assert len(hand_in_pdf.pages(report(prepared(days=days)))) >= 2
    assert hand_in_pdf.pages(report(prepared(count=0, countries={}, days={})))


def test_the_same_report_makes_the_same_bytes() -> None:
    assert pdf(prepared()) == pdf(prepared())
