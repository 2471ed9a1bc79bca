"""The picture of a petition, as a page shows it."""

from dataclasses import dataclass

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
