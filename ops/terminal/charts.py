"""Bar charts in the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A line of a chart: what is counted, how many, and a remark behind it."""

    label: str
    count: int
    remark: str = ""


def show(bars: Sequence[Bar]) -> None:
    """Print the bars, as long as the terminal is wide."""
    # A quick --help needs no pictures.
    from rich.bar import Bar as Drawn  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    chart = Table.grid(padding=(0, 1), expand=True)
    chart.add_column(max_width=28)
    chart.add_column(justify="right")
    chart.add_column(ratio=1, min_width=10)
    chart.add_column(style="dim")
    longest = max((bar.count for bar in bars), default=0)
    for bar in bars:
        drawn = Drawn(longest, 0, bar.count)
        chart.add_row(f"  {bar.label}", f"{bar.count:,}", drawn, bar.remark)
    Console(highlight=False).print(chart)
