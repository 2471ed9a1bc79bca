"""`zaklik petition status`: the exact figures of a petition, beside what the public is shown."""

from typing import TYPE_CHECKING

import click

from chalicelib.rendering import translations
from ops.commands.signatures import look_through, show_held
from ops.target import Stage
from ops.terminal import charts, console
from ops.terminal.charts import Bar

if TYPE_CHECKING:
    from chalicelib.usecases.petitions.statistics import Status


@click.command(short_help="Say exactly how many have signed a petition.")
@click.argument("slug")
@click.pass_obj
def status(stage: Stage, slug: str) -> None:
    """Say exactly how many have signed the petition SLUG, and from where.

    Beside it: what the public is shown, which is rounded down, and how many signatures are held and
    so not counted. Signatures that were withdrawn are not kept, nor how many they were. Exact
    figures can show when one person signed: keep them among organisers.
    """
    from chalicelib.usecases.petitions import statistics  # noqa: PLC0415

    found = statistics.status(stage.services, slug)
    closes_on = found.petition.closes_on
    console.say(f"“{slug}” is {found.state}; the last day to sign is {closes_on}.")
    count = console.counted(found.tally.count, "signature")
    console.done(f"{count} confirmed, exactly. The public is shown {found.public_count:,}.")
    _show_countries(found)
    with look_through(stage.services, slug) as judge:
        held = judge.held()
    show_held(held)
    confirmed = held.confirmed.total()
    if confirmed != found.tally.count:
        console.note(
            f"The table holds {confirmed:,} confirmed: the count follows within seconds, or is "
            "put right at night."
        )


def _show_countries(found: "Status") -> None:

    names = translations.countries(translations.SOURCE_LANGUAGE)
    public = dict(found.public_countries)
    charts.show(
        [
            Bar(
                label=f"{names.get(code, code)} {code}" if code else "did not say",
                count=count,
                remark=f"shown as {public[code]:,}" if code in public else "not shown",
            )
            for code, count in found.by_country
        ]
    )
