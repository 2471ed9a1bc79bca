"""What may stand in an SVG: shapes, gradients, clips and masks, and nothing that acts or loads.

SVG 2: https://www.w3.org/TR/SVG2/. A value may hold neither a colon nor a slash, so no address.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from chalicelib.rendering.pictures.faults import PictureFault

SVG: Final = "http://www.w3.org/2000/svg"
XLINK: Final = "http://www.w3.org/1999/xlink"

ELEMENTS: Final = frozenset(
    """
    circle clipPath defs ellipse g line linearGradient mask path polygon polyline radialGradient
    rect stop svg use
    """.split()  # noqa: SIM905 - words stay in alphabetical order
)
LEFT_OUT: Final = frozenset({"title", "desc", "metadata"})
"""Elements that draw nothing."""
_ATTRIBUTES: Final = frozenset(
    """
    clip-path clip-rule clipPathUnits color cx cy d display fill fill-opacity fill-rule fr fx fy
    gradientTransform gradientUnits height href id mask mask-type maskContentUnits maskUnits
    offset opacity paint-order points r rx ry shape-rendering spreadMethod stop-color stop-opacity
    stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width transform vector-effect viewBox visibility width x x1 x2 y y1 y2
    """.split()  # noqa: SIM905 - words stay in alphabetical order
)
_WITHOUT_EFFECT: Final = re.compile(
    "-.*|aria-.*|data-.*|font.*|text-.*|inline-size|letter-spacing|line-height|word-spacing"
    "|writing-mode|direction|dominant-baseline|white-space|class|role|focusable|version|baseProfile"
    "|enable-background|overflow|isolation|solid-.*|color-.*|image-rendering|preserveAspectRatio"
)
"""Attributes and properties that change nothing where there is no text, filter or style sheet."""
_VALUE: Final = re.compile(r"[\w\s#%.,()+-]*", re.ASCII)
_FUNCTION: Final = re.compile(r"([\w-]+)\s*\(")
_FUNCTIONS: Final = frozenset(
    """
    hsl hsla matrix rgb rgba rotate scale skewX skewY translate url
    """.split()  # noqa: SIM905 - words stay in alphabetical order
)
REFERENCE: Final = re.compile(r"url\(#([\w.-]+)\)", re.ASCII)
_QUOTED: Final = re.compile(r"""url\(\s*["']?(#[\w.-]+)["']?\s*\)""", re.ASCII)
_LOCAL: Final = re.compile(r"#[\w.-]+", re.ASCII)
_NONE: Final = frozenset({"", "none", "normal"})

_REMEDIES: Final[Mapping[str, str]] = {
    "a": "Take the link away.",
    "image": "Save the whole picture as a JPEG or PNG, or draw what it shows.",
    "script": "Delete it: a picture runs nothing.",
    "style": "Write colours as attributes, such as fill: drawing programs call that "
    "“presentation attributes”.",
    **dict.fromkeys(
        ("text", "tspan", "textPath"),
        "Turn letters into paths, or better leave them out: nobody can translate them.",
    ),
    **dict.fromkeys(
        ("animate", "animateMotion", "animateTransform", "set"),
        "Delete it: a picture stands still.",
    ),
}


def element_fault(name: str, line: int) -> PictureFault:
    """Why an element is refused."""
    remedy = _REMEDIES.get(name, "Draw it with shapes, or save the picture as a PNG.")
    return PictureFault(what=f"<{name}> is not allowed in a picture.", remedy=remedy, line=line)


def attributes(
    given: Mapping[tuple[str, str], str], line: int, faults: list[PictureFault]
) -> Mapping[str, str]:
    """The attributes of an element that are kept, by name; what is refused goes to `faults`.

    `given` is by namespace and name. Properties in `style` become attributes, which they override.
    """
    kept: dict[str, str] = {}
    for name, value in _pairs(given):
        if name.lower().startswith("on"):
            what, remedy = f"“{name}” would run something.", "Delete it: a picture runs nothing."
            faults.append(PictureFault(what=what, remedy=remedy, line=line))
        elif name not in _ATTRIBUTES:
            if not _WITHOUT_EFFECT.fullmatch(name) and value not in _NONE:
                what = f"“{name}” is not allowed in a picture."
                remedy = "Draw without it, or save the picture as a PNG."
                faults.append(PictureFault(what=what, remedy=remedy, line=line))
        elif fault := _value_fault(name, value, line):
            faults.append(fault)
        else:
            kept[name] = value
    return kept


def _pairs(given: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    for (namespace, name), value in given.items():
        if namespace == XLINK and name == "href":
            yield name, value.strip()
        elif not namespace and name != "style":
            yield name, _spaced(value)
    # Attributes of other namespaces are notes of drawing programs.
    for declaration in given.get(("", "style"), "").split(";"):
        name, _, value = declaration.partition(":")
        if name.strip():
            yield name.strip(), _spaced(value.replace("!important", ""))


def _spaced(value: str) -> str:
    return _QUOTED.sub(r"url(\1)", " ".join(value.split()))


def _value_fault(name: str, value: str, line: int) -> PictureFault | None:
    if name == "href" and not _LOCAL.fullmatch(value):
        what = f"“{name}” leads out of the picture: “{value[:40]}”."
        return PictureFault(what=what, remedy="Draw what it leads to.", line=line)
    functions = set(_FUNCTION.findall(value))
    whole = len(REFERENCE.findall(value)) == value.lower().count("url")
    if not _VALUE.fullmatch(value) or not functions <= _FUNCTIONS or not whole:
        what = f"“{name}” has a value that is not allowed: “{value[:40]}”."
        return PictureFault(what=what, remedy="Write a plain number, colour or path.", line=line)
    return None
