"""Domains that are probably mistyped: a mail to them goes nowhere, or to a stranger.

A rule is only here if hardly any real domain breaks it: nobody at a small provider is to be asked
whether they know their own address.
"""

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Final

from chalicelib.domain.errors import MistypedDomain
from chalicelib.domain.mailboxes import email_address, mixed_scripts
from chalicelib.domain.mailboxes.email_address import BadAddress, EmailAddress
from chalicelib.domain.mailboxes.mail_providers import LARGE
from chalicelib.domain.mailboxes.mixed_scripts import CYRILLIC_LOOK_ALIKES

INSTEAD: Final = "instead"
"""The field of a form with the suggested domain, if its sender has chosen that."""
AS_TYPED: Final = "as_typed"
"""The field of a form with the typed domain, if its sender has said that it is right."""

_COINED: Final = (
    *("gmail", "googlemail", "hotmail", "outlook", "yahoo", "icloud"),
    *("proton", "protonmail", "tutanota", "yandex"),
)
"""Names of providers that resemble no other word, but for its first letter: mail is not gmail."""
_ENDINGS: Final = ("com", "ru", "by", "ua", "kz")
"""Endings of their domains. proton.me has neighbours, of companies with that name."""
_REAL: Final = frozenset(["grail.com", "photon.me", "yandex.eu"])
"""Domains that exist, though a rule would take them for mistyped."""
_WRONG_ENDINGS: Final = {
    "com": "ccom cim clm cmo col comm comn con conm coom cok cop cpm c0m ocm vom xom",
    "ru": "rru ruu ri rn ry rj ur tu ру рy pу rу",
    "by": "bby byy yb vy",
    "org": "ogr rog orgg oorg prg",
    "net": "nte nett nnet ner",
}
"""Top-level domains that do not exist, below the one that is meant. "ру" is in Cyrillic letters."""
_MEANT_ENDINGS: Final = {
    wrong: meant for meant, all_wrong in _WRONG_ENDINGS.items() for wrong in all_wrong.split()
}


def settle(address: EmailAddress, fields: Mapping[str, str]) -> EmailAddress:
    """The address that the sender of a form means.

    Raises MistypedDomain as long as the form does not say which of two it is.
    """
    meant = suggestion(address.domain)
    if meant and fields.get(INSTEAD) == meant:
        return address.at(meant)
    if meant and fields.get(AS_TYPED) != address.domain:
        raise MistypedDomain(address.domain, meant)
    return address


def with_choice(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form with the suggested address in its field, if the sender chose that."""
    others = {name: value for name, value in fields.items() if name != INSTEAD}
    try:
        address = email_address.parse_pasted(fields.get("email", ""))
        return {**others, "email": settle(address, fields).deliverable}
    except (BadAddress, MistypedDomain):
        return others


def suggestion(domain: str) -> str:
    """The domain that is probably meant by another; "" if nothing about it looks mistyped.

    Both are in small ASCII letters.
    """
    if domain in LARGE or domain in _REAL:
        return ""
    seen = as_seen(domain)
    if (folded := seen.translate(CYRILLIC_LOOK_ALIKES)) in LARGE:
        return folded
    latin = ".".join(map(_in_latin, domain.split(".")))
    name, seen_ending = latin.rpartition(".")[0], seen.rpartition(".")[2]
    if meant := _MEANT_ENDINGS.get(seen_ending, _mixed(seen_ending)):
        latin = f"{name}.{meant}"
    return _nearest(latin) or (latin if latin != domain else "")


def as_seen(domain: str) -> str:
    """A domain in small ASCII letters as people see it, without Punycode (RFC 3492)."""
    return ".".join(
        label.removeprefix("xn--").encode().decode("punycode")
        if label.startswith("xn--")
        else label
        for label in domain.split(".")
    )


def _nearest(domain: str) -> str:
    """The large domain that differs from this one by a slip of the hand; "" if there is none."""
    if domain in LARGE:
        return ""
    name, _, ending = domain.partition(".")
    if len(ending) == 1:
        # No top-level domain has one letter, so the rest of it is missing.
        return _only(large for large in sorted(LARGE) if large.startswith(domain))
    if name in _COINED:
        return _only(
            f"{name}.{meant}"
            for meant in _ENDINGS
            if f"{name}.{meant}" in LARGE and _is_slip(ending, meant)
        )
    return _only(
        f"{meant}.{ending}"
        for meant in _COINED
        if f"{meant}.{ending}" in LARGE and _is_slip(name, meant, keeps_first=True)
    )


def _only(found: Iterable[str]) -> str:
    """The only domain, or the only one that ends in .com; "" if that is not clear."""
    domains = list(found)
    international = [domain for domain in domains if domain.endswith(".com")]
    for candidates in (domains, international):
        if len(candidates) == 1:
            return candidates[0]
    return ""


def _is_slip(typed: str, meant: str, *, keeps_first: bool = False) -> bool:
    """Whether one letter is missing, added or another, or two neighbours are swapped.

    `keeps_first`: unless it was swapped, the first letter is right.
    """
    start = _common(typed, meant)
    typed, meant = typed[start:], meant[start:]
    end = _common(typed[::-1], meant[::-1])
    typed, meant = typed[: len(typed) - end], meant[: len(meant) - end]
    if len(typed) == 2 and typed == meant[::-1]:
        return True
    return max(len(typed), len(meant)) == 1 and (start > 0 or not keeps_first)


def _common(one: str, other: str) -> int:
    """How many first letters two texts have in common."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _mixed(ending: str) -> str:
    """A Latin ending in which Cyrillic letters were typed; "" for any other."""
    folded = ending.translate(CYRILLIC_LOOK_ALIKES)
    return folded if folded != ending and folded in ("com", "by", "org", "net", "pl", "de") else ""


def _in_latin(label: str) -> str:
    """A label as it was meant, if it mixes Latin letters with their look-alikes."""
    latin = mixed_scripts.in_latin(as_seen(label))
    return latin if latin.isascii() else label
