"""The trail of a petition: who did what at the desk, each line chained to the one before.

A line holds the SHA-256 of its own canonical JSON, in which the hash of the line before stands. A
line that is changed, taken out or put in breaks the chain there. Lines that are cut off at the end
break nothing: only an earlier copy shows that.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from chalicelib.domain.organisers.actor import Actor

NO_LINE: Final = "0" * 64
"""What the first line holds in place of the hash of a line before it."""
MAX_DETAIL_CHARACTERS: Final = 500


class Act(StrEnum):
    """What somebody did or was refused. Each part of the desk has its own acts."""

    OPEN_PAGE = "open page"

    INVITE = "invite"
    INVITE_AGAIN = "invite again"
    JOIN = "join"
    CHANGE_ROLES = "change roles"
    REMOVE = "remove"
    START_RECOVERY = "start recovery"
    RECOVER = "recover"
    EXPORT_TRAIL = "download trail"
    HAND_IN = "hand in"
    EXPORT = "make list"
    APPROVE_EXPORT = "approve list"
    DESTROY = "destroy data"
    CANCEL_EXPORT = "stop making list"
    FETCH_EXPORT = "download list"

    SWITCH_ON = "switch on"
    SWITCH_OFF = "switch off"
    SET_NOTICE = "set notice"
    HOLD = "hold signatures"
    RELEASE = "release signatures"
    CANCEL_MODERATION = "stop holding or releasing"

    BEGIN = "begin petition"
    SAVE_DRAFT = "save draft"
    RESTORE_DRAFT = "restore draft"
    UPLOAD_DRAFT = "upload draft"
    REMOVE_DRAFT = "remove draft"
    PUBLISH = "publish text"
    LIFT_APPROVALS = "let one person decide"
    SAVE_KEY = "save key"
    PUBLISH_KEY = "publish key"
    CLOSE = "close petition"

    BEGIN_UPDATE = "begin update"
    DISCARD_UPDATE = "throw away draft of update"
    PUBLISH_UPDATE = "publish update"
    TEST_UPDATE = "mail update to oneself"
    SCHEDULE_UPDATE = "schedule update"
    UNSCHEDULE_UPDATE = "unschedule update"
    SEND_UPDATE = "send update"
    ASK_TO_SEND = "ask to send"
    APPROVE_SENDING = "approve sending"
    WITHDRAW_SENDING = "withdraw what was asked to send"
    PAUSE_ALERT = "pause sending"
    RESUME_ALERT = "resume sending"
    CANCEL_ALERT = "cancel sending"
    MAIL_AGAIN = "mail again who was missed"
    SKIP_DOUBTFUL = "leave out who is in doubt"


@dataclass(frozen=True, kw_only=True)
class TrailEntry:
    """One line of a trail. `id` is random: two lines are never equal. `number` begins at 1.

    `detail` names no signer and no address. `refused`: the act was not allowed, and did not happen.
    """

    slug: str
    number: int
    id: str
    at: datetime
    actor: Actor
    act: str
    detail: str
    refused: bool
    previous: str
    hash: str = ""


@dataclass(frozen=True, kw_only=True)
class ChainBreak:
    """Where a chain breaks: the number of the line, and what is wrong with it."""

    number: int
    reason: str


def chained(entry: TrailEntry) -> str:
    """The hash that the line must have: SHA-256 of its canonical JSON, in hex."""
    values = to_values(entry)
    del values["hash"]
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def to_values(entry: TrailEntry) -> dict[str, Any]:
    """The JSON value of a line, as exports have it."""
    at = entry.at.astimezone(UTC).isoformat(timespec="milliseconds")
    return {**asdict(entry), "at": at}


def from_values(values: Mapping[str, Any]) -> TrailEntry:
    """The line of a JSON value. Raises ValueError for any other value."""
    try:
        at, actor = datetime.fromisoformat(values["at"]), Actor(**values["actor"])
        return TrailEntry(**{**values, "at": at, "actor": actor})
    except (KeyError, TypeError) as error:
        raise ValueError("this is no line of a trail") from error


def find_break(entries: Iterable[TrailEntry]) -> ChainBreak | None:
    """The first place where the chain from the first line on breaks, or None."""
    previous = NO_LINE
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            return ChainBreak(
                number=number, reason=f"the line is missing: line {entry.number} follows"
            )
        if entry.previous != previous:
            return ChainBreak(
                number=number, reason="the line does not follow from the one before it"
            )
        if entry.hash != chained(entry):
            return ChainBreak(number=number, reason="the line was changed")
        previous = entry.hash
    return None


def find_difference(copy: Iterable[TrailEntry], entries: Iterable[TrailEntry]) -> ChainBreak | None:
    """The first line of an earlier copy that is no longer in the trail as it was, or None."""
    hashes = {entry.number: entry.hash for entry in entries}
    for entry in copy:
        if entry.number not in hashes:
            return ChainBreak(
                number=entry.number, reason="the copy has the line, the trail does not"
            )
        if hashes[entry.number] != entry.hash:
            return ChainBreak(number=entry.number, reason="the copy has another line")
    return None
