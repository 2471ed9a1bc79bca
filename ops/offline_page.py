"""Assembles `unseal.html`, one file: the page that opens lists and makes keys without a network.

The same sources make the same bytes. Nothing is minified, so that whoever doubts the page reads it.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.crypto.tokens import CODE_ALPHABET
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.mailboxes import mail_providers
from chalicelib.domain.petitions.petition import SLUG
from ops.keys.unsealing.spreadsheet import MISSING, UNKNOWN_MISSING
from ops.keys.unsealing.verification import COLUMNS, Reason
from ops.terminal.passphrases import MIN_PASSPHRASE_CHARACTERS

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
FOLDER: Final = TEMPLATES / "offline"
VENDORED: Final = FOLDER / "vendor" / "cryptography.js"
_LIBRARY: Final = (
    "bytes", "kem", "sealing", "attestations", "moments", "gunzip", "export_file", "verification",
    "mailboxes", "organiser_keys", "petition_keys", "recovery", "spreadsheets", "worker",
)  # fmt: skip
"""What a worker runs, too, in the order in which it is read."""
_PAGE: Final = (
    "zip", "xlsx", "passphrases", "worker_pool", "opening",
    "elements", "list_page", "key_page", "petition_page", "page",
)  # fmt: skip
_DESK: Final = ("elements", "petition_page", "desk")
DESK_SCRIPT: Final = "desk-keys.js"
"""The name under which pages of the desk ask for `desk_script`."""
_STYLES: Final = (TEMPLATES / "colours.css", TEMPLATES / "colours-dark.css", FOLDER / "page.css")


def assemble(*, after_library: str = "") -> str:
    """The page (HTML). Tests put a line after the library."""
    library, page = _library() + after_library, _scripts(_PAGE)
    style = "".join(path.read_text("utf-8") for path in _STYLES)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - what is put in is our own code and its digests
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("offline/page.html").render(
        policy=_policy(library, page, style=style), style=style, library=library, page=page
    )


def desk_script() -> str:
    """The script of the desk's page of a petition's key: the library, and what the page does."""
    return _library() + _scripts(_DESK)


def sha256(page: str) -> str:
    """The SHA-256 of the page's file, in hexadecimal digits."""
    return hashlib.sha256(page.encode()).hexdigest()


def _library() -> str:
    parts = ["'use strict';\n", VENDORED.read_text("utf-8"), _constants(), _scripts(_LIBRARY)]
    return "".join(parts)


def _scripts(names: tuple[str, ...]) -> str:
    return "".join(f"\n{(FOLDER / f'{name}.js').read_text('utf-8')}" for name in names)


def _constants() -> str:
    """What the page shares with the commands, as JavaScript: it is written once, in Python."""
    english = Locale("en")
    values = {
        "SLUG_PATTERN": f"^(?:{SLUG.pattern})$",
        "COLUMNS": COLUMNS,
        "REASONS": {reason.name: reason.value for reason in Reason},
        "MISSING": MISSING,
        "UNKNOWN_MISSING": UNKNOWN_MISSING,
        "MAIL_PROVIDERS": {domain: asdict(rule) for domain, rule in mail_providers.RULES.items()},
        "CODE_ALPHABET": CODE_ALPHABET,
        "MIN_PASSPHRASE_CHARACTERS": MIN_PASSPHRASE_CHARACTERS,
        "COUNTRIES": {code: english.territories[code] for code in sorted(COUNTRIES)},
        "LANGUAGES": _languages(english.languages),
    }
    lines = [f"const {name} = {_json(value)};\n" for name, value in values.items()]
    return "".join([*lines, "const SLUG = new RegExp(SLUG_PATTERN);\n"])


def _languages(names: Mapping[str, str]) -> Mapping[str, str]:
    return {code: name for code, name in sorted(names.items()) if len(code) == 2}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _policy(*scripts: str, style: str) -> str:
    """Nothing is loaded and nothing is sent. Workers come from the page's own library."""
    allowed = " ".join(_source(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_source(style)}; worker-src blob:; "
        "connect-src 'none'; form-action 'none'; base-uri 'none'"
    )


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
