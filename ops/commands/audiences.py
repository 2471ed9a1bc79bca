"""Shows the subscribers of a petition: how many read which language, and how often."""

from typing import Final

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update
from chalicelib.domain.subscriber import Frequency
from chalicelib.rendering import translations
from chalicelib.store import keys
from chalicelib.usecases.subscriptions import counting
from chalicelib.usecases.subscriptions.counting import Audience
from chalicelib.wiring import Services
from ops.terminal import console
from ops.terminal.console import Bar

_FREQUENCIES: Final = {
    Frequency.EACH: "each time",
    Frequency.DAILY: "once a day",
    Frequency.WEEKLY: "once a week",
}


def count_with_progress(services: Services, slug: str) -> Audience:
    """Count the subscribers of a petition, and show how far the count is."""
    columns = (
        TextColumn("Counting"),
        BarColumn(),
        TextColumn("{task.fields[count]:,} subscribers"),
        TimeRemainingColumn(),
    )
    with console.progress(*columns) as display:
        task = display.add_task("", total=len(keys.SHARDS), count=0)
        return counting.count_subscribers(
            services,
            slug,
            lambda shards, count: display.update(task, completed=shards, count=count),
        )


def show(audience: Audience) -> None:
    """Print how many subscribers there are, by language, and how often they are mailed."""
    console.done(f"{console.counted(audience.count, 'subscriber')} to news by mail, exactly.")
    names = translations.languages()
    console.bar_chart(
        [
            Bar(
                label=f"{names[language].name if language in names else '?'} {language}",
                count=count,
                remark=_often(audience, language),
            )
            for language, count in audience.by_language().items()
        ]
    )


def _often(audience: Audience, language: str) -> str:
    """How many readers of a language are mailed how often."""
    return ", ".join(
        f"{count:,} {words}"
        for frequency, words in _FREQUENCIES.items()
        if (count := audience.counts.get((language, frequency), 0))
    )


def note_missing_languages(petition: Petition, update: Update) -> None:
    """Say in which languages of its petition an update has no text, and what readers get."""
    missing = [language for language in petition.languages if language not in update.texts]
    if missing:
        instead = next(iter(update.texts))
        console.note(
            f"It has no text in {', '.join(missing)}: their readers get it in “{instead}”."
        )
