"""HTML parsing: every element of a page with its attributes and its text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_VOID: Final = frozenset({"meta", "link", "input", "br", "hr", "img", "rect"})


@dataclass
class Element:
    """An element with its attributes."""

    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The visible text, with single spaces."""
        return " ".join("".join(self.parts).split())

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str) -> str:
        """An attribute, or nothing."""
        return self.attributes.get(name, "")


class _ElementParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        if tag == "option":
            self._end_option()
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._end_option()
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def _end_option(self) -> None:
        """An option ends where the next one begins, or the list ends."""
        if self.open and self.open[-1].tag == "option":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.parts.append(data)


class ParsedPage:
    """The elements of a page. Fails when elements are not closed in order."""

    def __init__(self, html: str) -> None:
        parser = _ElementParser()
        parser.feed(html)
        parser.close()
        assert not parser.open, f"not closed: {[element.tag for element in parser.open]}"
        self.elements = parser.elements

    def all(self, *tags: str) -> list[Element]:
        """Every element of these kinds, in order."""
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str) -> Element:
        """The only element of its kind."""
        [element] = self.all(tag)
        return element

    def field(self, name: str) -> Element:
        """The only form field of that name."""
        [element] = [e for e in self.all("input", "select") if e.get("name") == name]
        return element

    @property
    def text(self) -> str:
        """The text between <main> and </main>."""
        return self.one("main").text
