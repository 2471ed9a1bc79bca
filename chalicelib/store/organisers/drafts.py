"""Drafts of petitions, in the table of organisers: versions, and the texts and pictures in them.

A text or a picture is stored once, under its digest, however many versions have it.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

import tomli_w

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.petitions.draft import Draft, DraftVersion
from chalicelib.domain.petitions.source import PetitionSource, TextSource
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.organisers import memberships
from chalicelib.store.petitions import pictures

MAX_TEXT_BYTES: Final = 300_000
"""Of a text as it is typed, and of all settings together: an item has 400 KB."""
_LISTED: Final = ("sk", "saved_at", "by_id", "by_name", "changed", "note")


def find(table: Table, slug: str) -> Draft | None:
    """Q48, Q49: the newest version of a draft, or None. Two reads."""
    items, _ = table.page_of(
        desk_keys.drafts(slug), prefix=desk_keys.DRAFT_VERSION, limit=1, consistent=True
    )
    return _draft(table, slug, items[0]) if items else None


def get_version(table: Table, slug: str, number: int) -> Draft:
    """Q48, Q49: a version of a draft. Raises NotFound."""
    item = table.find(desk_keys.draft_version(slug, number), consistent=True)
    if item is None:
        raise NotFound
    return _draft(table, slug, item)


def list_newest(table: Table, slug: str, *, limit: int) -> Sequence[DraftVersion]:
    """Q48: the versions of a draft, without what is written in them, the newest first."""
    items, _ = table.page_of(
        desk_keys.drafts(slug), prefix=desk_keys.DRAFT_VERSION, limit=limit, attributes=_LISTED
    )
    return [_version(item) for item in items]


def add(table: Table, draft: Draft, *, picture: bytes = b"") -> None:
    """Q48, Q49: store a version, with the texts in it, and the bytes of a new picture.

    Raises ConditionFailed if there is a version of that number, or the draft is being removed.
    """
    slug, version, source = draft.source.slug, draft.version, draft.source
    texts = {language: text for language, text in source.texts.items() if text is not None}
    digests = {language: _digest(text) for language, text in texts.items()}
    writes = {
        digests[language]: Write(
            key=desk_keys.draft_part(slug, digests[language]),
            item={"lines": _to_json(text.lines), "body": text.body},
        )
        for language, text in texts.items()
    }
    if source.picture and picture:
        name = source.picture.file_name
        writes[name] = Write(key=desk_keys.draft_part(slug, name), item={"content": picture})
    item = {
        "saved_at": to_milliseconds(version.saved_at),
        "by_id": version.saved_by.id,
        "by_name": version.saved_by.name,
        "changed": list(version.changed),
        "note": version.note,
        "settings": tomli_w.dumps(source.settings),
        "languages": list(texts),
        "texts": digests,
        "picture": asdict(source.picture) if source.picture else None,
    }
    table.transact(
        [
            *writes.values(),
            # A text that somebody saves at the moment of the removal would never be deleted.
            memberships.staying(slug.partition("/")[0]),
            Write(
                key=desk_keys.draft_version(slug, version.number),
                item=item,
                condition="attribute_not_exists(pk)",
            ),
        ]
    )


def get_picture(table: Table, slug: str, file_name: str) -> bytes:
    """Q49: the bytes of a picture of a draft. Raises NotFound."""
    item = table.find(desk_keys.draft_part(slug, file_name), consistent=True)
    if item is None:
        raise NotFound
    content: bytes = item["content"]
    return content


def stored_bytes(settings: Mapping[str, Any]) -> int:
    """The size of settings as they are stored."""
    return len(tomli_w.dumps(settings).encode())


def _draft(table: Table, slug: str, item: Mapping[str, Any]) -> Draft:
    digests = [item["texts"][language] for language in item["languages"]]
    parts = table.find_many(
        [desk_keys.draft_part(slug, digest) for digest in dict.fromkeys(digests)]
    )
    by_digest = {part["sk"]: part for part in parts}
    return Draft(
        version=_version(item),
        source=PetitionSource(
            slug=slug,
            settings=tomllib.loads(item["settings"]),
            texts={
                language: _text(by_digest[desk_keys.draft_part(slug, digest)["sk"]])
                for language, digest in zip(item["languages"], digests, strict=True)
            },
            picture=pictures.from_item(item["picture"]) if item["picture"] else None,
        ),
    )


def _version(item: Mapping[str, Any]) -> DraftVersion:
    return DraftVersion(
        number=desk_keys.draft_number(item["sk"]),
        saved_at=to_moment(item["saved_at"]),
        saved_by=Actor(id=item["by_id"], name=item["by_name"]),
        changed=tuple(item["changed"]),
        note=item["note"],
    )


def _text(item: Mapping[str, Any]) -> TextSource:
    return TextSource(lines=json.loads(item["lines"]), body=item["body"])


def _digest(text: TextSource) -> str:
    return sha256(f"{_to_json(text.lines)}\n{text.body}".encode()).hexdigest()[:32]


def _to_json(lines: Mapping[str, str]) -> str:
    """The lines in their order, which DynamoDB does not keep."""
    return json.dumps(dict(lines), ensure_ascii=False)
