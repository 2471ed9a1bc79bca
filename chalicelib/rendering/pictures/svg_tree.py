"""Reads an SVG into a tree of the elements and attributes that are allowed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from chalicelib.rendering.pictures import svg_rules
from chalicelib.rendering.pictures.faults import BadPicture, PictureFault, bad
from chalicelib.rendering.pictures.svg_rules import REFERENCE, SVG

_MAX_ELEMENTS: Final = 5_000
_MAX_DEPTH: Final = 40
_MAX_FAULTS: Final = 10
_SEPARATOR: Final = "\n"
"""Between a namespace and a name, in which it cannot stand."""


@dataclass(frozen=True, kw_only=True)
class SvgElement:
    """An element; its attributes have neither addresses nor names of other files."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list["SvgElement"] = field(default_factory=list)

    def walk(self) -> Iterator["SvgElement"]:
        """This element and all below it, in their order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def references(self) -> tuple[str, ...]:
        """The ids of the elements that this one draws with."""
        found = [name for value in self.attributes.values() for name in REFERENCE.findall(value)]
        if "href" in self.attributes:
            found.append(self.attributes["href"][1:])
        return tuple(found)

    def to_xml(self) -> str:
        """The element as XML, without anything between its tags."""
        inside = "".join(child.to_xml() for child in self.children)
        attributes = "".join(
            # Browsers of before 2018 know only the older name.
            f" {'xlink:href' if name == 'href' else name}={quoteattr(value)}"
            for name, value in self.attributes.items()
        )
        end = f">{inside}</{self.name}>" if inside else "/>"
        return f"<{self.name}{attributes}{end}"


def parse(content: bytes) -> SvgElement:
    """The root of an SVG. Raises BadPicture."""
    reader = _SvgReader()
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        what = f"This is not SVG: {expat.ErrorString(error.code)}."
        raise bad(what, "Save the picture again as plain SVG.", error.lineno) from error
    if reader.faults:
        raise BadPicture(reader.faults)
    if reader.root is None or reader.root.name != "svg":
        raise bad("This is not SVG.", f'It must begin with: <svg xmlns="{SVG}"')
    return reader.root


class _SvgReader:
    """Builds the tree, and notes what is refused. Text, comments and instructions are left out."""

    def __init__(self) -> None:
        self.root: SvgElement | None = None
        self.faults: list[PictureFault] = []
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.ordered_attributes = True
        self.parser.StartDoctypeDeclHandler = self._refuse_document_type
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._open: list[SvgElement] = []
        self._left_out = 0
        self._elements = 0

    def _refuse_document_type(self, *_declared: Any) -> None:
        # Entities are declared there: some multiply without end, others read files.
        what = "The file declares a document type."
        remedy = "Delete the part from <!DOCTYPE to its end."
        raise bad(what, remedy, self.parser.CurrentLineNumber)

    def _start(self, name: str, given: list[str]) -> None:
        namespace, _, local = name.rpartition(_SEPARATOR)
        line = self.parser.CurrentLineNumber
        if self._left_out or namespace != SVG or local in svg_rules.LEFT_OUT:
            self._left_out += 1
        elif local not in svg_rules.ELEMENTS or (local == "svg" and self._open):
            self._left_out += 1
            self._refuse(svg_rules.element_fault(local, line))
        else:
            names = [full.rpartition(_SEPARATOR)[::2] for full in given[::2]]
            self._add(local, dict(zip(names, given[1::2], strict=True)), line)

    def _end(self, _name: str) -> None:
        if self._left_out:
            self._left_out -= 1
        else:
            self._open.pop()

    def _add(self, name: str, given: Mapping[tuple[str, str], str], line: int) -> None:
        self._elements += 1
        if self._elements > _MAX_ELEMENTS or len(self._open) >= _MAX_DEPTH:
            raise bad("The picture has too many parts.", "Simplify it, or save it as a PNG.", line)
        found: list[PictureFault] = []
        kept = dict(svg_rules.attributes(given, line, found))
        for fault in found:
            self._refuse(fault)
        element = SvgElement(name=name, attributes=kept, line=line)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _refuse(self, fault: PictureFault) -> None:
        self.faults.append(fault)
        if len(self.faults) == _MAX_FAULTS:
            raise BadPicture(self.faults)
