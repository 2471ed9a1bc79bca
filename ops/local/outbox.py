"""Every mail that would have been sent, oldest first, kept in a file of JSON lines."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ops.local.state import owner_only


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as its reader gets it. `sent_at` is ISO 8601 in UTC."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    sent_at: str

    def to_json(self) -> Mapping[str, Any]:
        """As other programs read it: the sender is called `from`."""
        values = asdict(self)
        values["from"] = values.pop("sender")
        return values


class Outbox:
    """The mails, in memory and in a file that only grows.

    A snapshot of the state notes how many mails belong to it; what the file holds beyond that was
    written by a process that was killed before its snapshot was whole, and is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mails: list[Mail] = []
        self._saved = 0
        self._lock = threading.Lock()

    def add(self, mail: Mail) -> None:
        """Put a mail at the end."""
        with self._lock:
            self._mails.append(mail)

    def __len__(self) -> int:
        return len(self._mails)

    def newest(self, count: int) -> Sequence[Mail]:
        """The last `count` mails, newest first."""
        with self._lock:
            return self._mails[: -count - 1 : -1]

    def all(self) -> Sequence[Mail]:
        """Every mail, newest last."""
        with self._lock:
            return list(self._mails)

    def save(self, count: int) -> None:
        """Append what is not yet in the file, up to `count` mails in all."""
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
        kept = lines[:count]
        if len(kept) < len(lines):
            with self._path.open("r+b") as file:
                file.truncate(sum(map(len, kept)))
        with self._lock:
            self._mails = [Mail(**json.loads(line)) for line in kept]
        self._saved = len(kept)
