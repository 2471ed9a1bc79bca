"""Public pages pay nothing for the desk."""

import subprocess
import sys

from ops.compiling import ROOT

NEEDLESS = ("chalicelib.desk_app", "chalicelib.routes.desk.access", "fido2", "markdown_it")


def test_the_public_app_imports_no_page_of_the_desk() -> None:
    code = f"import app, sys; print(*[name for name in {NEEDLESS!r} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == []
