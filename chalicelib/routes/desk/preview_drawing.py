"""What the browser draws the preview images of: networks show one with a petition's link.

Lambda has no library that draws, so the browser of the steward does it before it publishes.
"""

import base64
import json
from typing import Final

from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.picture import Picture
from chalicelib.rendering import assets, translations
from chalicelib.rendering.pictures.uploads import PREVIEW_SIZE

ADDRESSED: Final = "To: %(target)s"
DEMANDED: Final = "What we demand"
_COLOURS: Final = ("band", "band-soft", "on-band", "warm")


def drawings(petition: Petition, picture: Picture | None, content: bytes) -> str:
    """The words, colours and picture of the images of all languages, as JSON."""
    colours = assets.colours()
    values = {
        "size": PREVIEW_SIZE,
        "colours": {name: colours[name] for name in _COLOURS},
        "picture": f"data:{picture.media_type};base64,{base64.b64encode(content).decode()}"
        if picture
        else "",
        "texts": {
            language: {
                "target": _say(language, ADDRESSED) % {"target": text.target},
                "title": text.title,
                "demanded": _say(language, DEMANDED),
                "demands": [f"{demand.number}. {demand.heading}" for demand in text.demands],
            }
            for language, text in petition.texts.items()
        },
    }
    return json.dumps(values, ensure_ascii=False)


def _say(language: str, sentence: str) -> str:
    return translations.catalogue(language).gettext(sentence)
