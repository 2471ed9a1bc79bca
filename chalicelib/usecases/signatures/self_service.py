"""Self-service: a person sees, changes and deletes what is stored about them on a petition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain.errors import N_, EndedMeanwhile, InvalidForm, Message, UnreadableForm
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.person import PersonIndexes, PersonRecord
from chalicelib.domain.petitions.amendment import Amendment
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.signature import read_address, read_correction
from chalicelib.domain.subscriber import read_frequency
from chalicelib.mail import petition_mails
from chalicelib.mail.messages import NothingStored, SelfServiceLink
from chalicelib.people import blind_indexes, links, mail_queue, sealed_records
from chalicelib.protection import admission, mailboxes, rate_limits
from chalicelib.rendering import translations
from chalicelib.store import people, preferences, subscribers
from chalicelib.store.signatures import signatures
from chalicelib.wiring import Services


class Action(StrEnum):
    """What a person can do on their own page."""

    WITHDRAW = "withdraw"
    STOP = "stop"
    CHANGE = "change"
    CORRECT = "correct"
    DELETE = "delete"


_OF_SIGNATURE: Final = {Action.WITHDRAW, Action.CORRECT, Action.DELETE}


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The holder of a link. Without an address it gives access to the news alone."""

    indexes: PersonIndexes
    address: EmailAddress | None


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """What is stored about the holder of a link. `for_signature`: the link also shows that."""

    petition: Petition
    record: PersonRecord
    for_signature: bool


def request_link(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> int:
    """Mail the link to the own page, or that nothing is stored. Also after the petition closed.

    Three AWS calls, whether or not the address is known: count the network, look for its records,
    queue the mail. Returns the delay of the mail in minutes: 0, unless the form used the slow lane.
    Raises NotFound, InvalidForm, MistypedDomain, RiskyMailbox, ProofRequired, TooManyRequests,
    Unavailable.
    """
    petition = cached.petition(services, slug)
    errors: dict[str, Message] = {}
    address = read_address(fields.get("email", ""), errors)
    if address is None:
        raise InvalidForm(errors)
    address = mailboxes.settle(services, address, fields)
    admitted = admission.admit(services, petition, network=network, fields=fields)
    record = _find(services, blind_indexes.indexes_of(services, slug, address))
    about = petition_mails.about(petition, language)
    block_link = links.block_link(services, slug, language, address)
    mail: SelfServiceLink | NothingStored
    if record.signed or record.subscribed:
        mail = SelfServiceLink(
            **about,
            block_link=block_link,
            link=links.self_service_link(services, slug, language, address),
            link_days=services.settings.link_days,
        )
    else:
        mail = NothingStored(**about, block_link=block_link)
    mail_queue.queue_mail(
        services,
        to=address,
        network=network,
        slug=slug,
        language=language,
        mail=mail,
        blocked=record.blocked,
        delay_seconds=admitted.delay_seconds,
    )
    return admitted.delay_seconds // 60


def show(services: Services, token: str) -> OwnPage:
    """What is stored now. Changes nothing. Raises BrokenToken, ExpiredToken, DataDestroyed."""
    holder = _read(services, token)
    return OwnPage(
        petition=cached.petition(services, holder.indexes.slug),
        record=_find(services, holder.indexes),
        for_signature=holder.address is not None,
    )


def amendments_since(own: OwnPage) -> Sequence[Amendment]:
    """The amendments made on the day of the signature or later; none without a signature."""
    signature = own.record.signature
    return own.petition.amendments_from(signature.since) if signature and own.record.signed else ()


def act(
    services: Services, token: str, fields: Mapping[str, str], *, language: str, network: str
) -> Action:
    """Do what a form of the page asks for. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, DataDestroyed, UnreadableForm, InvalidForm, TooManyRequests,
    Unavailable, and EndedMeanwhile for a signature or a subscription that has ended.
    """
    holder = _read(services, token)
    indexes = holder.indexes
    action = _read_action(fields)
    if action in _OF_SIGNATURE and holder.address is None:
        # The page of such a link has no such button.
        raise UnreadableForm
    if action is Action.CHANGE:
        _change_news(services, indexes, fields)
    if action is Action.CORRECT:
        _correct(services, holder, fields, language=language, network=network)
    if action in (Action.WITHDRAW, Action.DELETE):
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
    if not preferences.save(
        services.subscribers,
        services.petitions,
        indexes.slug,
        indexes.subscriber,
        language=language,
        frequency=read_frequency(fields.get("frequency", "")),
    ):
        raise EndedMeanwhile


def _correct(
    services: Services, holder: Holder, fields: Mapping[str, str], *, language: str, network: str
) -> None:
    """Seal name and country anew, in place of what was sealed. Counts as a post of the network.

    A signature that is withdrawn meanwhile stays withdrawn; one that is held stays held.
    """
    correction = read_correction(fields)
    rate_limits.count_post(services, network)
    indexes, address = holder.indexes, holder.address
    stored = _find(services, indexes).signature
    if address is None or stored is None or not stored.is_active:
        raise EndedMeanwhile
    corrected = sealed_records.seal_correction(
        services,
        cached.petition(services, indexes.slug),
        correction,
        address=address,
        language=language,
        confirmed_on=stored.since,
    )
    if not signatures.save_correction(services.signatures, corrected):
        raise EndedMeanwhile


def _read_action(fields: Mapping[str, str]) -> Action:
    try:
        return Action(fields.get("do", ""))
    except ValueError:
        # Only buttons of the page say what to do.
        raise UnreadableForm from None


def _find(services: Services, indexes: PersonIndexes) -> PersonRecord:
    return people.find(services.signatures, services.subscribers, indexes, now=services.now())


def _read(services: Services, token: str) -> Holder:
    values = tokens.read(
        services.secrets.token_keys,
        Purpose.MANAGE,
        token,
        now=services.now(),
        lifetime=services.settings.link_lifetime,
    ).values
    slug = values["slug"]
    if not values["email"]:
        blind_indexes.require_kept(services, slug)
        indexes = PersonIndexes(slug=slug, subscriber=values["subscriber"])
        return Holder(indexes=indexes, address=None)
    address = email_address.parse(values["email"])
    return Holder(indexes=blind_indexes.indexes_of(services, slug, address), address=address)
