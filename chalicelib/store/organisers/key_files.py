"""Petitions' key files as the desk has stored them, in the table of organisers."""

import hashlib

from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.table import Table

NEVER_STORED = ""
"""The digest of no key file."""


def find(table: Table, slug: str) -> str | None:
    """Q53: the text of a key file, or None."""
    item = table.find(desk_keys.petition_key_file(slug), consistent=True)
    return item["text"] if item else None


def save(table: Table, slug: str, text: str, *, seen: str) -> None:
    """Q53: store a key file in the place of the one with the digest `seen`.

    Raises ConditionFailed if another is stored.
    """
    table.put(
        desk_keys.petition_key_file(slug),
        {"text": text, "digest": digest_of(text)},
        condition="#digest = :seen" if seen else "attribute_not_exists(pk)",
        names={"#digest": "digest"} if seen else None,
        values={":seen": seen} if seen else None,
    )


def digest_of(text: str | None) -> str:
    """What `save` knows a text by: its SHA-256, NEVER_STORED for None."""
    return NEVER_STORED if text is None else hashlib.sha256(text.encode()).hexdigest()
