"""Registrable domains: what one person registers, with all names below it.

The build compiles the endings under which registries register names, such as `co.uk`, from the
package `publicsuffixlist`. Endings that companies let to strangers (`eu.org`) are not among them:
all names below such a domain count together.
"""

from functools import cache

from chalicelib.rendering import build_output


def registrable(domain: str) -> str:
    """The registrable part of a domain, in small ASCII letters: `evil.org` for `a1.evil.org`."""
    name, rules = domain, _rules()
    while name.count(".") > 1:
        parent = name.partition(".")[2]
        if f"!{name}" in rules or _is_ending(parent, rules):
            return name
        name = parent
    return name


def _is_ending(domain: str, rules: frozenset[str]) -> bool:
    """Whether a registry registers names below this domain of two labels or more."""
    return f"!{domain}" not in rules and (
        domain in rules or f"*.{domain.partition('.')[2]}" in rules
    )


@cache
def _rules() -> frozenset[str]:
    """Five thousand rules as in the list, read at the first confirmation of a process."""
    return frozenset(build_output.text("endings.txt").splitlines())
