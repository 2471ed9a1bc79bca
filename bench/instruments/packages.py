"""What is measured: our package, a bare function packed the stock way, and nothing at all."""

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from compileall import compile_dir
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final

from bench.instruments.moto_service import UnexpectedAnswer
from ops.build import packaging
from ops.compiling import ROOT
from tests.package.runtime_api import install_runtime

BOTH: Final = ("arm64", "x86_64")
HERE: Final = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
"""What Lambda calls a machine like this one."""
OURS: Final = "Zaklik"
_CHALICE: Final = "import sys; from chalice.cli import main; sys.exit(main())"
BARE: Final = """import os

import boto3
from chalice import Chalice

app = Chalice(app_name="bare")
dynamodb = boto3.client("dynamodb")


@app.route("/")
def index():
    key = {"pk": {"S": "petition"}, "sk": {"S": "open-door"}}
    item = dynamodb.get_item(TableName=os.environ["ZAKLIK_PETITIONS_TABLE"], Key=key)["Item"]
    return {"slug": item["slug"]["S"]}
"""
"""One route, one GetItem, and the client made as everybody makes it."""
EMPTY: Final = "def handler(event, context):\n    return {}\n"


@dataclass(frozen=True, kw_only=True)
class Size:
    """Bytes of a package: the zip, and all its files unpacked; and their number."""

    zipped: int
    unpacked: int
    files: int


@dataclass(frozen=True, kw_only=True)
class Packages:
    """Unpacked packages, each as /var/task; `runtime` is what Lambda brings along itself.

    `stock` is the bare function's zip as it came; `compiled` the same with byte code like ours;
    `empty` a handler that imports nothing. Zips by the architecture, or by their name.
    """

    ours: Path
    stock: Path
    compiled: Path
    empty: Path
    runtime: Path
    sizes: Mapping[str, Size]


def make(folder: Path, architectures: Sequence[str]) -> Packages:
    """Build and unpack everything below `folder`; `architectures` include this machine's."""
    zips = {name: packaging.make(ROOT, folder / "built" / name, name) for name in architectures}
    bare = _pack_bare(folder / "bare")
    unpacked = {
        "ours": _unpacked(zips[HERE], folder / "ours"),
        "stock": _unpacked(bare, folder / "stock"),
        "compiled": _unpacked(bare, folder / "compiled"),
    }
    compile_dir(unpacked["compiled"], quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    empty, runtime = folder / "empty", folder / "runtime"
    empty.mkdir()
    (empty / "empty.py").write_text(EMPTY, "utf-8")
    install_runtime(runtime)
    # Lambda's own part is compiled there, too.
    compile_dir(runtime, quiet=2)
    sizes = {f"{OURS}, {name}": _size(path) for name, path in zips.items()}
    sizes["bare function, the stock way"] = _size(bare)
    return Packages(**unpacked, empty=empty, runtime=runtime, sizes=sizes)


def refuse_byte_code(packages: Packages) -> None:
    """Raise Refused if a process has written byte code that makes the next one faster."""
    if any(packages.stock.rglob("*.pyc")):
        raise UnexpectedAnswer("the stock package has been compiled while it was measured")


def _pack_bare(project: Path) -> Path:
    (project / ".chalice").mkdir(parents=True)
    (project / ".chalice" / "config.json").write_text(
        '{"version": "2.0", "app_name": "bare", "stages": {"dev": {}}}', "utf-8"
    )
    (project / "app.py").write_text(BARE, "utf-8")
    (project / "requirements.txt").write_text(f"boto3=={version('boto3')}\n", "utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", _CHALICE, "package", "packed"],
        cwd=project,
        env={"AWS_DEFAULT_REGION": "eu-central-1", **os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    package = project / "packed" / packaging.PACKAGE
    if ran.returncode or not package.exists():
        raise UnexpectedAnswer(f"the bare function cannot be packed:\n{ran.stdout}{ran.stderr}")
    return package


def _unpacked(package: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def _size(package: Path) -> Size:
    with zipfile.ZipFile(package) as archive:
        files = archive.infolist()
    return Size(
        zipped=package.stat().st_size,
        unpacked=sum(file.file_size for file in files),
        files=len(files),
    )
