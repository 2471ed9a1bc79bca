"""The package and its template: Chalice packs both, and the package is made smaller.

The archive is packed again: sorted and with one date for every file, so that the same sources make
the same bytes, and with byte code that Lambda need not check against its source.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ops.build import contents, dependencies, exclusions
from ops.build.dependencies import ARCHITECTURES
from ops.build.errors import NotPacked
from ops.compiling import ROOT

PACKAGE: Final = "deployment.zip"
TEMPLATE: Final = "sam.json"
CONTENTS: Final = "contents.txt"
ARCHITECTURE: Final = "arm64"
"""The default: a fifth cheaper for the same work (AWS Lambda pricing)."""

_WHEELS: Final = ROOT / "build" / "dependencies"
_CHALICE: Final = "import sys; from chalice.cli import main; sys.exit(main())"
_SETTINGS: Final = Path(".chalice/config.json")
_REGION: Final = "eu-central-1"
"""Chalice asks for a region before it packs; no file that it makes depends on it."""
_IN_LAMBDA: Final = "/var/task"
"""Lambda unpacks here: tracebacks name files below it."""
_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
_FILE_MODE: Final = 0o644 << 16
_LOCAL: Final = shutil.ignore_patterns("__pycache__", ".*")


def make(project: Path, target: Path, architecture: str = ARCHITECTURE) -> Path:
    """Pack `project`, which is already compiled, into folder `target`; the path of the package.

    `architecture` is Lambda's name of a processor. Beside the package lie a template that names
    it, and contents.txt, which lists the files. Writes nothing to `project`. Needs no credentials,
    and the network only for wheels that no build has fetched before. Raises NotPacked, also for a
    file that must not be packed, or a package that is too large.
    """
    if architecture not in ARCHITECTURES:
        known = " or ".join(ARCHITECTURES)
        raise NotPacked(f"Lambda runs on {known}, not on {architecture!r}. Name one of them.")
    with TemporaryDirectory() as folder:
        root = Path(folder)
        copy = root / "project"
        _copy(project, copy, architecture)
        wheels = dependencies.install(project / "requirements.txt", architecture, _WHEELS)
        (copy / "vendor").symlink_to(wheels.absolute())
        packed = _run_chalice(copy, root / "packed")
        files = root / "files"
        _unpack(packed / PACKAGE, files)
        _add_licence_of_chalice(files)
        exclusions.shorten_botocore_data(files)
        _compile(files)
        target.mkdir(parents=True, exist_ok=True)
        package = target / PACKAGE
        _pack(files, package)
        shutil.copyfile(packed / TEMPLATE, target / TEMPLATE)
    contents.check(package, target / CONTENTS)
    return package


def _copy(project: Path, copy: Path, architecture: str) -> None:
    """Copy what Chalice reads, with `architecture` in its settings.

    Without requirements.txt: the wheels that Chalice would fetch lie in `vendor/`.
    """
    try:
        settings = json.loads((project / _SETTINGS).read_text("utf-8"))
        shutil.copytree(project / _SETTINGS.parent, copy / _SETTINGS.parent, ignore=_only_json)
        shutil.copytree(project / "chalicelib", copy / "chalicelib", ignore=_LOCAL)
        shutil.copyfile(project / "app.py", copy / "app.py")
    except (OSError, ValueError) as error:
        raise NotPacked(f"{project} cannot be packed: {error}") from error
    settings["lambda_architecture"] = architecture
    (copy / _SETTINGS).write_text(json.dumps(settings), "utf-8")


def _only_json(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".json") or Path(folder, name).is_dir()]


def _run_chalice(project: Path, packed: Path) -> Path:
    command = [sys.executable, "-c", _CHALICE, "package"]
    command += ["--merge-template", ".chalice/resources.json", str(packed)]
    ran = subprocess.run(
        command,
        cwd=project,
        env={"AWS_DEFAULT_REGION": _REGION, **os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode or not (packed / PACKAGE).exists():
        raise NotPacked(f"chalice package failed:\n{ran.stdout}{ran.stderr}")
    return packed


def _unpack(package: Path, files: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(files, exclusions.included(archive.namelist()))


def _add_licence_of_chalice(files: Path) -> None:
    """Add the metadata and licence of Chalice, of which it packs two modules without them."""
    for file in distribution("chalice").files or ():
        if file.parts[0].endswith(".dist-info") and exclusions.reason_to_exclude(str(file)) is None:
            copy = files / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), copy)


def _compile(files: Path) -> None:
    """Write byte code, the same for the same sources.

    In a process of its own with a fixed seed: the order of sets and the sharing of constants would
    otherwise depend on what this process has done before.
    """
    options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(files), "-p", _IN_LAMBDA]
    ran = subprocess.run(
        [sys.executable, "-m", "compileall", *options, str(files)],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if ran.returncode:
        raise NotPacked("A module of the package is not valid Python: run `make check`.")


def _pack(files: Path, package: Path) -> None:
    fresh = package.with_suffix(".new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in files.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(files).as_posix(), _FIXED_DATE)
            entry.external_attr = _FILE_MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), compresslevel=9)
    fresh.replace(package)
