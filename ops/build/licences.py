"""Who wrote what is packed, and under which licences: from the metadata inside the package."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

from license_expression import ExpressionError, get_spdx_licensing

from ops.build.findings import CheckFailed

ALLOWED: Final = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "Unlicense"}
)
"""SPDX ids of licences that let the package be passed on with their texts inside, which it is."""
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
class Packed:
    """One distribution in the package; `licence` is an SPDX expression."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


def packed(package: Path) -> Sequence[Packed]:
    """Every distribution in the package, by name. Raises CheckFailed if one says no licence."""
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        found = [
            _distribution(name, archive.read(name).decode(), names)
            for name in names
            if _METADATA.fullmatch(name)
        ]
    return sorted(found, key=lambda one: one.name)


def permitted(distributions: Sequence[Packed], listing: Path) -> str:
    """Write names and licences to `listing`, and hold them against ALLOWED. One line on it.

    Raises CheckFailed for a licence that is not known here, and for a missing licence text.
    """
    lines = [f"{one.name} {one.version}: {one.licence}\n" for one in distributions]
    listing.write_text("".join(lines), "utf-8")
    unknown = [one for one in distributions if not _is_allowed(one.licence)]
    if unknown:
        raise CheckFailed(
            "\n".join(f"{one.name} {one.version} is under {one.licence!r}." for one in unknown)
            + "\nRead that licence; add it to ALLOWED in ops/build/licences.py, or do without."
        )
    bare = [one.name for one in distributions if not one.texts]
    if bare:
        raise CheckFailed(
            f"The text of the licence is missing: {', '.join(bare)}. See ops/build/pruning.py."
        )
    kinds = sorted({one.licence for one in distributions})
    return f"{len(distributions)} libraries under {', '.join(kinds)}"


def _distribution(name: str, metadata: str, names: Sequence[str]) -> Packed:
    fields = HeaderParser().parsestr(metadata)
    folder = name.removesuffix("METADATA")
    words = [fields.get("License-Expression"), fields.get("License")]
    words += [word for word in fields.get_all("Classifier", []) if word.startswith("License ::")]
    licences = [_SPDX.get(word, word) for word in words if word]
    known = [licence for licence in licences if _is_allowed(licence)]
    if not licences:
        raise CheckFailed(f"{fields['Name']} does not say its licence. Ask its authors.")
    return Packed(
        name=fields["Name"],
        version=fields["Version"],
        licence=" OR ".join(dict.fromkeys(known)) or licences[0],
        texts=tuple(one for one in names if one.startswith(folder) and _TEXT.match(one)),
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
    free = {licensing.parse(one): licensing.TRUE for one in ALLOWED}
    return bool(parsed.subs(free, simplify=True) == licensing.TRUE)
