"""Folders as organisers write them, valid unless a test changes a file."""

import base64
from pathlib import Path
from typing import Final

from tests import builders

PUBLIC_KEY: Final = base64.b64encode(builders.ORGANISER_KEY.public_bytes).decode()

PETITION_TOML: Final = f"""\
# A note.
languages = ["en", "be"]
opens_on = 2026-01-01
closes_on = 2099-12-31
goals = [10, 100]
public_key = "{PUBLIC_KEY}"

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


def petition(parent: Path, **changes: str) -> Path:
    """Write a petition's folder; `changes` replaces a file: toml, en, be."""
    folder = parent / "open-door"
    folder.mkdir()
    (folder / "petition.toml").write_text(changes.get("toml", PETITION_TOML), "utf-8")
    for language in ("en", "be"):
        (folder / f"{language}.md").write_text(changes.get(language, PETITION_TEXT), "utf-8")
    return folder


def update(parent: Path, **changes: str) -> Path:
    """Write a petition with an update, and return the update's folder. `changes` as above."""
    folder = petition(parent) / "updates" / "first-news"
    folder.mkdir(parents=True)
    (folder / "update.toml").write_text(changes.get("toml", UPDATE_TOML), "utf-8")
    for language in ("en", "be"):
        (folder / f"{language}.md").write_text(changes.get(language, UPDATE_TEXT), "utf-8")
    return folder
