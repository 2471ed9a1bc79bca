"""`zaklik petition status`: the exact figures of a petition, beside what the public is shown."""

import textwrap
from collections.abc import Sequence
from typing import Final

import click

from chalicelib.domain.integrity.public_figures import MIN_COUNTRIES, NEVER
from chalicelib.domain.petitions.health import HealthFinding, Severity
from chalicelib.rendering import translations
from chalicelib.usecases.petitions import overview, statistics
from chalicelib.usecases.petitions.statistics import Status
from ops.commands import audiences
from ops.commands.signatures import moderator_with_progress, show_held
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.console import Bar

_WIDTH: Final = 96


@click.command()
@click.argument("slug")
@pass_target
def status(target: Target, slug: str) -> None:
    """Show the exact number of signatures and subscribers of the petition SLUG.

    Signatures are shown by country, beside the figures that the public is shown, which are set at
    fixed moments and rounded down. Then comes what works and what does not, as at the desk. Held
    signatures are counted apart. How many were withdrawn is not kept. Subscribers are shown by
    language and by how often they are mailed. Exact figures can show when one person signed or
    subscribed: keep them among organisers.
    """
    current = statistics.status(target.services, slug)
    closes_on = current.petition.closes_on
    console.say(f"“{slug}” is {current.state}; the last day to sign is {closes_on}.")
    count = console.counted(current.tally.count, "signature")
    console.done(f"{count} confirmed, exactly. The public is shown {current.tally.public.count:,}.")
    console.note(_when_set(current))
    _show_health(overview.show(target.services, slug).findings)
    _show_countries(current, target.services.settings.country_minimum)
    with moderator_with_progress(target.services, slug, "Looking") as moderator:
        held = moderator.held()
    show_held(slug, held)
    audiences.show(audiences.count_with_progress(target.services, slug))
    confirmed = held.confirmed.total()
    if confirmed != current.tally.count:
        damaged = " Damaged items may be counted, too." if held.damaged else ""
        console.note(
            f"The table holds {confirmed:,} confirmed. The count follows within seconds, or is "
            f"repaired at night.{damaged}"
        )


def _show_health(findings: Sequence[HealthFinding]) -> None:
    """Print what works and what does not, with what to do about it: what is wrong comes first."""
    for finding in sorted(findings, key=lambda each: each.level is Severity.GOOD):
        if finding.level is Severity.GOOD:
            console.done(finding.text)
        else:
            console.note(finding.text)
            console.hint(textwrap.fill(finding.remedy, _WIDTH))


def _when_set(current: Status) -> str:
    """When the public figures were set, and may change next."""
    since, next_look = current.tally.public_since, current.next_look
    was = "never set" if since == NEVER else f"set at {since:%Y-%m-%d %H:%M} UTC"
    if next_look is None:
        return f"The public figures were {was}. They are final."
    return (
        f"The public figures were {was}. They may rise at {next_look:%H:%M} UTC, and every ten "
        "minutes while many sign."
    )


def _show_countries(current: Status, minimum: int) -> None:
    names = translations.countries(translations.SOURCE_LANGUAGE)
    public = dict(current.tally.public.listed_countries)
    console.bar_chart(
        [
            Bar(
                label=f"{names.get(code, code)} {code}" if code else "did not say",
                count=count,
                remark=f"shown as {public[code]:,}" if code in public else "not shown",
            )
            for code, count in current.by_country
        ]
    )
    if current.petition.publishes_countries and not public:
        console.note(
            f"No country is shown to the public: that takes {MIN_COUNTRIES} countries with at "
            f"least {minimum} signatures each, once rounded down."
        )
