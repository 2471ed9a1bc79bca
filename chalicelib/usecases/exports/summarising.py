"""Figures of a petition's signatures for a spreadsheet, which name no person."""

from collections.abc import Iterator, Mapping

from chalicelib.store.integrity import breakdowns, tallies
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services

COLUMNS = ("figure", "of", "signatures")


def rows(services: Services, slug: str) -> Iterator[tuple[str, str, int]]:
    """All confirmed signatures, those of each country and of each day (UTC), for `COLUMNS`.

    Countries and days with fewer than the setting `country_minimum` are counted together: a small
    figure can name a person. Raises NotFound, Unavailable.
    """
    petitions.get(services.petitions, slug)
    tally = tallies.get(services.petitions, slug)
    by_day = breakdowns.get(services.petitions, slug).confirmed
    least = services.settings.country_minimum
    yield "all", "", tally.count
    named = {country or "not given": count for country, count in tally.countries.items()}
    yield from _figures("country", named, least)
    days = {day.isoformat(): count for day, count in by_day.items()}
    yield from _figures("day", days, least)


def _figures(what: str, figures: Mapping[str, int], least: int) -> Iterator[tuple[str, str, int]]:
    small = sum(count for count in figures.values() if count < least)
    for name, count in sorted(figures.items()):
        if count >= least:
            yield what, name, count
    if small:
        yield what, f"others, each with fewer than {least}", small
