"""How far down do the first demand, the name field and the Sign button lie, in each language?"""

from collections.abc import Mapping, Sequence
from typing import Final

from bench.instruments import chromium, moto_service, reporting
from bench.instruments.reporting import Chapter, Progress, figure
from tests.browser import positions
from tests.browser.positions import SCREENS, Positions, Screen

Found = Mapping[tuple[Screen, str], Positions]
"""Where things lie, by screen and language."""


def measure(progress: Progress) -> Found | None:
    """Look at the petition page in each language on each screen. None without a browser."""
    if not chromium.path():
        return None
    found = {}
    with moto_service.published_petition() as world, chromium.running() as browser:
        for screen in SCREENS:
            for language in moto_service.LANGUAGES:
                progress(f"{screen.name}, {language}")
                found[screen, language] = positions.measured(browser, world, screen, language)
    return found


def chapter(found: Found | None) -> Chapter:
    """The positions beside the goals."""
    text = chromium.NONE_HERE if found is None else "\n".join([_INTRODUCTION, _table(found)])
    return Chapter(
        title="Where the form is",
        command=reporting.command("positions"),
        text=text,
        broken=_broken(found or {}),
    )


_INTRODUCTION: Final = """
Pixels from the top of the page to where the first demand and the field for the name begin, and to
where the button that sends the form ends; without scripts, before anybody scrolls, when more than a
thousand have signed. They depend on the fonts of the machine.
"""


def _table(found: Found) -> str:
    heads = ("screen", "language", "first demand", "name field", "button ends")
    rows: list[Sequence[str]] = []
    for screen in SCREENS:
        size = f"{screen.name}, {screen.width} × {screen.height}"
        demand, button = figure(screen.demand_begins_by), figure(screen.button_ends_by)
        rows.append((size, "goal, at most", demand, "", button))
        rows += [
            (
                "",
                language,
                figure(each.demand_begins),
                figure(each.name_begins),
                figure(each.button_ends),
            )
            for (of, language), each in found.items()
            if of is screen
        ]
    return reporting.table(heads, rows)


def _broken(found: Found) -> Sequence[str]:
    return [
        f"{missed}, in {language}"
        for (screen, language), each in found.items()
        for missed in positions.missed_goals(screen, each)
    ]


if __name__ == "__main__":
    reporting.show("positions", lambda progress: chapter(measure(progress)))
