"""The picture of a petition, as pages show it and as programs read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import urls


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShownPicture:
    """A picture at the path `src`; `alt` says what it shows, `credit` who made it."""

    src: str
    width: int
    height: int
    alt: str
    credit: str


def shown_picture(petition: Petition, language: str) -> ShownPicture | None:
    """The picture of a petition with its words in a language, or None."""
    picture, text = petition.picture, petition.text(language)
    if picture is None:
        return None
    return ShownPicture(
        src=urls.picture(petition.slug, picture.file_name),
        width=picture.width,
        height=picture.height,
        alt=text.picture_alt,
        credit=text.picture_credit,
    )


def picture_address(public_url: str, petition: Petition) -> str:
    """The absolute address of a petition's picture, or ""."""
    if petition.picture is None:
        return ""
    return public_url + urls.picture(petition.slug, petition.picture.file_name)


def described_picture(public_url: str, petition: Petition) -> Mapping[str, Any] | None:
    """A petition's picture as JSON has it (docs/api.md), or None."""
    picture = petition.picture
    if picture is None:
        return None
    return {
        "url": picture_address(public_url, petition),
        "media_type": picture.media_type,
        "width": picture.width,
        "height": picture.height,
        "alt": {code: text.picture_alt for code, text in petition.texts.items()},
        "credit": {code: text.picture_credit for code, text in petition.texts.items()},
    }
