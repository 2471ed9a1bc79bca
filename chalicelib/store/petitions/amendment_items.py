"""Amendments as parts of the items of their petitions."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.petitions.amendment import Amendment, AmendmentKind
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment


def to_item(amendment: Amendment) -> Mapping[str, Any]:
    """An amendment as a part of an item."""
    return {
        "number": amendment.number,
        "version": amendment.version,
        "made_at": to_milliseconds(amendment.made_at),
        "kind": amendment.kind,
        "languages": list(amendment.reasons),
        "reasons": dict(amendment.reasons),
    }


def from_item(values: Mapping[str, Any]) -> Amendment:
    """The amendment of a part of an item. Raises what `validated` catches."""
    return Amendment(
        number=int(values["number"]),
        version=int(values["version"]),
        made_at=to_moment(values["made_at"]),
        kind=AmendmentKind(values["kind"]),
        reasons={language: values["reasons"][language] for language in values["languages"]},
    )
