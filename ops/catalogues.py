"""`make messages`: finds the sentences of the interface and brings every catalogue up to date.

New sentences are added without a translation, sentences that are gone are dropped, and the head of
a catalogue stays as its translator wrote it.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from ops.compiling import LOCALE, ROOT

MAPPING: Final = LOCALE / "babel.cfg"
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "N_": None, "_in_dates": None}
_NOT_OURS: Final = ("compiled", "static", "__pycache__")


def sentences() -> Catalog:
    """Every sentence that a visitor can be shown, as the sources have it."""
    with MAPPING.open() as file:
        methods, options = parse_mapping_cfg(file, str(MAPPING))  # type: ignore[no-untyped-call]
    found = Catalog()
    for _file, _line, message, _comments, context in extract_from_dir(
        ROOT,
        methods,
        options,
        keywords=_KEYWORDS,
        directory_filter=lambda path: not Path(path).name.startswith((".", *_NOT_OURS)),
    ):
        found.add(message, context=context)
    return found


def untranslated(locale: Path = LOCALE) -> Mapping[str, Sequence[str]]:
    """The sentences that a catalogue lacks or leaves empty, by language."""
    wanted = sentences()
    return {path.parent.name: _lacking(_updated(path, wanted)) for path in _catalogues(locale)}


def update(locale: Path = LOCALE) -> None:
    """Write every catalogue of folder `locale` anew."""
    wanted = sentences()
    for path in _catalogues(locale):
        catalogue = _updated(path, wanted)
        head = path.read_text("utf-8").partition("\n\n")[0]
        body = io.BytesIO()
        write_po(
            body,
            catalogue,
            omit_header=True,
            no_location=True,
            sort_output=True,
            ignore_obsolete=True,
        )
        path.write_text(f"{head}\n\n{body.getvalue().decode().strip()}\n", "utf-8")


def main() -> None:
    """Bring every catalogue up to date and say what is left to translate."""
    update()
    for code, lacking in untranslated().items():
        print(f"{code}: {len(lacking)} sentences to translate")


def _catalogues(locale: Path) -> Sequence[Path]:
    return sorted(locale.glob("*/messages.po"))


def _updated(path: Path, wanted: Catalog) -> Catalog:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.name)
    # A sentence that is only like an old one needs a person, not a guess.
    catalogue.update(wanted, no_fuzzy_matching=True)
    return catalogue


def _lacking(catalogue: Catalog) -> Sequence[str]:
    return [
        _text(message.id) for message in catalogue if message.id and not _is_done(message.string)
    ]


def _is_done(translation: str | Sequence[str] | None) -> bool:
    forms = [translation] if isinstance(translation, str) else translation or []
    return bool(forms) and all(forms)


def _text(message_id: str | Sequence[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


if __name__ == "__main__":
    main()
