"""What a state folder needs before the service can start: secrets, a key, petitions."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import boto3

from chalicelib.domain import countries
from chalicelib.rendering import templates, translations
from chalicelib.rendering.build_output import COMPILED
from chalicelib.usecases.petitions import publishing
from chalicelib.wiring import Services
from ops import compiling
from ops.content import petition_loader, preview_images
from ops.errors import NotReady
from ops.keys import organiser_keys
from ops.keys.secrets import new_secrets
from ops.local.state import write_whole
from ops.terminal import console

PETITIONS: Final = Path(__file__).parents[2] / "petitions"
KEY_FILE: Final = "organiser.key"
PASSPHRASE: Final = "local"  # noqa: S105 - a key for trying things out
SECRETS_FILE: Final = "secrets.json"


def compile_if_stale() -> None:
    """Compile templates and catalogues, unless the last build is newer than all of them."""
    code = [
        Path(str(module.__file__)) for module in (compiling, countries, templates, translations)
    ]
    sources = [compiling.TEMPLATES, compiling.LOCALE, *code]
    if not COMPILED.exists() or _newest(sources) >= COMPILED.stat().st_mtime:
        compiling.compile_all()


def store_secrets(folder: Path, path: str) -> None:
    """Put the folder's secrets into Parameter Store under `path`; new ones on the first run."""
    file = folder / SECRETS_FILE
    if not file.exists():
        write_whole(file, json.dumps(dict(new_secrets())))
    ssm = boto3.client("ssm")
    for name, value in json.loads(file.read_text("utf-8")).items():
        ssm.put_parameter(Name=f"{path}/{name}", Value=value, Type="SecureString")


def development_key(folder: Path) -> bytes:
    """The public half of the folder's `organiser.key`, which is made on the first run."""
    file = folder / KEY_FILE
    if not file.exists():
        write_whole(file, organiser_keys.new_key(PASSPHRASE))
    return organiser_keys.public_key(file.read_text("utf-8"))


def publish_all(services: Services, key: bytes, petitions: Path = PETITIONS) -> list[str]:
    """Publish every petition of the repository with its updates; the slugs.

    What has not changed makes no new version. What is not ready is named and left out: one draft
    must not keep the others from being looked at.
    """
    slugs = []
    for settings in sorted(petitions.glob("*/petition.toml")):
        try:
            slugs.append(_publish(services, key, settings.parent))
        except NotReady as error:
            console.note(f"{settings.parent.name} is not ready, and is left out:\n{error}")
    return slugs


def _publish(services: Services, key: bytes, folder: Path) -> str:
    """Publish one petition with its updates; its slug. Raises NotReady before anything is done."""
    petition = petition_loader.read_petition(folder, development_key=key)
    updates = [
        petition_loader.read_update(settings.parent)
        for settings in sorted(folder.glob("updates/*/update.toml"))
    ]
    publishing.publish_petition(services, petition)
    publishing.publish_preview_images(services, petition.slug, preview_images.draw_all(petition))
    for update in updates:
        publishing.publish_update(services, update)
    return petition.slug


def _newest(folders: Iterable[Path]) -> float:
    files = [file for folder in folders for file in [folder, *folder.rglob("*")]]
    return max(file.stat().st_mtime for file in files)
