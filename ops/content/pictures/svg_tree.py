"""Reads an SVG into a tree of the elements and attributes that are allowed."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.saxutils import quoteattr
from xml.sax.xmlreader import Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from ops.content.pictures import svg_rules
from ops.content.pictures.faults import BadPicture, Fault, bad
from ops.content.pictures.svg_rules import REFERENCE, SVG

_MAX_ELEMENTS: Final = 5_000
_MAX_DEPTH: Final = 40
_MAX_FAULTS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Element:
    """An element; its attributes have neither addresses nor names of other files."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list["Element"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
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


def parse(content: bytes) -> Element:
    """The root of an SVG. Raises BadPicture."""
    reader = _Reader()
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(reader)
    try:
        parser.parse(io.BytesIO(content))
    except DefusedXmlException as error:
        what = "The file declares a document type or entities."
        raise bad(what, "Delete the part that begins with <!DOCTYPE.", reader.line) from error
    except SAXParseException as error:
        what = f"This is not SVG: {error.getMessage()}."
        remedy = "Save the picture again as plain SVG."
        raise bad(what, remedy, error.getLineNumber() or 1) from error
    if reader.faults:
        raise BadPicture(reader.faults)
    if reader.root is None or reader.root.name != "svg":
        raise bad("This is not SVG.", f'It must begin with: <svg xmlns="{SVG}"')
    return reader.root


class _Reader(ContentHandler):
    """Builds the tree, and notes what is refused. Text, comments and instructions are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self.faults: list[Fault] = []
        self._locator: Locator | None = None
        self._open: list[Element] = []
        self._left_out = 0
        self._elements = 0

    @property
    def line(self) -> int:
        """The line that is being read."""
        return (self._locator.getLineNumber() if self._locator else None) or 1

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - SAX names it
        self._locator = locator

    def startElementNS(  # noqa: N802 - SAX names it
        self, name: tuple[str | None, str], _qname: str | None, attrs: Any
    ) -> None:
        namespace, local = name
        if self._left_out or namespace != SVG or local in svg_rules.LEFT_OUT:
            self._left_out += 1
        elif local not in svg_rules.ELEMENTS or (local == "svg" and self._open):
            self._left_out += 1
            self._refuse(svg_rules.element_fault(local, self.line))
        else:
            self._add(local, dict(attrs.items()))

    def endElementNS(self, _name: tuple[str | None, str], _qname: str | None) -> None:  # noqa: N802
        if self._left_out:
            self._left_out -= 1
        else:
            self._open.pop()

    def _add(self, name: str, given: Mapping[tuple[str | None, str], str]) -> None:
        self._elements += 1
        if self._elements > _MAX_ELEMENTS or len(self._open) >= _MAX_DEPTH:
            what = "The picture has too many parts."
            raise bad(what, "Simplify it, or save it as a PNG.", self.line)
        found: list[Fault] = []
        kept = dict(svg_rules.attributes(given, self.line, found))
        for fault in found:
            self._refuse(fault)
        element = Element(name=name, attributes=kept, line=self.line)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _refuse(self, fault: Fault) -> None:
        self.faults.append(fault)
        if len(self.faults) == _MAX_FAULTS:
            raise BadPicture(self.faults)
