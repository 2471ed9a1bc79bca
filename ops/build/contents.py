"""Limits of the finished package: which files it may hold, and how large it may be."""

import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Final

from ops.build.errors import CheckFailed

MOST_PACKED: Final = 15_000_000
"""Bytes of the archive: our own limit, a third of what Lambda takes."""
MOST_UNPACKED: Final = 250 * 1024 * 1024
"""Bytes unpacked that Lambda takes (AWS Lambda quotas, "Deployment package size")."""

_OURS: Final = re.compile(r"(app\.py$|__pycache__/app\.|chalicelib/)")
_FORBIDDEN: Final = (
    (r"(ops|tests|bench|docs|templates|locale|petitions|build|vendor)/", "for development"),
    (r".*\.(po|pot|toml|cfg|ini|lock|env|csv|gz\.key|key|zaklik|ipynb)$", "for development"),
    (r"(.*/)?\.[^/]+(/|$)", "hidden"),
    (r"(.*/)?_local\b", "of the local run"),
    (r".*\.(pyi|pyx|pxd|c|h)$", "for compilers"),
    (r"(.*/)?tests?/", "a test"),
    (r".*\.(dll|dylib|exe|pyd)$", "for another system"),
)
_SECRET: Final = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bA(?:KIA|SIA)[0-9A-Z]{16}\b|/_local\b"
    rb'|"format":\s*"zaklik-key/1"'
)
"""Keys, and traces of the local run: searched in our own files, since libraries parse keys."""


def check(package: Path, listing: Path) -> None:
    """List the files of the package in `listing`, and compare them with the limits.

    Raises CheckFailed naming every file that must not be packed, or the limit that is passed.
    """
    with zipfile.ZipFile(package) as archive:
        files = archive.infolist()
        secret = [
            file.filename
            for file in files
            if _OURS.match(file.filename) and _SECRET.search(archive.read(file))
        ]
    listing.write_text("".join(f"{f.file_size:>10} {f.filename}\n" for f in files), "utf-8")
    forbidden = [
        f"{file.filename} is {why} and must not be packed."
        for file in files
        for pattern, why in _FORBIDDEN
        if re.match(pattern, file.filename)
    ]
    forbidden += [f"{name} holds a key, or something of the local run." for name in secret]
    if forbidden:
        remedy = "Remove it from chalicelib/ or see exclusions.py."
        raise CheckFailed("\n".join([*forbidden, remedy]))
    _check_size(package.stat().st_size, sum(file.file_size for file in files))


def summary(package: Path) -> str:
    """The size of a package and of its largest parts, in lines."""
    with zipfile.ZipFile(package) as archive:
        files = archive.infolist()
    sizes: Counter[str] = Counter()
    for file in files:
        sizes[file.filename.partition("/")[0]] += file.compress_size
    packed, unpacked = package.stat().st_size, sum(file.file_size for file in files)
    lines = [
        f"{package.name}: {_megabytes(packed)}, {len(files)} files, {_megabytes(unpacked)} unpacked"
    ]
    lines += [f"  {_megabytes(size):>9}  {name}" for name, size in sizes.most_common(6)]
    return "\n".join(lines)


def _check_size(packed: int, unpacked: int) -> None:
    for size, limit, reason in (
        (packed, MOST_PACKED, "we want to start with"),
        (unpacked, MOST_UNPACKED, "Lambda unpacks"),
    ):
        if size > limit:
            raise CheckFailed(
                f"The package has {_megabytes(size)}, more than the {_megabytes(limit)}"
                f" that {reason}. build/contents.txt shows what grew; exclusions.py leaves it out."
            )


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"
