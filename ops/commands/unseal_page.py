"""`zaklik unseal-page`: the page that opens lists and makes keys in a browser, as a file."""

from pathlib import Path

import click

from ops import offline_page
from ops.atomic_write import atomic_write, refuse_existing
from ops.errors import CannotContinue
from ops.terminal import console


@click.command("unseal-page")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write: unseal.html")
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@click.option(
    "--check", "checked", type=click.Path(path_type=Path), help="A file that somebody gave you."
)
def unseal_page(out: Path | None, force: bool, checked: Path | None) -> None:
    """Write the page that opens lists and makes keys, or check a copy of it.

    The page is one file and needs no network. Without options the command shows its SHA-256, which
    is the same wherever this version of Zaklik is installed.
    """
    page = offline_page.assemble()
    if checked is not None:
        _check(checked, page)
    if out is not None:
        refuse_existing(out, force=force)
        with atomic_write(out, "w", encoding="utf-8", newline="") as file:
            file.write(page)
        console.done(f"{out} is the page. Save it on a memory stick, and open it from there.")
    if checked is None:
        console.say(f"SHA-256  {offline_page.sha256(page)}")


def _check(path: Path, page: str) -> None:
    if path.read_bytes() != page.encode():
        raise CannotContinue(
            f"{path} is not the page of this version: it was altered, or is of another version. Do "
            "not type a passphrase into it. Write a fresh one with --out."
        )
    console.done(f"{path} is the page of this version, byte for byte.")
