"""Publishes the petitions of the repository at the start of the local service.

A folder is published when it has changed since it was published last, or when its petition is not
online: what organisers have published at the desk meanwhile stays.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chalicelib.domain.petitions.update import Update
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import updates as stored_updates
from chalicelib.usecases.petitions import opening, publishing
from chalicelib.usecases.petitions.publishing import AmendmentNeeded
from chalicelib.wiring import Services
from ops.atomic_write import atomic_write
from ops.commands.drafts import save_draft, save_update_draft
from ops.content import petition_key_file, petition_loader, preview_images
from ops.content.pictures import files as picture_files
from ops.errors import CannotContinue
from ops.keys import development_keys
from ops.terminal import console

PETITIONS: Final = Path(__file__).parents[2] / "petitions"
PUBLISHED_FILE: Final = "published.json"
"""The digests of the folders as they were published last, by slug, in the folder of the state."""

_NOTE: Final = "Published by the local service"


def publish_all(services: Services, state_folder: Path, petitions: Path = PETITIONS) -> list[str]:
    """Publish every petition with its updates, under development keys, if need be; the slugs.

    One that is not ready is named and left out, so that a draft does not keep people from looking
    at the others.
    """
    digests = dict(_published(state_folder))
    slugs = []
    for settings in sorted(petitions.glob("*/petition.toml")):
        folder = settings.parent
        try:
            slug = petition_key_file.slug_of(folder)
            digest = _digest_of(folder)
            online = opening.find_published(services, slug) is not None
            if not online or digests.get(slug) != digest:
                _publish(services, state_folder, folder, slug)
            digests[slug] = digest
            slugs.append(slug)
        except CannotContinue as error:
            console.note(f"{folder.name} is not ready, and is left out:\n{error}")
    with atomic_write(state_folder / PUBLISHED_FILE, "w", encoding="utf-8") as file:
        json.dump(digests, file, indent=2)
    return slugs


def _publish(services: Services, state_folder: Path, folder: Path, slug: str) -> None:
    """Publish a petition with its updates. Raises CannotContinue before it publishes."""
    keys = development_keys.petition_keys_of(state_folder, slug)
    petition = petition_loader.read_petition(folder, development_key=keys.current.public_key)
    updates = {
        each: petition_loader.read_update(each) for each in petition_loader.update_folders(folder)
    }
    verification = publishing.verification_keys(services)
    key_file = development_keys.published_text(state_folder, keys, verification)
    try:
        picture = picture_files.content_of(folder)
        publishing.publish_petition(services, petition, key_file=key_file, picture=picture)
        save_draft(services, folder, note=_NOTE)
        images = preview_images.draw_all(petition, picture)
        publishing.publish_preview_images(services, petition.slug, images)
    except AmendmentNeeded:
        console.note(
            f"The text of {slug} was signed here, and has changed. It stays online as it was; to "
            f"change it: zaklik --local petition publish {PETITIONS.name}/{slug}"
        )
    for path, update in updates.items():
        if _would_mail_unasked(services, update):
            console.note(
                f"send_at of {update.id} lies in the past: {update.sending_shown}. It is not "
                "published. Correct the line, or delete it."
            )
            continue
        save_update_draft(services, path, note=_NOTE)
        publishing.publish_update(services, update)


def _would_mail_unasked(services: Services, update: Update) -> bool:
    """Whether publishing an update would mail it at once, at a time that it did not have before."""
    if not update.is_late(services.now()):
        return False
    if alerts.find_id(services.petitions, update.slug, update.name):
        return False
    current = stored_updates.find(services.petitions, update.slug, update.name)
    return current is None or current.send_at != update.send_at


def _published(state_folder: Path) -> Mapping[str, str]:
    try:
        digests: dict[str, str] = json.loads((state_folder / PUBLISHED_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return digests


def _digest_of(folder: Path) -> str:
    """The SHA-256 of all names and files in a folder."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(folder)}\0{content}\n".encode())
    return digest.hexdigest()
