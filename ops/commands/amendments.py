"""The options of `zaklik petition publish` that amend or correct a signed text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chalicelib.domain.fields import Fields
from chalicelib.domain.petitions import amendment
from chalicelib.domain.petitions.amendment import AmendmentKind, AmendmentRequest
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import urls
from chalicelib.usecases.petitions import publishing
from chalicelib.usecases.petitions.publishing import AmendmentNeeded
from chalicelib.wiring import Services
from ops.errors import CannotContinue
from ops.terminal import console, text_diff
from ops.terminal.command_hint import command

_NEEDED: Final = """\
People have signed this text, so nothing is published yet. If you mean this change, say why. The \
petition's page will show your reason with both texts.
  What is asked changes:         {command} --amend "WHY"
  A slip of the pen is corrected: {command} --correct "WHY\""""
_IN_ANOTHER_LANGUAGE: Final = '\nTo say it in another language, too: --reason {language} "WHY"'


def request_of(
    draft: Petition,
    amend: str | None,
    correct: str | None,
    translations: Sequence[tuple[str, str]],
) -> AmendmentRequest | None:
    """What the options say of a change. Raises CannotContinue if that makes no sense."""
    if amend is not None and correct is not None:
        raise CannotContinue("Say --amend or --correct, not both.")
    first = correct if amend is None else amend
    if first is None:
        if translations:
            raise CannotContinue("Say --amend or --correct first; --reason only translates it.")
        return None
    values = dict([*translations, (draft.languages[0], first)])
    if len(values) <= len(translations):
        raise CannotContinue(
            f"There are two reasons in one language. That of --amend or --correct is in "
            f"“{draft.languages[0]}”; each --reason is in another."
        )
    fields = Fields(values=values, errors=[])
    reasons = amendment.parse_reasons(fields, draft.languages)
    if fields.errors:
        problems = (f"{error.what} {error.remedy}".strip() for error in fields.errors)
        raise CannotContinue("The reason cannot be shown. " + " ".join(problems))
    kind = AmendmentKind.CORRECTION if amend is None else AmendmentKind.AMENDMENT
    return AmendmentRequest(kind=kind, reasons=reasons)


def show_changes(
    services: Services,
    current: Petition | None,
    draft: Petition,
    request: AmendmentRequest | None,
    path: Path,
) -> None:
    """Print what would change in a signed text. Raises CannotContinue if nobody said why."""
    changes = publishing.changes_of_signed_text(services, draft)
    online = current.languages if current else ()
    text_diff.show(changes, [language for language in draft.languages if language in online])
    if changes and request is None:
        raise _needed(path, draft)


def publish(
    services: Services,
    draft: Petition,
    key_file: str,
    request: AmendmentRequest | None,
    path: Path,
    *,
    picture: bytes,
) -> Petition:
    """Publish a petition. Raises CannotContinue if the first form has come since `show_changes`."""
    try:
        return publishing.publish_petition(
            services, draft, key_file=key_file, picture=picture, amendment=request
        )
    except AmendmentNeeded:
        raise _needed(path, draft) from None


def show_made(services: Services, published: Petition, request: AmendmentRequest | None) -> None:
    """Print where the amendment is that has just been made, or that there was no need for one."""
    made = [each for each in published.amendments if each.version == published.version]
    for each in made:
        console.done(f"It is {each.kind} {each.number} of this text, with both texts to read:")
        path = urls.amendment(published.languages[0], published.slug, each.number)
        console.hint(services.settings.public_url + path)
    if request is not None and not made:
        console.note("No signed text has changed, so no amendment is shown.")


def _needed(path: Path, draft: Petition) -> CannotContinue:
    told = _NEEDED.format(command=command(f"petition publish {path}"))
    for language in draft.languages[1:2]:
        told += _IN_ANOTHER_LANGUAGE.format(language=language)
    return CannotContinue(told)
