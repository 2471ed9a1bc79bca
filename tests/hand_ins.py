"""Builders of what a petition's target is told."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from chalicelib.domain.petitions import hand_in
from chalicelib.domain.petitions.hand_in import HandIn, HandInKeys
from chalicelib.domain.petitions.petition import Petition
from tests import builders

ADDRESS: Final = "https://example.org/en/open-door"
KEYS: Final = HandInKeys(petition=["3f9a 01c2"], attestation=["QUFB"], export=["QkJC"])


def prepared(
    petition: Petition | None = None,
    *,
    count: int = 1234,
    countries: Mapping[str, int] | None = None,
    days: Mapping[date, int] | None = None,
    keys: HandInKeys = KEYS,
    names: Sequence[str] = (),
    export_sha256: str = "",
) -> HandIn:
    """A petition with figures, as it is handed in."""
    by_country = {"PL": 1000, "LT": 200} if countries is None else countries
    by_day = {date(2026, 3, 1): 900, date(2026, 3, 2): 300} if days is None else days
    return HandIn(
        petition=petition or builders.petition(),
        figures=hand_in.figures(count, by_country.items(), by_day.items(), counted_at=builders.NOW),
        keys=keys,
        names=names,
        export_sha256=export_sha256,
    )
