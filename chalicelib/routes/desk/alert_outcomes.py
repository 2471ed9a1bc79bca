"""What became of the recipients of an update or digest, in the words of the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.alerts import pilot
from chalicelib.domain.alerts.chunk import OUTCOME_LABELS, OUTCOMES, Outcome
from chalicelib.usecases.alerts.controlling import Progress

BAR_WIDTH: Final = 600
"""The units of the bar."""
_REFUSALS: Final = {
    "SEAL": "the address could not be opened",
    "REJECT": "the mail service found something harmful in it",
    "RENDERING_FAILURE": "the mail service could not compose it",
    "MESSAGE_REJECTED": "the mail service refused the mail",
    "INVALID_PARAMETER": "the mail service does not take the address",
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OutcomeLine:
    """Recipients with one outcome, in words; their part of the bar, from `x` on, in its units."""

    name: str
    label: str
    meaning: str
    count: int
    x: float
    width: float


def lines(progress: Progress, total: int) -> Sequence[OutcomeLine]:
    """The outcomes of an alert to `total` recipients, each with its part of the bar."""
    found, x = [], 0.0
    for outcome, meaning in OUTCOMES.items():
        count = progress.outcomes[outcome]
        width = round(count * BAR_WIDTH / total, 2) if total else 0.0
        found.append(
            OutcomeLine(
                name=outcome,
                label=OUTCOME_LABELS[outcome],
                meaning=meaning,
                count=count,
                x=round(x, 2),
                width=width,
            )
        )
        x += width
    return found


def missed(progress: Progress) -> int:
    """Who can be mailed again."""
    refused = progress.outcomes[Outcome.REJECTED] + progress.outcomes[Outcome.DOUBTFUL]
    return refused + progress.in_doubt


def waits(progress: Progress) -> Sequence[str]:
    """What the sending waits for, in sentences."""
    alert, said = progress.alert, []
    if alert.is_open and alert.cursor is None and not progress.left:
        said.append(
            "Everybody has been dealt with. The numbers are being counted once more, which takes a "
            "minute or two."
        )
    if alert.is_open and progress.stopped:
        said.append(f"Sending stands still: {progress.stopped}. It goes on by itself.")
    if alert.is_open and pilot.is_awaited(alert):
        said.append(
            f"The first {pilot.PILOT_RECIPIENTS:,} are sent first. The others follow when enough "
            "of these mails have arrived, after ten minutes at the latest."
        )
    elif alert.is_open and alert.cursor is not None:
        said.append("Subscribers are still being gathered, so the numbers will grow.")
    if alert.is_open and progress.left and progress.expected_end is None:
        said.append("Nobody can say when it is through: the daily quota leaves no room.")
    if progress.in_doubt and not alert.is_cancelled:
        said.append(
            "Of some it is not known yet whether they were mailed. That mostly shows within the "
            "hour. If it does not, you decide below."
        )
    return said


def refusals(progress: Progress) -> Sequence[tuple[str, str, int]]:
    """Why mails were rejected: the mail service's word, what it means, how many."""
    return [
        (reason, _REFUSALS.get(reason, "in the mail service’s own words"), count)
        for reason, count in progress.refusals.most_common()
    ]
