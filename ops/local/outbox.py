"""The mails that would have been sent, oldest first, in a file of JSON lines."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """One mail as its recipient gets it. `sent_at` is ISO 8601 in UTC."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    sent_at: str

    def to_json(self) -> Mapping[str, Any]:
        """The mail as `/_local/outbox.json` shows it: the sender is called `from`."""
        values = asdict(self)
        values["from"] = values.pop("sender")
        return values


class Outbox:
    """The mails, in memory and in a file that only grows.

    A snapshot notes how many mails belong to it. Mails beyond that were written by a process that
    was killed before its snapshot was complete, and are cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mails: list[SentMail] = []
        self._saved = 0
        self._lock = threading.Lock()

    def add(self, mail: SentMail) -> None:
        """Put a mail at the end."""
        with self._lock:
            self._mails.append(mail)

    def __len__(self) -> int:
        return len(self._mails)

    def newest(self, count: int) -> Sequence[SentMail]:
        """The last `count` mails, newest first."""
        with self._lock:
            return self._mails[: -count - 1 : -1]

    def all(self) -> Sequence[SentMail]:
        """Every mail, newest last."""
        with self._lock:
            return list(self._mails)

    def save(self, count: int) -> None:
        """Append the mails that are not yet in the file, up to `count` in all."""
        if count <= self._saved:
            return
        with open(self._path, "a", encoding="utf-8", opener=owner_only) as file:
            file.writelines(
                json.dumps(asdict(mail), ensure_ascii=False) + "\n"
                for mail in self.all()[self._saved : count]
            )
            file.flush()
            os.fsync(file.fileno())
        self._saved = count

    def restore(self, count: int) -> None:
        """Read the first `count` mails back and cut off the rest."""
        lines = self._path.read_bytes().splitlines(keepends=True) if self._path.exists() else []
        saved = lines[:count]
        if len(saved) < len(lines):
            with self._path.open("r+b") as file:
                file.truncate(sum(map(len, saved)))
        with self._lock:
            self._mails = [SentMail(**json.loads(line)) for line in saved]
        self._saved = len(saved)


def owner_only(path: str, flags: int) -> int:
    """Open a file so that only its owner can read it, also if it exists already; for `open`."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor
