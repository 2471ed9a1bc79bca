"""Reads a petition's text in one language: introduction, demands, background."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chalicelib.domain.petition import Demand, PetitionText
from chalicelib.rendering import markdown
from chalicelib.rendering.markdown import Section
from ops.content.front_matter import Document, read_document
from ops.content.text_files import Problems

_LIMITS: Final = {"title": 120, "target": 200, "summary": 300, "risk": 300}
_OPTIONAL: Final = ("risk",)
_DEMAND: Final = re.compile(r"([0-9]{1,3})(?![0-9])\s*[.):-]?\s*(.*)")
"""Mistyped ones too, so that one slip is one problem; `_check_form` asks for the right form."""
_WELL_FORMED: Final = re.compile(r"##[ \t]+[0-9]{1,3}\.(?:[ \t].*)?")


def read_text(path: Path, problems: Problems) -> PetitionText | None:
    """Read one language's file. None if it cannot be read at all; problems are noted."""
    document = read_document(path, _LIMITS, problems, optional=_OPTIONAL)
    return _Reader(document=document, problems=problems).text() if document else None


def compare_demands(folder: Path, texts: Mapping[str, PetitionText], problems: Problems) -> None:
    """Note every language that has other demands than the first: numbers tie them together."""
    if not texts:
        return
    first, *others = texts
    wanted = _numbers(texts[first])
    for language in others:
        found = _numbers(texts[language])
        if found != wanted:
            problems.add(
                folder / f"{language}.md",
                1,
                f"It has the demands {_listed(found)}, but {first}.md has {_listed(wanted)}.",
                "Every language needs the same demands under the same numbers.",
            )


@dataclass(frozen=True, kw_only=True)
class _Reader:
    document: Document
    problems: Problems

    def text(self) -> PetitionText:
        self.document.note_faults(self.problems)
        introduction, *headed = markdown.sections(self.document.body)
        numbered = [section for section in headed if _DEMAND.fullmatch(section.heading)]
        others = [section for section in headed if section not in numbered]
        self._check_form(others)
        self._check_order(numbered, others)
        demands = tuple(
            self._demand(section, expected) for expected, section in enumerate(numbered, start=1)
        )
        if not introduction.html:
            self._add(0, "The text has no beginning.", "Say first what is asked, of whom and why.")
        if not demands:
            self._add(0, "The text has no demand.", "Add a heading such as: ## 1. What we ask for")
        if not others:
            self._add(
                0, "The text has no background.", "Add a heading without a number: ## Background"
            )
        return PetitionText(
            **self.document.values,
            introduction_html=introduction.html,
            demands=demands,
            background_heading=others[0].heading if others else "",
            background_html=self._filled(others[0]) if others else "",
        )

    def _check_form(self, others: Sequence[Section]) -> None:
        """Note headings that are meant as demands but typed otherwise than `## 2. Words`."""
        for heading in markdown.heading_lines(self.document.body):
            parts = _DEMAND.fullmatch(heading.text)
            # Within the background, a smaller heading may well have a number.
            inner = heading.level != 2 and others and heading.line > others[0].line
            if parts and not inner and not _WELL_FORMED.fullmatch(heading.source):
                self._add(
                    heading.line,
                    f"“{heading.source}” is not how a demand's heading is written.",
                    f"Write this heading as: ## {parts[1]}. {parts[2] or 'Words'}",
                )

    def _check_order(self, numbered: Sequence[Section], others: Sequence[Section]) -> None:
        for section in others[1:]:
            self._add(
                section.line,
                f"“{section.heading}” is a second heading without a number.",
                "Within the background, write ### for a heading.",
            )
        for section in numbered:
            if others and section.line > others[0].line:
                self._add(
                    section.line,
                    f"The demand “{section.heading}” stands after the background.",
                    "Move it up to the other demands.",
                )

    def _demand(self, section: Section, expected: int) -> Demand:
        parts = _DEMAND.fullmatch(section.heading)
        number, heading = (int(parts[1]), parts[2]) if parts else (0, "")
        if number != expected:
            self._add(
                section.line,
                f"This demand has the number {number}; {expected} is next.",
                "Number the demands 1, 2, 3 and so on, in their order.",
            )
        if not heading:
            self._add(section.line, "This demand has no heading.", "Write it after the number.")
        return Demand(number=number, heading=heading, html=self._filled(section))

    def _filled(self, section: Section) -> str:
        if not section.html:
            self._add(
                section.line,
                f"Nothing stands under “{section.heading}”.",
                "Write a sentence or two.",
            )
        return section.html

    def _add(self, line: int, what: str, remedy: str) -> None:
        """`line` counts from 0 within the text below the first lines."""
        self.problems.add(self.document.path, self.document.body_line + line, what, remedy)


def _numbers(text: PetitionText) -> Sequence[int]:
    return [demand.number for demand in text.demands]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"
