"""`make build`: the package that runs in Lambda, and the CloudFormation template that deploys it.

Chalice packs `app.py`, `chalicelib/` and the wheels of `requirements.txt`. Its archive is packed
again: sorted and with one date for every file, so that the same sources make the same bytes, and
with byte code that Lambda need not check, which takes two thirds off the first answer.
"""

import compileall
import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from typing import Final

from ops import compiling

PACKAGE: Final = "deployment.zip"
TEMPLATE: Final = "sam.json"
MOST_BYTES: Final = 250 * 1024 * 1024
"""Unpacked size that Lambda takes (AWS Lambda quotas, "Deployment package size")."""

_CHALICE: Final = "import sys; from chalice.cli import main; sys.exit(main())"
_RESOURCES: Final = ".chalice/resources.json"
_REGION: Final = "eu-central-1"
"""Chalice wants to hear of a region before it packs; no file that it makes depends on it."""
_IN_LAMBDA: Final = "/var/task"
"""Where Lambda unpacks: tracebacks name files below it."""
_ONE_DATE: Final = (1980, 1, 1, 0, 0, 0)
_FILE_MODE: Final = 0o644 << 16


class NotPacked(Exception):
    """The package cannot be made. The message says what Chalice said, or which limit is passed."""


def make(project: Path, target: Path) -> Path:
    """Pack `project`, whose compiled output is in place, into folder `target`; the package's path.

    Needs no credentials, and the network only for wheels that pip has not kept. Raises NotPacked.
    """
    command = [sys.executable, "-c", _CHALICE, "package", "--merge-template", _RESOURCES]
    ran = subprocess.run(
        [*command, str(target)],
        cwd=project,
        env={"AWS_DEFAULT_REGION": _REGION, **os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    package = target / PACKAGE
    if ran.returncode or not package.exists():
        raise NotPacked(f"chalice package failed:\n{ran.stdout}{ran.stderr}")
    _pack_again(package)
    return package


def summary(package: Path) -> str:
    """What a package weighs, and which parts of it weigh most. Raises NotPacked over the limit."""
    with zipfile.ZipFile(package) as archive:
        files = archive.infolist()
    sizes: Counter[str] = Counter()
    for file in files:
        sizes[file.filename.partition("/")[0]] += file.file_size
    unpacked = sizes.total()
    if unpacked > MOST_BYTES:
        raise NotPacked(f"{_megabytes(unpacked)} unpacked is more than Lambda takes")
    packed = _megabytes(package.stat().st_size)
    lines = [f"{package.name}: {packed}, {len(files)} files, {_megabytes(unpacked)} unpacked"]
    lines += [f"  {_megabytes(size):>9}  {name}" for name, size in sizes.most_common(6)]
    return "\n".join(lines)


def main() -> int:
    """Compile, pack into `build/`, and say what came out. Returns the exit status."""
    target = compiling.ROOT / "build"
    print("Compiling templates, catalogues and the style sheet …")
    compiling.compile_all()
    print("Packing what runs in Lambda …")
    try:
        package = make(compiling.ROOT, target)
        print(summary(package))
    except NotPacked as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Ready: build/{package.name} and build/{TEMPLATE}")
    return 0


def _pack_again(package: Path) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with zipfile.ZipFile(package) as archive:
            names = [name for name in archive.namelist() if "__pycache__" not in name]
            archive.extractall(root, names)
        # Chalice names the Python that runs here as Lambda's, so its byte code fits there.
        compileall.compile_dir(
            root,
            quiet=2,
            stripdir=folder,
            prependdir=_IN_LAMBDA,
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
        fresh = package.with_suffix(".new")
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in root.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _ONE_DATE)
                entry.external_attr = _FILE_MODE
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
        fresh.replace(package)


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
