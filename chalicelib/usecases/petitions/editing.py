"""Parses what organisers have written into petitions and updates, by one set of rules.

Whether it came from files or from the desk: the same words are right, and the same sentences say
what is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from typing import TypeVar

from chalicelib.domain.fields import FieldError, Fields
from chalicelib.domain.petitions import petition_rules, update_rules
from chalicelib.domain.petitions.petition import LANGUAGE, Petition, PetitionText
from chalicelib.domain.petitions.source import BODY, TEXTS, PetitionSource, TextSource, UpdateSource
from chalicelib.domain.petitions.update import Update, UpdateText
from chalicelib.rendering import translations
from chalicelib.rendering.source_files import MAX_FILE_BYTES
from chalicelib.rendering.texts import render_petition_text, render_update_text
from chalicelib.store.dynamodb.items import item_bytes
from chalicelib.store.petitions import petitions, updates

_Text = TypeVar("_Text")


def parse_petition(
    source: PetitionSource,
    errors: list[FieldError],
    *,
    public_key: bytes,
    live_on: date | None,
    has_picture: bool | None = None,
) -> Petition:
    """The petition, as version 0; with `errors`, to which it adds, as much as could be read.

    `public_key` and `live_on` as for `petition_rules.parse_petition`. `has_picture`: whether the
    texts must speak of a picture, where that of the source does not say so.
    """
    fields = Fields(values=source.settings, errors=errors)
    pictured = source.picture is not None if has_picture is None else has_picture
    texts = _rendered(source.texts, fields, partial(render_petition_text, has_picture=pictured))
    petition = petition_rules.parse_petition(
        fields,
        slug=source.slug,
        texts=texts,
        public_key=public_key,
        interface_languages=list(translations.languages()),
        live_on=live_on,
    )
    petition = replace(petition, picture=source.picture)
    size = petitions.stored_bytes(petition)
    _check_size(fields, petition.texts, size, limit=petitions.MAX_BYTES)
    return petition


def parse_update(
    source: UpdateSource, errors: list[FieldError], *, languages: Sequence[str]
) -> Update | None:
    """The update of a petition that has these languages; None with `errors`, to which it adds."""
    fields = Fields(values=source.settings, errors=errors)
    update = update_rules.parse_update(
        fields,
        slug=source.slug,
        name=source.name,
        texts=_rendered(source.texts, fields, render_update_text),
        languages=languages,
    )
    if update is not None:
        _check_size(fields, update.texts, updates.stored_bytes(update), limit=updates.MAX_BYTES)
    return update


def _rendered(
    sources: Mapping[str, TextSource | None],
    fields: Fields,
    render: Callable[[Fields, str], _Text],
) -> Mapping[str, _Text | None]:
    """The texts by language; None for one that could not be read."""
    texts: dict[str, _Text | None] = {}
    for language, source in sources.items():
        if source is None or not LANGUAGE.fullmatch(language):
            texts[language] = None
            continue
        path = f"{TEXTS}.{language}"
        if len(source.body.encode()) > MAX_FILE_BYTES:
            what = f"This text is larger than {MAX_FILE_BYTES:,} bytes."
            fields.add(f"{path}.{BODY}", what, "Shorten it.")
            texts[language] = None
        else:
            below = Fields(values=source.lines, errors=fields.errors, path=path)
            texts[language] = render(below, source.body)
    return texts


def _check_size(
    fields: Fields, texts: Mapping[str, PetitionText | UpdateText], size: int, *, limit: int
) -> None:
    """Note the longest text if all together are too large to be stored; sizes are in bytes."""
    if size > limit:
        sizes = {language: item_bytes(asdict(text)) for language, text in texts.items()}
        longest = max(sizes, key=sizes.__getitem__)
        fields.add(
            f"{TEXTS}.{longest}",
            f"The texts of all languages take {size:,} bytes when they are stored; {limit:,} fit. "
            f"This one takes the most: {sizes[longest]:,}.",
            "Shorten it.",
        )
