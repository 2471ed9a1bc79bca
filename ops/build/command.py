"""`make build`: the package that runs in Lambda, its template, and checks of both."""

import sys
from pathlib import Path
from typing import Final

from ops import compiling
from ops.build import contents, packaging
from ops.build.dependencies import NotPacked
from ops.build.packaging import PACKAGE, TEMPLATE

__all__ = ["ARCHITECTURE", "PACKAGE", "TEMPLATE", "NotPacked", "main", "make"]

ARCHITECTURE: Final = "arm64"
"""What users deploy: a fifth cheaper for the same work (AWS Lambda pricing)."""
CONTENTS: Final = "contents.txt"
_TARGET: Final = compiling.ROOT / "build"
_WHEELS: Final = _TARGET / "dependencies"


def make(project: Path, target: Path, architecture: str = ARCHITECTURE) -> Path:
    """Pack `project`, whose compiled output is in place, into folder `target`; the package's path.

    `architecture` is Lambda's name of a machine, arm64 or x86_64; the template beside the package
    says the same, and contents.txt lists what was packed. Needs no credentials, and the network
    only for wheels that no build before has fetched. Raises NotPacked, also when the package
    holds what it must not or is too large.
    """
    package = packaging.make(project, target, architecture, kept=_WHEELS)
    contents.hold_to_the_rules(package, target / CONTENTS)
    return package


def main() -> int:
    """Compile, pack into `build/`, check, and say what came out. Returns the exit status."""
    # Imported here: a deploy makes packages without the tools that check them.
    from ops.build import checking  # noqa: PLC0415

    print("Compiling templates, catalogues and the style sheet …")
    compiling.compile_all()
    print(f"Packing what runs in Lambda, for {ARCHITECTURE} …")
    try:
        package = make(compiling.ROOT, _TARGET)
        print(contents.summary(package))
        print("Checking the package and its template …")
        passed = checking.check_all(checking.checks_of(compiling.ROOT, package))
    except NotPacked as error:
        print(error, file=sys.stderr)
        return 1
    if passed:
        print(f"Ready: build/{package.name} and build/{TEMPLATE}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
