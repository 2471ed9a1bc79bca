"""Cleans an SVG: what is published is written anew, from the parts that are allowed."""

import re
from collections.abc import Mapping
from typing import Final

from chalicelib.rendering.pictures.faults import bad
from chalicelib.rendering.pictures.svg_rules import REFERENCE, SVG, XLINK
from chalicelib.rendering.pictures.svg_tree import SvgElement, parse

WIDTH: Final = 1200
HEIGHT: Final = 480
"""Pixels, 5:2: every picture is made so wide and so high."""
_MAX_SOURCE_BYTES: Final = 500_000
_MAX_DRAWN: Final = 20_000
"""Parts that are drawn, each as often as it is used: ten uses of ten uses are a hundred."""
_MAX_CHAIN: Final = 200
_NUMBER: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?)(?:px)?\s*")


def clean(content: bytes) -> bytes:
    """A picture of 5:2 with all of an SVG that is allowed. Raises BadPicture."""
    if len(content) > _MAX_SOURCE_BYTES:
        what = f"The file has {len(content):,} bytes; at most {_MAX_SOURCE_BYTES:,} are read."
        raise bad(what, "Simplify it, or save it as a PNG.")
    root = parse(content)
    root.attributes.update(_frame(root))
    _rename(root)
    return root.to_xml().encode()


def _frame(root: SvgElement) -> Mapping[str, str]:
    """The attributes of the root: a part in the middle of what was drawn, in the ratio 5:2."""
    box = root.attributes.pop("viewBox", "").replace(",", " ").split()
    sides = [_NUMBER.fullmatch(root.attributes.pop(side, "")) for side in ("width", "height")]
    try:
        if box:
            left, top, width, height = map(float, box)
        else:
            left, top, (width, height) = 0, 0, (float(side[1]) for side in sides if side)
    except ValueError:
        left = top = width = height = 0
    if not (0 < width < 1e6 and 0 < height < 1e6 and abs(left) < 1e6 and abs(top) < 1e6):
        what = "The picture does not say how large it is."
        raise bad(what, f'Add to <svg: viewBox="0 0 {WIDTH} {HEIGHT}"', root.line)
    part = min(width, height * WIDTH / HEIGHT)
    low = part * HEIGHT / WIDTH
    frame = (left + (width - part) / 2, top + (height - low) / 2, part, low)
    linked = any("href" in element.attributes for element in root.walk())
    for kept in ("x", "y", "id"):
        root.attributes.pop(kept, None)
    return {
        "xmlns": SVG,
        **({"xmlns:xlink": XLINK} if linked else {}),
        "viewBox": " ".join(f"{number:.6g}" for number in frame),
        "width": str(WIDTH),
        "height": str(HEIGHT),
    }


def _rename(root: SvgElement) -> None:
    """Give short ids to the elements that others draw with, and none to the rest."""
    by_id = {each.attributes["id"]: each for each in root.walk() if "id" in each.attributes}
    _check_references(root, by_id)
    used = dict.fromkeys(name for each in root.walk() for name in each.references)
    short = {name: f"p{number}" for number, name in enumerate(used)}
    for each in root.walk():
        own = each.attributes.pop("id", "")
        for name, value in each.attributes.items():
            if name == "href":
                each.attributes[name] = f"#{short[value[1:]]}"
            else:
                pointed = REFERENCE.sub(lambda match: f"url(#{short[match[1]]})", value)
                each.attributes[name] = pointed
        if own in short and by_id[own] is each:
            each.attributes["id"] = short[own]


def _check_references(root: SvgElement, by_id: Mapping[str, SvgElement]) -> None:
    """Raise BadPicture if one leads nowhere or in a circle, or if they multiply what is drawn."""
    drawn: dict[int, int] = {}

    def parts(element: SvgElement, above: tuple[SvgElement, ...]) -> int:
        """How many parts an element draws, with those that it uses and each as often."""
        if any(other is element for other in above) or len(above) > _MAX_CHAIN:
            what = "Parts of the picture use each other in a circle."
            raise bad(what, "Draw each part by itself.", element.line)
        if id(element) not in drawn:
            missing = [name for name in element.references if name not in by_id]
            if missing:
                what = f"There is no part with the id “{missing[0][:40]}”."
                raise bad(what, "Draw it, or take away what uses it.", element.line)
            below = [*element.children, *(by_id[name] for name in element.references)]
            drawn[id(element)] = 1 + sum(parts(each, (*above, element)) for each in below)
        return drawn[id(element)]

    if parts(root, ()) > _MAX_DRAWN:
        what = "The picture draws its parts too many times."
        raise bad(what, "Simplify it, or save it as a PNG.", root.line)
