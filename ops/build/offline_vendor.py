"""Bundles the libraries of `unseal.html` from npm: `python -m ops.build.offline_vendor`.

It needs npm and node, and is run only to renew a library. The versions and the day are pinned here;
the bundle and what it was made from lie in `templates/offline/vendor/`.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from ops.offline_page import VENDORED

FOLDER: Final = VENDORED.parent
LIBRARIES: Final = {"@noble/post-quantum": "0.7.1", "qr": "0.7.0"}
_BUNDLER: Final = "esbuild@0.28.2"
_AS_OF: Final = "2026-11-01"
"""The libraries' own dependencies are the newest ones of this day that they allow."""
_TAKEN: Final = ("@noble/post-quantum", "@noble/curves", "@noble/hashes", "qr")


def bundle() -> None:
    """Write the bundle, with its licences, and its versions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _install(folder)
        versions = {package: _version(folder, package) for package in _TAKEN}
        script = _bundled(folder)
        licences = [
            f"{package} {versions[package]}\n\n{_licence(folder, package)}" for package in _TAKEN
        ]
    # The page goes from hand to hand, and the licences go with it.
    notice = "\n\n".join(licences)
    VENDORED.write_text(f"/*!\n{notice}\n*/\n{script}", "utf-8")
    lines = ["# Made by `python -m ops.build.offline_vendor`.\n", "[versions]"]
    lines += [f'"{package}" = "{version}"' for package, version in versions.items()]
    lines += ["\n[files]"]
    for path in (VENDORED, FOLDER / "entry.js"):
        lines.append(f'"{path.name}" = "{hashlib.sha256(path.read_bytes()).hexdigest()}"')
    (FOLDER / "vendored.toml").write_text("\n".join(lines) + "\n", "utf-8")


def _install(folder: Path) -> None:
    (folder / "package.json").write_text('{"private": true}', "utf-8")
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--before", _AS_OF]
    wanted = [f"{package}@{version}" for package, version in LIBRARIES.items()]
    subprocess.run(["npm", "install", *options, *wanted, _BUNDLER], check=True, cwd=folder)  # noqa: S607


def _bundled(folder: Path) -> str:
    shutil.copy(FOLDER / "entry.js", folder)
    options = ["--bundle", "--minify", "--format=iife", "--global-name=vendored"]
    command = [str(folder / "node_modules" / ".bin" / "esbuild"), "entry.js", *options]
    more = ["--target=es2022", "--charset=utf8", "--legal-comments=none"]
    result = subprocess.run([*command, *more], check=True, cwd=folder, capture_output=True)
    return result.stdout.decode()


def _version(folder: Path, package: str) -> str:
    described = folder / "node_modules" / package / "package.json"
    return str(json.loads(described.read_text("utf-8"))["version"])


def _licence(folder: Path, package: str) -> str:
    installed = folder / "node_modules" / package
    mit = installed / "LICENSE-MIT"
    return (mit if mit.exists() else installed / "LICENSE").read_text("utf-8").strip()


if __name__ == "__main__":
    bundle()
