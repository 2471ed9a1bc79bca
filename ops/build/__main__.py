"""`make build`: the package that runs in Lambda, its template, and checks of both."""

import sys
from typing import Final

from chalicelib.rendering.unseal_page import FILE
from ops import compiling, offline_page
from ops.build import checks, contents, packaging
from ops.build.errors import NotPacked

_TARGET: Final = compiling.ROOT / "build"


def main() -> int:
    """Compile, pack into `build/`, check, and print the outcome. Returns the exit status."""
    print("Compiling templates, catalogues and the style sheet …")
    compiling.compile_all()
    print(f"Packing what runs in Lambda, for {packaging.ARCHITECTURE} …")
    try:
        package = packaging.make(compiling.ROOT, _TARGET)
        print(contents.summary(package))
        print("Checking the package and its template …")
        passed = checks.check_all(checks.checks_of(compiling.ROOT, package))
    except NotPacked as error:
        print(error, file=sys.stderr)
        return 1
    if passed:
        print(f"Ready: build/{package.name} and build/{packaging.TEMPLATE}")
        # To be told to organisers by another way than the service itself: see docs/organising.md.
        print(f"SHA-256 of {FILE}: {offline_page.sha256(offline_page.assemble())}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
