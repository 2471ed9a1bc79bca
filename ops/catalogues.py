"""`make messages`: extracts the messages of the interface and updates every catalogue.

New messages are added without a translation, obsolete ones are dropped, and the header of a
catalogue stays as its translator wrote it.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from ops.compiling import LOCALE, ROOT

MAPPING: Final = LOCALE / "babel.cfg"
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "N_": None, "_in_dates": None}


def sentences() -> Catalog:
    """Every message that the sources show to visitors: a catalogue without translations."""
    with MAPPING.open() as file:
        methods, options = parse_mapping_cfg(file, str(MAPPING))  # type: ignore[no-untyped-call]
    template = Catalog()
    for _file, _line, message, _comments, context in extract_from_dir(
        ROOT, methods, options, keywords=_KEYWORDS
    ):
        template.add(message, context=context)
    return template


def untranslated(locale: Path = LOCALE) -> Mapping[str, Sequence[str]]:
    """The messages that a catalogue lacks or leaves empty, by language."""
    template = sentences()
    return {
        path.parent.name: [
            message.id if isinstance(message.id, str) else message.id[0]
            for message in _updated(path, template)
            if message.id and not _is_translated(message)
        ]
        for path in _paths(locale)
    }


def update(locale: Path = LOCALE) -> None:
    """Write every catalogue of folder `locale` anew."""
    template = sentences()
    for path in _paths(locale):
        header = path.read_text("utf-8").partition("\n\n")[0]
        body = io.BytesIO()
        write_po(
            body,
            _updated(path, template),
            omit_header=True,
            no_location=True,
            sort_output=True,
            ignore_obsolete=True,
        )
        path.write_text(f"{header}\n\n{body.getvalue().decode().strip()}\n", "utf-8")


def main() -> None:
    """Update every catalogue and print how much is left to translate."""
    update()
    for language, messages in untranslated().items():
        print(f"{language}: {len(messages)} sentences to translate")


def _paths(locale: Path) -> Sequence[Path]:
    return sorted(locale.glob("*/messages.po"))


def _updated(path: Path, template: Catalog) -> Catalog:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.name)
    # A message that resembles an old one needs a translator, not a guess.
    catalogue.update(template, no_fuzzy_matching=True)
    return catalogue


def _is_translated(message: Message) -> bool:
    forms = [message.string] if isinstance(message.string, str) else message.string or ()
    return bool(forms) and all(forms)


if __name__ == "__main__":
    main()
