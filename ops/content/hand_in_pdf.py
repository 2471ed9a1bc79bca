"""Sets a hand-in report in type: an accessible PDF (PDF/UA-1), by Typst."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import font_source_serif_pro
import typst

from chalicelib.rendering.hand_in_report import HandInReport
from ops.errors import CannotContinue

TEMPLATE: Final = Path(__file__).with_name("hand_in.typ")
_FONTS: Final = Path(font_source_serif_pro.font_files_ttf["SourceSerifPro"]).parent


def pdf(report: HandInReport, *, author: str, made_at: datetime) -> bytes:
    """The report as a PDF. Letters that our font lacks come from fonts of this machine.

    Raises CannotContinue if no font has a letter.
    """
    try:
        document = typst.compile(
            TEMPLATE,
            format="pdf",
            font_paths=[_FONTS],
            sys_inputs=_inputs(report, author),
            pdf_standards=["ua-1"],
            timestamp=made_at,
        )
    except typst.TypstError as error:
        raise CannotContinue(f"The report cannot be set in type: {error.message}") from error
    assert isinstance(document, bytes)
    return document


def pages(report: HandInReport, *, author: str) -> Sequence[bytes]:
    """The pages of the report as pictures (PNG)."""
    drawn = typst.compile(
        TEMPLATE, format="png", ppi=90, font_paths=[_FONTS], sys_inputs=_inputs(report, author)
    )
    return [drawn] if isinstance(drawn, bytes) else drawn


def _inputs(report: HandInReport, author: str) -> dict[str, str]:
    values = {**asdict(report), "language": report.language.code, "author": author}
    return {"report": json.dumps(values)}
