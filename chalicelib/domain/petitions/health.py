"""The health of a petition in plain words: what works, what does not, and what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain.alerts import digest, feedback
from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.pacing import Pace
from chalicelib.domain.mailboxes.provider_kinds import ProviderKind
from chalicelib.domain.organisers.approval import Approval
from chalicelib.domain.petitions.funnel import MINIMUM, Funnel, Stage
from chalicelib.domain.petitions.switches import Switch, Switches
from chalicelib.domain.petitions.update import Update

CLOCK_LATE: Final = timedelta(minutes=75)
"""The clock looks at the public figures each hour at least."""
NIGHT_LATE: Final = timedelta(hours=26)
BEHIND: Final = timedelta(minutes=2)
FAR_BEHIND: Final = timedelta(minutes=30)
BOUNCING_PERCENT: Final = 5
UNCONFIRMED_PERCENT: Final = 50
"""Of the usual share of confirmations: a kind of provider below it may not deliver."""
_OPERATOR: Final = "Call the operator of the service."
PROVIDERS: Final = {
    ProviderKind.GOOGLE: "Google (gmail.com)",
    ProviderKind.MICROSOFT: "Microsoft (outlook, hotmail)",
    ProviderKind.YAHOO: "Yahoo",
    ProviderKind.APPLE: "Apple (icloud.com)",
    ProviderKind.PROTON: "Proton",
    ProviderKind.BELARUS_RUSSIA: "Belarus and Russia",
    ProviderKind.OTHER_PUBLIC: "other public providers",
    ProviderKind.OTHER: "all other domains",
}
_SWITCHED_OFF: Final = {
    Switch.SIGNING: "Signing is switched off: forms come back with what was typed.",
    Switch.MAILS: "Mails to signers are switched off: they wait, for up to four days.",
    Switch.ALERTS: "Alerts are switched off: no update is mailed.",
    Switch.COUNT: "The public is not shown how many have signed.",
}


class Severity(StrEnum):
    """How bad something is."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class HealthFinding:
    """One thing that works or does not, and what to do about it, or "".

    `part` is where that is done at the desk, as a path below the petition's, or "".
    """

    level: Severity
    text: str
    remedy: str = ""
    part: str = ""


def of_mails(pace: Pace, waiting: int, now: datetime) -> HealthFinding:
    """Whether single mails go out, and how far they are behind."""
    if pace.stop:
        return HealthFinding(
            level=Severity.WRONG, text=f"No mail goes out: {pace.stop.reason}.", remedy=_OPERATOR
        )
    queued = timedelta(seconds=waiting / max(pace.rate, 0.1))
    behind = max(pace.single_until - now, queued)
    if behind < BEHIND:
        return HealthFinding(level=Severity.GOOD, text="Mails go out at once.")
    text = f"Mails go out, about {round(behind.total_seconds() / 60)} minutes behind."
    if behind < FAR_BEHIND:
        return HealthFinding(level=Severity.GOOD, text=text)
    return HealthFinding(
        level=Severity.WARNING,
        text=text,
        remedy="Nobody’s mail is lost. If it lasts, the operator can ask Amazon for a higher rate.",
    )


def of_unapproved(update: Update, now: datetime, asked_by: str) -> HealthFinding:
    """What becomes of an update that no second organiser has approved.

    `asked_by` is the name of who has asked for it as it is now, or "".
    """
    title = next(iter(update.texts.values())).title
    then = "it goes out at once"
    if update.is_late(now):
        text = f"Missed its time, {update.sending_shown}: update “{title}”."
    elif update.send_at:
        text = f"Waits for approval: update “{title}”."
        then = f"it goes out at {update.sending_shown}"
    else:
        text = f"Waits for approval: update “{title}”."
    return HealthFinding(
        level=Severity.WRONG if update.is_late(now) else Severity.WARNING,
        text=text,
        remedy=(
            f"{asked_by} asked for it. Another organiser who may mail approves it: then {then}."
            if asked_by
            else f"Nobody has asked for it yet. One organiser asks, another approves: then {then}."
        ),
        part=f"updates/{update.name}/send",
    )


def of_waiting_export(approval: Approval) -> HealthFinding:
    """A list of signatures that no second organiser has approved."""
    return HealthFinding(
        level=Severity.WARNING,
        text=f"Waits for approval: a list of signatures. {approval.asked_by.name} asked for it.",
        remedy="Under “Signatures” another organiser who may export approves it.",
        part=f"signatures/{approval.subject}",
    )


def of_clock(looked_at: datetime, now: datetime) -> HealthFinding:
    """Whether what is done by the clock is done: public figures, scheduled updates, alerts."""
    if now - looked_at < CLOCK_LATE:
        return HealthFinding(
            level=Severity.GOOD, text="Public figures and scheduled updates are on time."
        )
    return HealthFinding(
        level=Severity.WRONG,
        text="The public figures have not been looked at for more than an hour.",
        remedy=f"{_OPERATOR} Updates may not go out at their time either.",
    )


def of_night(counted_at: datetime | None, now: datetime) -> HealthFinding:
    """Whether everything was counted anew last night."""
    if counted_at is None:
        text = "Everything is counted anew each night, for the first time the coming one."
        return HealthFinding(level=Severity.GOOD, text=text)
    if now - counted_at < NIGHT_LATE:
        text = f"Everything was counted anew on {counted_at:%Y-%m-%d at %H:%M} UTC."
        return HealthFinding(level=Severity.GOOD, text=text)
    return HealthFinding(
        level=Severity.WARNING,
        text=f"The last count of everything was on {counted_at:%Y-%m-%d}.",
        remedy=_OPERATOR,
    )


def of_alerts(alerts: Sequence[Alert]) -> Iterator[HealthFinding]:
    """The updates that are being mailed, and those that stand still."""
    for alert in alerts:
        if alert.state is AlertState.OPEN:
            yield HealthFinding(
                level=Severity.GOOD, text=f"{_named(alert)} is being mailed to subscribers."
            )
        elif alert.state is AlertState.PAUSED:
            yield HealthFinding(
                level=Severity.WARNING,
                text=f"{_named(alert)} is paused: {alert.reason}.",
                remedy="A sender or a steward can let it go on, on the page “Updates”.",
                part=f"updates/{alert.name}/progress",
            )


def _named(alert: Alert) -> str:
    return digest.title_of(alert.name) if digest.is_name(alert.name) else f"“{alert.name}”"


def of_switches(switches: Switches) -> Iterator[HealthFinding]:
    """What is switched off."""
    for switch in sorted(switches.off):
        yield HealthFinding(
            level=Severity.WARNING,
            text=_SWITCHED_OFF[switch],
            remedy="A steward can switch it on, on the page “Switches”.",
            part="switches",
        )


def of_providers(funnel: Funnel) -> Iterator[HealthFinding]:
    """Kinds of mail providers to which mails do not come through."""
    mailed, confirmed = funnel.total(Stage.MAILED), funnel.total(Stage.CONFIRMED)
    for kind, stages in funnel.by_kind.items():
        if stages[Stage.MAILED] < MINIMUM:
            continue
        if stages[Stage.BOUNCED] * 100 > stages[Stage.MAILED] * BOUNCING_PERCENT:
            yield HealthFinding(
                level=Severity.WARNING,
                text=f"Many mails come back: {PROVIDERS[kind]}.",
                remedy="A program may type made-up addresses: look at the held signatures. "
                + _OPERATOR,
                part="held",
            )
        elif stages[Stage.CONFIRMED] * mailed * 100 < (
            confirmed * stages[Stage.MAILED] * UNCONFIRMED_PERCENT
        ):
            yield HealthFinding(
                level=Severity.WARNING,
                text=f"Few confirm, compared with the others: {PROVIDERS[kind]}.",
                remedy="The mails may lie among junk. Tell people to look there. " + _OPERATOR,
            )


def of_complaints(complaints: int, sent: int, days: int) -> HealthFinding:
    """Whether more readers mark the mails of the last days as spam than is normal."""
    if not complaints:
        text = f"No mail was marked as spam in the last {days} days, as far as providers report it."
        return HealthFinding(level=Severity.GOOD, text=text)
    mails = "1 mail was" if complaints == 1 else f"{complaints:,} mails were"
    text = (
        f"{mails} marked as spam in the last {days} days, of {max(sent, complaints):,} that went "
        "out: fewer than 1 in 1,000 is normal."
    )
    if not feedback.is_too_many(complaints, sent):
        return HealthFinding(level=Severity.GOOD, text=text)
    return HealthFinding(
        level=Severity.WARNING,
        text=text,
        remedy="Send less news, and say in its first line why people get it. From 5 in 1,000 on "
        f"Amazon may stop all mails. {_OPERATOR}",
    )
