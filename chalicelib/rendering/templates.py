"""Renders templates that the build has compiled.

Catalogues and templates are loaded one by one, when they are first needed.
"""

from dataclasses import fields
from functools import cache
from typing import Any

from jinja2 import Environment, ModuleLoader, StrictUndefined
from jinja2.environment import Template

from chalicelib.rendering import translations
from chalicelib.rendering.build_output import existing


def environment(language: str, loader: Any) -> Environment:
    """A Jinja environment for one language, also for the build, which compiles the templates."""
    jinja = Environment(
        loader=loader,
        # Everything but plain text is escaped.
        autoescape=lambda name: name is not None and name.endswith((".html", ".atom")),  # noqa: S701
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        auto_reload=False,
    )
    jinja.install_gettext_translations(  # type: ignore[attr-defined]
        translations.catalogue(language), newstyle=True
    )
    jinja.globals["language"] = language
    jinja.filters["number"] = lambda number: translations.format_number(number, language)
    jinja.filters["day"] = lambda day: translations.format_date(day, language)
    return jinja


@cache
def template(language: str, name: str) -> Template:
    """A compiled template, such as `pages/petition.html`."""
    return _environment(language).get_template(name)


def render(language: str, name: str, variables: Any) -> str:
    """Render a template with the fields of `variables`, which is a frozen dataclass."""
    values = {field.name: getattr(variables, field.name) for field in fields(variables)}
    return template(language, name).render(values)


@cache
def _environment(language: str) -> Environment:
    return environment(language, ModuleLoader(str(existing("templates"))))
