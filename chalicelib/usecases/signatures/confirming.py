"""Confirms signatures: by the mailed link, whose page shows what was typed, or by the code."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.domain.errors import (
    BrokenToken,
    EndedMeanwhile,
    ExpiredToken,
    InvalidForm,
    PetitionNotOpen,
    Unavailable,
    UnreadableForm,
    WrongCode,
)
from chalicelib.domain.mailboxes import provider_kinds
from chalicelib.domain.petitions import funnel
from chalicelib.domain.petitions.funnel import Stage
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.signature import SignatureRequest, read_confirmed
from chalicelib.domain.subscriber import Confirmed, Frequency, read_frequency
from chalicelib.people import blind_indexes, sealed_records, subscriptions
from chalicelib.people.subscriptions import ConfirmedRequest
from chalicelib.protection import domain_signals, rate_limits
from chalicelib.store import people
from chalicelib.store.limits import index_salts
from chalicelib.store.petitions import funnels
from chalicelib.store.signatures import signatures
from chalicelib.usecases.signatures import pending_signatures
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


class News(StrEnum):
    """What becomes of the news by mail when a signature is confirmed.

    It starts as asked for; it comes as before, whether or not somebody asked; nobody asked, and it
    does not come; it was ended after it was asked for; the address is suppressed.
    """

    STARTED = "started"
    AS_BEFORE = "as_before"
    NONE = "none"
    ENDED = "ended"
    BLOCKED = "blocked"


_BECOMES: Final[Mapping[Confirmed, News]] = {
    Confirmed.STARTED: News.STARTED,
    Confirmed.STANDS: News.AS_BEFORE,
    Confirmed.ENDED: News.ENDED,
}
"""What becomes of news that was asked for."""


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A signature that is stored. `added`: by this confirmation; else an earlier one stands.

    `frequency` is how often news comes that starts with it.
    """

    petition: Petition
    added: bool
    news: News
    frequency: Frequency


def petition_of(services: Services, token: str) -> tuple[Petition, PetitionState]:
    """The petition of a confirmation link of any age, and its state. Raises BrokenToken."""
    keys = services.secrets.token_keys
    claims = tokens.read(keys, Purpose.CONFIRM_SIGNATURE, token, now=services.now())
    petition = cached.petition(services, claims.values["slug"])
    return petition, petition.state(services.now())


def show_request(services: Services, token: str) -> tuple[Petition, SignatureRequest]:
    """What a confirmation link asks for. Changes nothing.

    A call of AWS only once the petition has closed. Raises BrokenToken, ExpiredToken,
    DataDestroyed, Unavailable.
    """
    request = pending_signatures.read_request(_read_confirmation(services, token))
    petition = cached.petition(services, request.slug)
    if petition.state(services.now()) is PetitionState.CLOSED:
        # Raises where the petition's data was destroyed: the page must not offer a button then.
        index_salts.find(services.limits, request.slug)
    return petition, request


def confirm(
    services: Services, token: str, fields: Mapping[str, str], *, network: str
) -> Confirmation:
    """Store the signature that a mailed link confirms. A second time, the first one stands.

    `fields` are those of the page that asks, which decide about news; none, as asked for.
    Raises BrokenToken, ExpiredToken, UnreadableForm, PetitionNotOpen, EndedMeanwhile, Unavailable.
    """
    request = pending_signatures.read_request(_read_confirmation(services, token))
    frequency = _read_frequency(fields)
    return _store(services, read_confirmed(request, fields), frequency, network=network)


def _read_frequency(fields: Mapping[str, str]) -> Frequency:
    try:
        return read_frequency(fields.get("frequency", Frequency.EACH))
    except InvalidForm:
        # Only buttons of the page say how often.
        raise UnreadableForm from None


def confirm_by_code(
    services: Services, *, slug: str, pending: str, code: str, network: str
) -> Confirmation:
    """Store the signature that a mailed code confirms, typed into the page of its request.

    Every attempt with a valid token counts as a post of the network: 40 bits of code cannot be
    guessed within the quota.
    Raises WrongCode, BrokenToken, PetitionNotOpen, EndedMeanwhile, TooManyRequests, Unavailable.
    """
    keys = services.secrets.token_keys
    # A mail that is sent again carries the same code, which works as long from then on.
    lifetime = 2 * timedelta(minutes=services.settings.code_minutes)
    try:
        claims = tokens.read(keys, Purpose.PENDING, pending, now=services.now(), lifetime=lifetime)
    except ExpiredToken as error:
        raise WrongCode from error
    if claims.values["slug"] != slug:
        raise BrokenToken
    rate_limits.count_post(services, network)
    if not tokens.is_code_for(keys, pending, code):
        raise WrongCode
    request = pending_signatures.read_request(claims)
    return _store(services, request, Frequency.EACH, network=network)


def _store(
    services: Services, request: SignatureRequest, frequency: Frequency, *, network: str
) -> Confirmation:
    """Seal and store a signature. It counts if the petition was open when it was requested.

    What is stored then is read, so that the answer claims nothing else. Raises EndedMeanwhile if
    the signature was withdrawn after the request.
    """
    petition = cached.petition(services, request.slug)
    if petition.state(request.requested_at) is not PetitionState.OPEN:
        raise PetitionNotOpen
    signals = request.signals | domain_signals.count_mailbox(services, request.address)
    request = replace(request, signals=signals)
    signature = sealed_records.seal_signature(
        services, petition, request, confirmed_at=services.now()
    )
    added = signatures.add(services.signatures, signature, requested_at=request.requested_at)
    indexes = blind_indexes.indexes_of(services, request.slug, request.address)
    record = people.find(services.signatures, services.subscribers, indexes, now=services.now())
    if not record.signed:
        raise EndedMeanwhile
    if added:
        _count(services, request, news=request.alerts and not record.blocked)
    if record.blocked:
        news = News.BLOCKED
    elif request.alerts:
        news = _start_news(services, petition, request, frequency, network=network)
    else:
        news = News.AS_BEFORE if record.subscribed else News.NONE
    return Confirmation(petition=petition, added=added, news=news, frequency=frequency)


def _count(services: Services, request: SignatureRequest, *, news: bool) -> None:
    """Count a confirmation by kind of mail provider, by language, and whether with news.

    A figure for organisers is no reason to let a signer wait: a process makes one write in three
    seconds, with one attempt, and after one that failed none for a minute. What failed is lost.
    """
    kind, now = provider_kinds.kind_of(request.address), services.now()
    names = [funnel.name_of(Stage.CONFIRMED, kind), funnel.LANGUAGE + request.language]
    if news:
        names.append(funnel.NEWS)
    unflushed = services.unflushed_figures
    unflushed.add(request.slug, names, now)
    taken = unflushed.take(now)
    if taken is None:
        return
    (slug, day), figures = taken
    try:
        funnels.add(services.petitions_single_attempt, slug, day, figures, now=now)
    except Unavailable:
        unflushed.pause(now)
        log.warning("%d figures of %s are lost", len(figures), slug)


def _start_news(
    services: Services,
    petition: Petition,
    request: SignatureRequest,
    frequency: Frequency,
    *,
    network: str,
) -> News:
    """Start the news. A second click does so, too: that repairs a crash between the two writes."""
    confirmed = subscriptions.confirm(
        services,
        ConfirmedRequest(
            petition=petition,
            language=request.language,
            address=request.address,
            frequency=frequency,
            requested_at=request.requested_at,
        ),
        network=network,
    )
    return _BECOMES[confirmed]


def _read_confirmation(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.CONFIRM_SIGNATURE,
        token,
        now=services.now(),
        lifetime=services.settings.link_lifetime,
    )
