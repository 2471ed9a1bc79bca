"""One's own page: what is kept about an address on a petition, and how to change or delete it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import mailbox_risk
from chalicelib.domain.errors import N_, EndedSince, InvalidForm, Message, UnreadableForm
from chalicelib.domain.person import Filed, Kept, read_frequency
from chalicelib.domain.petition import Petition
from chalicelib.domain.signature import read_address
from chalicelib.mail.messages import Manage, NothingThere
from chalicelib.people import blind_indexes, links, mail_queue
from chalicelib.protection import admission
from chalicelib.rendering import translations
from chalicelib.store import people, signatures, subscribers
from chalicelib.wiring import Services


class Deed(StrEnum):
    """What somebody can do on their own page."""

    WITHDRAW = "withdraw"
    STOP = "stop"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """What is kept of the person who holds the link; `filed` says what the link is for."""

    petition: Petition
    filed: Filed
    kept: Kept


def ask_for_link(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> int:
    """Mail the link to one's own page, or that nothing is kept. Also after the petition closed.

    Three calls to AWS, whether or not the address is known: count the network, look, queue. Returns
    the minutes for which the mail is held back: 0, unless it goes by the slow lane. Who wants to
    leave at once has a link in every mail, which never has to wait.
    Raises NotFound, InvalidForm, ReadableMailbox, ProofWanted, TooManyRequests, Unavailable.
    """
    petition = cached.petition(services, slug)
    errors: dict[str, Message] = {}
    address = read_address(fields.get("email", ""), errors)
    if address is None:
        raise InvalidForm(errors)
    mailbox_risk.warn(address, fields)
    passage = admission.let_in(services, petition, network=network, fields=fields)
    kept = _find(services, blind_indexes.filed(services, slug, address))
    title = petition.text(language).title
    never = links.never_link(services, slug, language, address)
    mail: Manage | NothingThere
    if kept.signed or kept.subscribed:
        mail = Manage(
            petition_title=title,
            never=never,
            link=links.manage_link(services, slug, language, address),
            link_days=services.settings.link_days,
        )
    else:
        mail = NothingThere(petition_title=title, never=never)
    mail_queue.queue_mail(
        services,
        to=address.deliverable,
        language=language,
        mail=mail,
        blocked=kept.blocked,
        delay_seconds=passage.delay_seconds,
    )
    return passage.delay_seconds // 60


def show(services: Services, token: str) -> OwnPage:
    """What is kept at this moment; changes nothing. Raises BrokenToken, ExpiredToken."""
    filed = _read(services, token)
    return OwnPage(
        petition=cached.petition(services, filed.slug),
        filed=filed,
        kept=_find(services, filed),
    )


def act(services: Services, token: str, fields: Mapping[str, str]) -> Deed:
    """Do what a form of the page asks for. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, UnreadableForm, InvalidForm, Unavailable, and EndedSince for
    news that has ended meanwhile.
    """
    filed = _read(services, token)
    deed = _read_deed(fields)
    if deed is Deed.CHANGE:
        _change_news(services, filed, fields)
    if deed in (Deed.WITHDRAW, Deed.DELETE) and filed.signature:
        signatures.mark_withdrawn(
            services.signatures,
            filed.slug,
            filed.signature,
            now=services.now(),
            links_live=services.settings.links_live,
        )
    if deed in (Deed.STOP, Deed.DELETE) or (
        deed is Deed.WITHDRAW and fields.get("news") == Deed.STOP
    ):
        subscribers.mark_unsubscribed(
            services.subscribers,
            filed.slug,
            filed.subscriber,
            now=services.now(),
            links_live=services.settings.links_live,
        )
    return deed


def petition_of(services: Services, token: str) -> Petition:
    """The petition of a link, however old it is. Raises BrokenToken."""
    keys = services.secrets.token_keys
    claims = tokens.read(keys, Purpose.MANAGE, token, now=services.now())
    return cached.petition(services, claims.values["slug"])


def _change_news(services: Services, filed: Filed, fields: Mapping[str, str]) -> None:
    language = fields.get("language", "")
    if language not in translations.languages():
        raise InvalidForm({"language": Message(text=N_("Please choose a language."))})
    if not subscribers.change(
        services.subscribers,
        filed.slug,
        filed.subscriber,
        language=language,
        frequency=read_frequency(fields.get("frequency", "")),
    ):
        raise EndedSince


def _read_deed(fields: Mapping[str, str]) -> Deed:
    try:
        return Deed(fields.get("do", ""))
    except ValueError:
        # Only buttons of the page say what to do.
        raise UnreadableForm from None


def _find(services: Services, filed: Filed) -> Kept:
    return people.find(services.signatures, services.subscribers, filed, now=services.now())


def _read(services: Services, token: str) -> Filed:
    claims = tokens.read(
        services.secrets.token_keys,
        Purpose.MANAGE,
        token,
        now=services.now(),
        lifetime=services.settings.links_live,
    )
    values = claims.values
    return Filed(
        slug=values["slug"], signature=values["signature"], subscriber=values["subscriber"]
    )
