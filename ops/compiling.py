"""Compiles templates, catalogues, styles and scripts into `chalicelib/compiled/`.

Chalice packs only `app.py` and `chalicelib/`, so the output lies there.
"""

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import rcssmin
import rjsmin
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from disposable_email_domains import blocklist
from jinja2 import FileSystemLoader
from publicsuffixlist import PSLFILE

from chalicelib.domain.countries import COUNTRIES
from chalicelib.rendering import templates
from chalicelib.rendering.build_output import COMPILED
from chalicelib.rendering.translations import SOURCE_LANGUAGE
from chalicelib.rendering.unseal_page import FILE as UNSEAL_PAGE
from ops import offline_page

ROOT: Final = Path(__file__).parent.parent
TEMPLATES: Final = ROOT / "templates"
LOCALE: Final = ROOT / "locale"
STATIC: Final = TEMPLATES / "static"

_RENDERED: Final = re.compile(r"\.(html|txt|atom)$")
_DIGEST_LETTERS: Final = 12
_NO_DATE: Final = datetime(1980, 1, 1, tzinfo=UTC)
_ENDINGS_NOTICE: Final = "// Public Suffix List, MPL-2.0: https://publicsuffix.org/list/"
_REGISTRIES: Final = "// ===END ICANN DOMAINS==="
"""Below this line of the list are domains that companies let to strangers."""
_ALPHABET: Final = "alphabet.txt"
"""In the folder of a language whose code points are not in the order of its alphabet."""


def compile_all(target: Path = COMPILED) -> None:
    """Write the whole build output beside the old one, then replace the old one."""
    # Two processes that compile at once write to folders of their own.
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _compile_catalogues(fresh)
    _write_json(fresh / "languages.json", [_language(code) for code in languages()])
    (fresh / "countries").mkdir()
    for code in languages():
        _write_json(fresh / "countries" / f"{code}.json", _countries(code))
    for style in TEMPLATES.glob("*.css"):
        (fresh / style.name).write_text(rcssmin.cssmin(style.read_text("utf-8")), "utf-8")
    (fresh / "disposable.txt").write_text("\n".join(sorted(blocklist)), "utf-8")
    (fresh / "endings.txt").write_text("\n".join(_endings()), "utf-8")
    _compile_static(fresh)
    (fresh / UNSEAL_PAGE).write_text(offline_page.assemble(), "utf-8")
    _compile_templates(fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def languages() -> Sequence[str]:
    """The languages of the interface: the source language, then every folder of `locale/`."""
    translated = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
    return [SOURCE_LANGUAGE, *translated]


def _endings() -> Sequence[str]:
    """The rules of the Public Suffix List for endings of several labels, in ASCII."""
    lines = Path(PSLFILE).read_text("utf-8").partition(_REGISTRIES)[0].splitlines()
    rules = [line for line in lines if "." in line and not line.startswith("//")]
    return [_ENDINGS_NOTICE, *sorted(rule.encode("idna").decode() for rule in rules)]


def _compile_static(target: Path) -> None:
    """Name each script by its digest, so that caches may keep it for ever: `page-3f9a….js`."""
    (target / "static").mkdir()
    scripts = {offline_page.DESK_SCRIPT: offline_page.desk_script()}
    for source in sorted(STATIC.glob("*.js")):
        script = source.read_text("utf-8")
        minified = source.name.endswith(".min.js")
        scripts[source.name] = script if minified else str(rjsmin.jsmin(script))
    names = {}
    for name, script in scripts.items():
        digest = hashlib.sha256(script.encode()).hexdigest()[:_DIGEST_LETTERS]
        names[name] = f"{name.removesuffix('.js')}-{digest}.js"
        (target / "static" / names[name]).write_text(script, "utf-8")
    _write_json(target / "static.json", names)


def _compile_templates(target: Path) -> None:
    # Compiled code is the same for every language: rendering looks its messages up.
    environment = templates.environment(SOURCE_LANGUAGE, FileSystemLoader(TEMPLATES))
    environment.compile_templates(
        str(target / "templates"),
        zip=None,
        filter_func=lambda name: _RENDERED.search(name) is not None,
        ignore_errors=False,
    )


def _compile_catalogues(target: Path) -> None:
    (target / "locale").mkdir()
    for code in languages():
        if code != SOURCE_LANGUAGE:
            with (LOCALE / code / "messages.po").open("rb") as source:
                catalogue = read_po(source, locale=code)
            # Babel would write today's date, and the same sources would not make the same bytes.
            catalogue.creation_date = catalogue.revision_date = _NO_DATE
            with (target / "locale" / f"{code}.mo").open("wb") as compiled:
                write_mo(compiled, catalogue)


def _language(code: str) -> dict[str, str]:
    locale = Locale(code)
    name = locale.get_display_name() or code
    direction = "rtl" if locale.text_direction == "rtl" else "ltr"
    return {
        "code": code,
        "name": name[0].upper() + name[1:],
        "name_in_sentence": name,
        "direction": direction,
    }


def _countries(code: str) -> Sequence[tuple[str, str]]:
    """(code, name) of every country, in the order of the language's alphabet."""
    names = Locale(code).territories
    file = LOCALE / code / _ALPHABET
    alphabet = file.read_text("utf-8").strip() if file.exists() else ""

    def place(letter: str) -> tuple[int, str]:
        if letter not in alphabet:
            # It sorts as it would without its accent: Å with A.
            letter = unicodedata.normalize("NFD", letter)[0]
        return alphabet.find(letter), letter

    def sort_key(country: str) -> list[tuple[int, str]]:
        return [place(letter) for letter in names[country].casefold()]

    return [(country, names[country]) for country in sorted(COUNTRIES, key=sort_key)]


def _write_json(path: Path, values: Any) -> None:
    path.write_text(json.dumps(values, ensure_ascii=False, separators=(",", ":")), "utf-8")
