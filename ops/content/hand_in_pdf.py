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


def pdf(report: HandInReport, *, made_at: datetime) -> bytes:
    """The report as a PDF. Letters that our font lacks come from fonts of this machine.

    Raises CannotContinue if no font has a letter.
    """
    compiler = compiler_of(report)
    try:
        document = compiler.compile(
            format="pdf", pdf_standards=["ua-1"], timestamp=int(made_at.timestamp())
        )
    except typst.TypstError as error:
        raise CannotContinue(
            f"The report cannot be set in type: {error.message}. If a letter has no font, install "
            "one that has it, such as Noto Sans, and try again."
        ) from error
    return b"".join(_parts(document))


def pages(report: HandInReport) -> Sequence[bytes]:
    """The pages of the report as pictures (PNG), to look at."""
    return _parts(compiler_of(report).compile(format="png", ppi=90))


def compiler_of(report: HandInReport) -> typst.Compiler:
    """A compiler of the report. Each text is a value of JSON, which the template shows as it is."""
    values = {**asdict(report), "language": report.language.code}
    return typst.Compiler(TEMPLATE, font_paths=[_FONTS], sys_inputs={"report": json.dumps(values)})


def _parts(compiled: bytes | list[bytes] | None) -> Sequence[bytes]:
    return compiled if isinstance(compiled, list) else [compiled or b""]
