"""Folders as organisers write them, valid unless a test changes a file."""

from datetime import date
from pathlib import Path
from typing import Final

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_keys import PetitionKey, PetitionKeys
from chalicelib.crypto.unsealing import PrivateKey
from ops.keys import key_lifecycle, wrapped_keys
from ops.keys.organiser_keys import OrganiserKey, OrganiserPublicKey
from tests import builders

SLUG: Final = "open-door"
ANNA: Final = OrganiserKey(private=PrivateKey(b"\x0a" * 32), name="Anna", trusted={})
BORIS: Final = OrganiserKey(private=PrivateKey(b"\x0b" * 32), name="Борис", trusted={})
CARLA: Final = OrganiserKey(private=PrivateKey(b"\x0c" * 32), name="", trusted={})
MADE_ON: Final = date(2026, 1, 1)
PROVEN_ON: Final = date(2026, 1, 2)

PETITION_TOML: Final = """\
# A note.
languages = ["en", "be"]
opens_on = 2026-01-01
closes_on = 2099-12-31
goals = [10, 100]

[organiser]
name = "Door Watch"
email = "desk@door-watch.org"
website = "https://door-watch.org"
"""
PETITION_TEXT: Final = """\
---
title: Open the door
target: The keeper of the door
summary: A petition about a door.
lead: The door has been shut for a year.
---
Please open the door.

## 1. Now
Open it now.

## 2. For good
Leave it **open**.

## Why
### Since when
It has been shut for long.
"""
UPDATE_TOML: Final = "published_on = 2026-03-01\n"
UPDATE_TEXT: Final = """\
---
title: The door moved
summary: A little.
---
It moved a little.
"""


def public(organiser: OrganiserKey) -> OrganiserPublicKey:
    """The public half of an organiser's key."""
    return OrganiserPublicKey(raw=organiser.private.public_bytes, name=organiser.name)


def unproven(slug: str = SLUG) -> PetitionKeys:
    """The keys of a petition whose key Anna and Boris can open, and which nobody has proven."""
    private = builders.ORGANISER_KEY
    wraps = tuple(wrapped_keys.wrap(private, public(each), slug) for each in (ANNA, BORIS))
    return PetitionKeys(
        slug=slug,
        current=PetitionKey(public_key=private.public_bytes, made_on=MADE_ON, wraps=wraps),
        canary=wrapped_keys.new_canary(slug, private.public_bytes),
    )


UNPROVEN: Final = unproven()
KEYS: Final = key_lifecycle.prove(UNPROVEN, ANNA, PROVEN_ON)
"""The keys of the petition, which Anna has proven."""


def petition(parent: Path, *, keys: PetitionKeys | None = KEYS, **changes: str) -> Path:
    """Write a petition's folder; `changes` replaces a file: toml, en, be."""
    folder = parent / SLUG
    folder.mkdir()
    if keys:
        (folder / "key.json").write_text(petition_key_files.to_text(keys), "utf-8")
    (folder / "petition.toml").write_text(changes.get("toml", PETITION_TOML), "utf-8")
    for language in ("en", "be"):
        (folder / f"{language}.md").write_text(changes.get(language, PETITION_TEXT), "utf-8")
    return folder


def add_picture(
    folder: Path, content: bytes = builders.DRAWING, name: str = "picture.svg", **lines: str
) -> Path:
    """Put a picture into a petition's folder; `lines` replace those about it in every text."""
    about = {"picture": "A yellow door in a dark wall", "credit": "Drawing: Door Watch", **lines}
    added = "".join(f"{line}: {words}\n" for line, words in about.items() if words)
    for file in folder.glob("*.md"):
        file.write_text(f"---\n{added}{file.read_text('utf-8').removeprefix('---')[1:]}", "utf-8")
    (folder / name).write_bytes(content)
    return folder / name


def update(parent: Path, **changes: str) -> Path:
    """Write a petition with an update, and return the update's folder. `changes` as above."""
    folder = petition(parent) / "updates" / "first-news"
    folder.mkdir(parents=True)
    (folder / "update.toml").write_text(changes.get("toml", UPDATE_TOML), "utf-8")
    for language in ("en", "be"):
        (folder / f"{language}.md").write_text(changes.get(language, UPDATE_TEXT), "utf-8")
    return folder
