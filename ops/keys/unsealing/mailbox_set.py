"""Tells whether a mailbox has occurred before, in as much memory for a million as for ten."""

import hashlib
import secrets
import sqlite3
from typing import Self

from chalicelib.domain.mailboxes import email_address


class MailboxSet:
    """The mailboxes so far, by hashes of their canonical addresses under a key of this run.

    SQLite writes them to a file without a name when they outgrow its cache of 2 MB; the system
    deletes it with the process, and without the key it says nothing.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE mailboxes (hash BLOB PRIMARY KEY) WITHOUT ROWID")
        # Without a journal: nobody reads this file after the process.
        self._database.execute("PRAGMA journal_mode = OFF")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, address: str) -> bool:
        """Whether this is a new mailbox."""
        canonical = email_address.canonical(address).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(canonical, digest_size=16, key=self._key).digest()
        added = self._database.execute("INSERT OR IGNORE INTO mailboxes VALUES (?)", (digest,))
        return added.rowcount == 1
