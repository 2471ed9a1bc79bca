"""Libraries of the package and their licences, read from the metadata inside it."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

from license_expression import ExpressionError, get_spdx_licensing

from ops.build.errors import CheckFailed

ALLOWED: Final = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "Unlicense"}
)
"""SPDX ids of licences that let the package be passed on, with their texts inside."""
_METADATA: Final = re.compile(r"[^/]+\.dist-info/METADATA")
_TEXT: Final = re.compile(r"(?i).*/(licen[cs]e|copying|notice|authors)[^/]*$")
_SPDX: Final = {
    "Apache License 2.0": "Apache-2.0",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: The Unlicense (Unlicense)": "Unlicense",
}
"""Words from before SPDX expressions. Jinja and dateutil, who say "BSD", mean the three clauses."""


@dataclass(frozen=True, kw_only=True)
class PackedLibrary:
    """A distribution in the package; `licence` is an SPDX expression, `texts` are its files."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


def read_libraries(package: Path) -> Sequence[PackedLibrary]:
    """The libraries in the package, by name. Raises CheckFailed if one names no licence."""
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        libraries = [
            _library(name, archive.read(name).decode(), names)
            for name in names
            if _METADATA.fullmatch(name)
        ]
    return sorted(libraries, key=lambda library: library.name)


def check(libraries: Sequence[PackedLibrary], listing: Path) -> str:
    """Write names and licences to `listing`, and compare them with ALLOWED. One line on it.

    Raises CheckFailed for a licence that is not in ALLOWED, and for a missing licence text.
    """
    lines = [f"{library.name} {library.version}: {library.licence}" for library in libraries]
    listing.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    refused = [
        f"{library.name} {library.version} is under {library.licence!r}."
        for library in libraries
        if not _is_allowed(library.licence)
    ]
    if refused:
        remedy = "Read that licence; add it to ALLOWED in ops/build/licences.py, or do without."
        raise CheckFailed("\n".join([*refused, remedy]))
    without_text = [library.name for library in libraries if not library.texts]
    if without_text:
        names = ", ".join(without_text)
        raise CheckFailed(f"No text of the licence is packed: {names}. See exclusions.py.")
    licences = sorted({library.licence for library in libraries})
    return f"{len(libraries)} libraries under {', '.join(licences)}"


def _library(name: str, metadata: str, names: Sequence[str]) -> PackedLibrary:
    fields = HeaderParser().parsestr(metadata)
    folder = name.removesuffix("METADATA")
    words = [fields.get("License-Expression"), fields.get("License")]
    words += [word for word in fields.get_all("Classifier", []) if word.startswith("License ::")]
    licences = [_SPDX.get(word, word) for word in words if word]
    known = [licence for licence in licences if _is_allowed(licence)]
    if not licences:
        raise CheckFailed(f"{fields['Name']} names no licence. Ask its authors.")
    return PackedLibrary(
        name=fields["Name"],
        version=fields["Version"],
        licence=" OR ".join(dict.fromkeys(known)) or licences[0],
        texts=tuple(file for file in names if file.startswith(folder) and _TEXT.match(file)),
    )


def _is_allowed(licence: str) -> bool:
    """Whether every licence that the expression names is allowed (of `A OR B`, one is enough)."""
    licensing = get_spdx_licensing()
    try:
        parsed = licensing.parse(licence, validate=True)
    except ExpressionError:
        return False
    if parsed is None:
        return False
    allowed = {licensing.parse(licence): licensing.TRUE for licence in ALLOWED}
    return bool(parsed.subs(allowed, simplify=True) == licensing.TRUE)
