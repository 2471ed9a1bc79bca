"""An SVG that is published draws, and does nothing else, whatever its file held."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from chalicelib.rendering.pictures import svg_rules
from chalicelib.rendering.pictures.faults import BadPicture
from ops.content.pictures import svg
from ops.local.petition_folders import PETITIONS
from tests import builders

OPENED = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
BOX = 'viewBox="0 0 1200 480"'
GROUND = '<rect width="1200" height="480" fill="teal"/>'
SHAPE = '<circle cx="600" cy="240" r="90" fill="gold"/>'
MARK = re.compile(rb"https?:(?!//www\.w3\.org/(?:2000/svg|1999/xlink)\")|script|data:|on\w+=")
"""What acts, or leads anywhere else, in an SVG."""


def drawing(inside: str, *, opened: str = f"{OPENED}{BOX}>", before: str = "") -> bytes:
    """An SVG with a ground and a shape, and something between them."""
    return f"{before}{opened}{GROUND}{inside}{SHAPE}</svg>".encode()


def faults(content: bytes) -> list[tuple[int, str]]:
    """Line and words of each reason why a picture is refused."""
    with pytest.raises(BadPicture) as refused:
        svg.clean(content)
    assert all(fault.remedy for fault in refused.value.faults)
    return [(fault.line, fault.what) for fault in refused.value.faults]


def names(content: bytes) -> set[str]:
    root = ET.fromstring(content)  # noqa: S314 - it has just been written anew
    return {element.tag.rpartition("}")[2] for element in root.iter()}


def test_what_draws_is_kept() -> None:
    gradient = (
        '<defs><linearGradient id="light" x1="0" x2="1"><stop offset="0" stop-color="#fff"/>'
        '<stop offset="1" stop-color="rgb(10, 20, 30)" stop-opacity=".5"/></linearGradient>'
        '<clipPath id="pane"><path d="M0 0h600v-1e2z"/></clipPath></defs>'
        '<g transform="translate(10,-5) rotate(3)" clip-path="url(#pane)">'
        '<ellipse cx="9" cy="9" rx="5" ry="4" fill="url(#light)"/></g><use xlink:href="#pane2"/>'
        '<polygon id="pane2" points="1,2 3,4 5,6"/>'
    )

    cleaned = svg.clean(drawing(gradient))

    assert names(cleaned) == {
        *("svg", "defs", "linearGradient", "stop", "clipPath", "path", "g", "ellipse", "use"),
        *("polygon", "rect", "circle"),
    }
    assert b'd="M0 0h600v-1e2z"' in cleaned
    assert b'transform="translate(10,-5) rotate(3)"' in cleaned
    assert b'<use xlink:href="#p' in cleaned


@pytest.mark.parametrize("file", sorted(PETITIONS.glob("*/picture.svg")))
def test_our_own_drawings_look_as_they_were_drawn(file: Path) -> None:
    content = file.read_bytes()

    before, after = (svg.draw(each, 600) for each in (content, svg.clean(content)))

    assert ImageChops.difference(before, after).getbbox() is None


def test_cleaning_twice_changes_nothing() -> None:
    filled = '<g id="a"><path d="M0 0h9v9z" fill="url(#b)"/></g><linearGradient id="b"/>'
    once = svg.clean(drawing(filled))

    assert svg.clean(once) == once


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<script xlink:href='https://evil.example/x.js'/>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>words</p></foreignObject>",
        "<image xlink:href='data:image/png;base64,AAAA' width='9' height='9'/>",
        "<image href='https://evil.example/t.png'/>",
        "<text>words</text>",
        "<style>@import url(https://evil.example/x.css)</style>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onclick' to='alert(1)'/>",
        "<a href='https://evil.example'><rect width='9' height='9'/></a>",
        "<filter id='f'><feImage href='https://evil.example'/></filter>",
        "<switch><rect width='9' height='9'/></switch>",
        "<svg><rect width='9' height='9'/></svg>",
        "<iframe src='https://evil.example'/>",
        "<handler type='text/ecmascript'>alert(1)</handler>",
        "<unknown/>",
    ],
)
def test_an_element_that_acts_loads_or_spells_is_refused(inside: str) -> None:
    [(line, what)] = faults(drawing(f"\n\n{inside}"))

    assert line == 3
    assert what == f"<{re.findall('[a-zA-Z]+', inside)[0]}> is not allowed in a picture."


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"',
        'onbegin="alert(1)"',
        'ONCLICK="alert(1)"',
        'fill="url(https://evil.example/#a)"',
        'fill="url(//evil.example/#a)"',
        'fill="url(other.svg#a)"',
        'fill="URL(other)"',
        'fill="u\\72l(https:evil)"',
        'mask="url(data:image/svg+xml;base64,AAAA)"',
        'style="fill:url(http://evil.example/a)"',
        'style="background:url(http://evil.example/a)"',
        'style="behavior:url(#a)"',
        'style="fill:expression(alert(1))"',
        'style="filter:url(#a)"',
        'style="mix-blend-mode:multiply"',
        'filter="url(#a)"',
        'cursor="url(x)"',
        'href="https://evil.example/a.svg#a"',
        'xlink:href="javascript:alert(1)"',
        'xlink:href="data:text/html,%3Cscript%3E"',
        'xlink:href="&#106;avascript:alert(1)"',
        'xlink:href="//evil.example/a"',
        'href="other.svg#a"',
        'href=""',
        'fill="var(--x)"',
        'fill="image-set(a)"',
    ],
)
def test_an_attribute_that_acts_or_leads_elsewhere_is_refused(attribute: str) -> None:
    [(line, what)] = faults(drawing(f'<g>\n<use width="9" {attribute}/></g>'))

    assert line == 2
    assert "“" in what


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/G/SVG/1.1/DTD/svg11.dtd">',
        '<!DOCTYPE svg [<!ENTITY a "words">]>',
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE svg [<!ENTITY % a SYSTEM "https://evil.example/a.dtd">%a;]>',
        "<!DOCTYPE svg ["
        + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(10))
        + "]>",
    ],
)
def test_a_document_type_is_refused_before_an_entity_is_read(content: str) -> None:
    assert faults(drawing("<g>&a;</g>", before=f'<?xml version="1.0"?>\n{content}\n')) == [
        (2, "The file declares a document type.")
    ]


def test_notes_of_drawing_programs_are_left_out() -> None:
    opened = (
        f'<?xml version="1.0"?><?xml-stylesheet href="https://evil.example/x.css"?>{OPENED}'
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        'xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" '
        f'inkscape:export-filename="anna-door.png" sodipodi:docname="anna.svg" {BOX} '
        'version="1.1" xml:space="preserve" class="door" data-name="anna" aria-label="anna">'
    )
    inside = (
        "<!-- anna --><title>anna</title><desc>anna</desc><metadata><rdf>anna</rdf></metadata>"
        '<sodipodi:namedview inkscape:zoom="2"><inkscape:page/></sodipodi:namedview>anna'
        '<html:script xmlns:html="http://www.w3.org/1999/xhtml">alert(1)</html:script>'
        '<path style="fill:#0a5a5c;-inkscape-font-specification:anna;font-family:anna"'
        ' d="M0 0h9v9z" inkscape:label="anna" id="anna"/>'
    )

    cleaned = svg.clean(drawing(inside, opened=opened))

    assert b"anna" not in cleaned
    assert not MARK.search(cleaned)
    assert b"inkscape" not in cleaned
    assert b'<path d="M0 0h9v9z" fill="#0a5a5c"/>' in cleaned


def test_many_uses_of_uses_are_refused_before_they_are_drawn() -> None:
    levels = "".join(
        f'<g id="g{n + 1}">{f"<use href=`#g{n}`/>".replace("`", chr(34)) * 10}</g>'
        for n in range(12)
    )
    inside = f'<defs><g id="g0">{SHAPE}</g>{levels}</defs><use href="#g12"/>'

    [(_, what)] = faults(drawing(inside))

    assert what == "The picture draws its parts too many times."


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('<g id="a"><use href="#a"/></g>', "circle"),
        ('<use id="a" href="#b"/><use id="b" href="#a"/>', "circle"),
        ('<mask id="a"><rect mask="url(#a)" width="9" height="9"/></mask>', "circle"),
        ('<use href="#nothing"/>', "“nothing”"),
        ('<rect fill="url(#nothing)" width="9" height="9"/>', "“nothing”"),
        ("".join(f'<use id="a{n}" href="#a{n + 1}"/>' for n in range(900)), "circle"),
        ("<g>" * 100 + "</g>" * 100, "too many parts"),
        (SHAPE * 5_001, "too many parts"),
    ],
)
def test_parts_that_never_end_or_are_missing_are_refused(inside: str, words: str) -> None:
    [(_, what)] = faults(drawing(inside))

    assert words in what


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not SVG"),
        (b"words", "not SVG"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "not SVG"),
        (b"<svg viewBox='0 0 5 2'/>", "not SVG"),
        (b"\x1f\x8b\x08svgz", "not SVG"),
        (b"\xff\xd8\xff\xe0 JPEG", "not SVG"),
        (drawing("")[:-3], "not SVG"),
        (drawing("<g>"), "not SVG"),
        (b" " * 500_001, "at most 500,000 are read"),
        (drawing("", opened=f"{OPENED}>"), "how large"),
        (drawing("", opened=f'{OPENED}width="100%" height="100%">'), "how large"),
        (drawing("", opened=f'{OPENED}viewBox="0 0 0 0">'), "how large"),
        (drawing("", opened=f'{OPENED}viewBox="0 0 1e999 9">'), "how large"),
        (drawing("", opened=f'{OPENED}viewBox="0 0 1e300 1e300">'), "how large"),
        (drawing("", opened=f'{OPENED}viewBox="0 0 9">'), "how large"),
        (drawing("", opened=f'{OPENED}viewBox="nan nan nan nan">'), "how large"),
        (drawing("", opened=f'{OPENED}viewBox="nan nan 5 2">'), "how large"),
        (f"{OPENED}{BOX}>{SHAPE}</svg>".encode(), "no ground"),
        (f"{OPENED}{BOX}>{GROUND}</svg>".encode(), "one colour"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, words: str) -> None:
    [(_, what)] = faults(content)

    assert words in what


@pytest.mark.parametrize(
    ("opened", "box"),
    [
        ('viewBox="0 0 1200 480"', "0 0 1200 480"),
        ('width="1200" height="480"', "0 0 1200 480"),
        ('width="1200px" height="600px"', "0 60 1200 480"),
        ('viewBox="-600,-300 1200 600" width="30" height="20"', "-600 -240 1200 480"),
        ('viewBox="0 0 2400 480"', "600 0 1200 480"),
    ],
)
def test_the_middle_of_a_drawing_is_shown_in_the_ratio_of_the_pages(opened: str, box: str) -> None:
    ground = '<rect x="-3000" y="-3000" width="9000" height="9000"/>'
    cleaned = svg.clean(drawing(ground, opened=f"{OPENED}{opened}>"))

    root = ET.fromstring(cleaned)  # noqa: S314 - it has just been written anew
    assert root.attrib == {"viewBox": box, "width": "1200", "height": "480"}
    assert svg.draw(cleaned, 600).size == (600, 240)


TAGS = st.sampled_from(
    [*sorted(svg_rules.ELEMENTS), "script", "image", "style", "text", "a", "b:c"]
)
VALUES = st.text(max_size=12) | st.sampled_from(
    ["url(#a)", "#a", "javascript:alert(1)", "url(https://e.example)", "none", "9", "M0 0h9v9z"]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["id", "fill", "href", "d", "onload", "style", "width", "height", "transform"]),
    VALUES,
    max_size=4,
)


def _element(tag: str, attributes: dict[str, str], children: list[ET.Element]) -> ET.Element:
    made = ET.Element(tag, attributes)
    made.extend(children)
    return made


@settings(deadline=None)
@given(
    st.recursive(
        st.builds(_element, TAGS, ATTRIBUTES, st.just([])),
        lambda inner: st.builds(_element, TAGS, ATTRIBUTES, st.lists(inner, max_size=3)),
        max_leaves=8,
    )
)
def test_whatever_is_drawn_the_picture_is_clean_or_refused(part: ET.Element) -> None:
    try:
        cleaned = svg.clean(drawing(ET.tostring(part, encoding="unicode")))
    except BadPicture:
        return
    assert names(cleaned) <= svg_rules.ELEMENTS
    assert not MARK.search(cleaned)
    assert svg.clean(cleaned) == cleaned


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_cause_an_error(content: bytes) -> None:
    with pytest.raises(BadPicture):
        svg.clean(content)


def test_the_drawing_of_the_tests_is_clean() -> None:
    assert svg.clean(builders.DRAWING) == builders.DRAWING
