"""What a petition needs before it opens, line by line, each with the page that puts it right."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.fields import FieldError
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import petition_fields
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.usecases.petitions.opening import Readiness


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CheckItem:
    """A line of the checklist, and where it is put right."""

    done: bool
    label: str
    remedy: str
    href: str


def items(slug: str, ready: Readiness) -> Sequence[CheckItem]:
    """The lines about a draft."""
    checked, petition = ready.checked, ready.checked.petition
    lines = [
        CheckItem(
            done=bool(ready.public_key),
            label="An organiser has proven the key",
            remedy="Without it nobody could read the signatures.",
            href=desk_urls.petition(slug, "keys"),
        ),
        _item("Days, goals and organiser", write_url(slug, "settings"), checked.errors_of_settings),
    ]
    for language in dict.fromkeys([*checked.languages, *ready.draft.source.texts]):
        label = f"The text: {petition_fields.language_name(language)}"
        lines.append(
            _item(label, write_url(slug, f"texts/{language}"), checked.errors_of_text(language))
        )
    if any(text.risk for text in petition.texts.values()) and not petition.risk_languages:
        lines.append(
            CheckItem(
                done=False,
                label="Nobody is shown the risk unasked",
                remedy="If readers of a language are in danger, tick it in the settings.",
                href=write_url(slug, "settings"),
            )
        )
    lines += [
        CheckItem(
            done=False,
            label=f"Two people decide: {kind}",
            remedy="Only one organiser could approve. Invite another, or it can never be done.",
            href=desk_urls.petition(slug, "people"),
        )
        for kind in ready.lonely
    ]
    return lines


def _item(label: str, href: str, errors: Sequence[FieldError]) -> CheckItem:
    remedy = " ".join(petition_fields.sentence(error) for error in errors[:2])
    if len(errors) > 2:
        remedy += f" And {len(errors) - 2} more."
    return CheckItem(done=not errors, label=label, remedy=remedy, href=href)
