"""Templates, catalogues, style sheet and scripts, as the build has compiled them.

Nothing is loaded before it is needed: one language's catalogue, one template at a time.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, ModuleLoader, StrictUndefined
from jinja2.environment import Template

from chalicelib import links
from chalicelib.domain.errors import Message

COMPILED: Final = Path(__file__).parent / "compiled"
SOURCE_LANGUAGE: Final = "en"
"""The language of the sentences in the templates; it needs no catalogue."""


def _in_dates(message: str) -> str:
    """Mark a date in a sentence for translation."""
    return message


_MONTHS: Final = (
    _in_dates("{day} January {year}"),
    _in_dates("{day} February {year}"),
    _in_dates("{day} March {year}"),
    _in_dates("{day} April {year}"),
    _in_dates("{day} May {year}"),
    _in_dates("{day} June {year}"),
    _in_dates("{day} July {year}"),
    _in_dates("{day} August {year}"),
    _in_dates("{day} September {year}"),
    _in_dates("{day} October {year}"),
    _in_dates("{day} November {year}"),
    _in_dates("{day} December {year}"),
)


class NotBuilt(Exception):
    """The build output is missing; the message names the command that makes it."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language of the interface: its code, its own name, and "ltr" or "rtl"."""

    code: str
    name: str
    direction: str


@cache
def languages() -> Mapping[str, Language]:
    """Every language of the interface by its code, the source language first."""
    return {entry["code"]: Language(**entry) for entry in _read_json("languages.json")}


def environment(language: str, loader: Any) -> Environment:
    """A Jinja environment for one language. The build uses the same one to compile templates."""
    made = Environment(
        loader=loader,
        # Only plain text is not escaped.
        autoescape=lambda name: name is not None and name.endswith((".html", ".atom")),  # noqa: S701
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        auto_reload=False,
    )
    made.install_gettext_translations(  # type: ignore[attr-defined]
        catalogue(language), newstyle=True
    )
    made.globals["language"] = language
    made.filters["number"] = lambda number: format_number(number, language)
    made.filters["day"] = lambda day: format_date(day, language)
    return made


@cache
def catalogue(language: str) -> NullTranslations:
    """The messages of a language; for the source language, the messages themselves."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    with _existing(f"locale/{language}.mo").open("rb") as file:
        return GNUTranslations(file)


@cache
def template(language: str, name: str) -> Template:
    """A compiled template, such as `pages/petition.html`."""
    return _environment(language).get_template(name)


def render(language: str, name: str, variables: Any) -> str:
    """Render a template with the fields of `variables`, which is a frozen dataclass."""
    values = {field.name: getattr(variables, field.name) for field in fields(variables)}
    return template(language, name).render(values)


def translate(message: Message, language: str) -> str:
    """A message in the visitor's language, with its values in place."""
    return catalogue(language).gettext(message.text).format_map(dict(message.values))


@cache
def countries(language: str) -> Mapping[str, str]:
    """Names of countries by their code, in the order of the language's alphabet."""
    return dict(_read_json(f"countries/{language}.json"))


@cache
def style(name: str = "style.css") -> str:
    """A style sheet: that of every page, or of one that stands alone."""
    return _existing(name).read_text("utf-8")


@cache
def style_hash(style_sheet: str) -> str:
    """The hash of a style sheet as a Content-Security-Policy names it."""
    digest = hashlib.sha256(style_sheet.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def static(name: str) -> str:
    """Where a script of `templates/static/` is served: `page.js` at `/static/page-3f9a….js`."""
    return links.static(_static_names()[name])


def find_static(served_name: str) -> str | None:
    """The script that is served under a name, or None."""
    if served_name not in _static_names().values():
        return None
    return _existing(f"static/{served_name}").read_text("utf-8")


def format_number(number: int, language: str) -> str:
    """A whole number with the language's separator between thousands."""
    separator = catalogue(language).pgettext("between thousands", ",")
    return f"{number:,}".replace(",", separator)


def format_date(day: date, language: str) -> str:
    """A date as the language writes it in a sentence."""
    pattern = catalogue(language).gettext(_MONTHS[day.month - 1])
    return pattern.format(day=day.day, year=day.year)


@cache
def _static_names() -> Mapping[str, str]:
    """The names under which scripts are served, by the names of their sources."""
    return dict(_read_json("static.json"))


@cache
def _environment(language: str) -> Environment:
    return environment(language, ModuleLoader(str(_existing("templates"))))


def text(name: str) -> str:
    """A text of the build output that is not rendered, such as `disposable.txt`."""
    return _existing(name).read_text("utf-8")


def _read_json(name: str) -> Any:
    return json.loads(text(name))


def _existing(name: str) -> Path:
    path = COMPILED / name
    if not path.exists():
        raise NotBuilt(f"{path} is missing: run `make build`, or `zaklik compile`")
    return path
