"""Self-service: a person sees, changes and deletes what is stored about them on a petition."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import mailbox_risk
from chalicelib.domain.errors import N_, EndedMeanwhile, InvalidForm, Message, UnreadableForm
from chalicelib.domain.person import PersonIndexes, PersonRecord, read_frequency
from chalicelib.domain.petition import Petition
from chalicelib.domain.signature import read_address
from chalicelib.mail.messages import NothingStored, SelfServiceLink
from chalicelib.people import blind_indexes, links, mail_queue
from chalicelib.protection import admission
from chalicelib.rendering import translations
from chalicelib.store import people, signatures, subscribers
from chalicelib.wiring import Services


class Action(StrEnum):
    """What a person can do on their own page."""

    WITHDRAW = "withdraw"
    STOP = "stop"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """What is stored about the holder of a link. `indexes` says what the link gives access to."""

    petition: Petition
    indexes: PersonIndexes
    record: PersonRecord


def request_link(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> int:
    """Mail the link to the own page, or that nothing is stored. Also after the petition closed.

    Three AWS calls, whether or not the address is known: count the network, look for its records,
    queue the mail. Returns the delay of the mail in minutes: 0, unless the form used the slow lane.
    Raises NotFound, InvalidForm, RiskyMailbox, ProofRequired, TooManyRequests, Unavailable.
    """
    petition = cached.petition(services, slug)
    errors: dict[str, Message] = {}
    address = read_address(fields.get("email", ""), errors)
    if address is None:
        raise InvalidForm(errors)
    mailbox_risk.refuse_unacknowledged(address, fields)
    admitted = admission.admit(services, petition, network=network, fields=fields)
    record = _find(services, blind_indexes.indexes_of(services, slug, address))
    title = petition.text(language).title
    block_link = links.block_link(services, slug, language, address)
    mail: SelfServiceLink | NothingStored
    if record.signed or record.subscribed:
        mail = SelfServiceLink(
            petition_title=title,
            block_link=block_link,
            link=links.self_service_link(services, slug, language, address),
            link_days=services.settings.link_days,
        )
    else:
        mail = NothingStored(petition_title=title, block_link=block_link)
    mail_queue.queue_mail(
        services,
        to=address,
        network=network,
        language=language,
        mail=mail,
        blocked=record.blocked,
        delay_seconds=admitted.delay_seconds,
    )
    return admitted.delay_seconds // 60


def show(services: Services, token: str) -> OwnPage:
    """What is stored now. Changes nothing. Raises BrokenToken, ExpiredToken."""
    indexes = _read(services, token)
    return OwnPage(
        petition=cached.petition(services, indexes.slug),
        indexes=indexes,
        record=_find(services, indexes),
    )


def act(services: Services, token: str, fields: Mapping[str, str]) -> Action:
    """Do what a form of the page asks for. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, UnreadableForm, InvalidForm, Unavailable, and EndedMeanwhile
    for a subscription that has ended.
    """
    indexes = _read(services, token)
    action = _read_action(fields)
    if action is Action.CHANGE:
        _change_news(services, indexes, fields)
    if action in (Action.WITHDRAW, Action.DELETE) and indexes.signature:
        signatures.mark_withdrawn(
            services.signatures,
            indexes.slug,
            indexes.signature,
            now=services.now(),
            link_lifetime=services.settings.link_lifetime,
        )
    if action in (Action.STOP, Action.DELETE) or (
        action is Action.WITHDRAW and fields.get("news") == Action.STOP
    ):
        subscribers.mark_unsubscribed(
            services.subscribers,
            indexes.slug,
            indexes.subscriber,
            now=services.now(),
            link_lifetime=services.settings.link_lifetime,
        )
    return action


def petition_of(services: Services, token: str) -> Petition:
    """The petition of a link of any age. Raises BrokenToken."""
    keys = services.secrets.token_keys
    claims = tokens.read(keys, Purpose.MANAGE, token, now=services.now())
    return cached.petition(services, claims.values["slug"])


def _change_news(services: Services, indexes: PersonIndexes, fields: Mapping[str, str]) -> None:
    language = fields.get("language", "")
    if language not in translations.languages():
        raise InvalidForm({"language": Message(text=N_("Please choose a language."))})
    if not subscribers.save_preferences(
        services.subscribers,
        indexes.slug,
        indexes.subscriber,
        language=language,
        frequency=read_frequency(fields.get("frequency", "")),
    ):
        raise EndedMeanwhile


def _read_action(fields: Mapping[str, str]) -> Action:
    try:
        return Action(fields.get("do", ""))
    except ValueError:
        # Only buttons of the page say what to do.
        raise UnreadableForm from None


def _find(services: Services, indexes: PersonIndexes) -> PersonRecord:
    return people.find(services.signatures, services.subscribers, indexes, now=services.now())


def _read(services: Services, token: str) -> PersonIndexes:
    claims = tokens.read(
        services.secrets.token_keys,
        Purpose.MANAGE,
        token,
        now=services.now(),
        lifetime=services.settings.link_lifetime,
    )
    values = claims.values
    return PersonIndexes(
        slug=values["slug"], signature=values["signature"], subscriber=values["subscriber"]
    )
