"""Signing, and confirming a signature."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.domain import mailbox_risk
from chalicelib.domain.errors import (
    BrokenToken,
    EndedMeanwhile,
    ExpiredToken,
    PetitionNotOpen,
    WrongCode,
)
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.petition import Petition, PetitionState
from chalicelib.domain.signature import (
    read_sign_form,
)
from chalicelib.people import links, sealed_records
from chalicelib.protection import admission, disposable_domains, rate_limits
from chalicelib.store import signatures
from chalicelib.usecases.signatures import pending_signatures
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class PendingSignature:
    """A mail is under way; `pending` is the token of the page that waits for its code.

    `wait_minutes` is for how long it is held back: 0, unless it goes by the slow lane.
    """

    pending: str
    wait_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A signature stands, new or not. `alerts`: a subscription stands, too."""

    petition: Petition
    alerts: bool


def request_signature(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> PendingSignature:
    """Take a filled-in sign form: mail a link and a code.

    Nothing is stored about the person. The answer is the same whether or not the address has
    signed, or wants no mails; only the mail differs, or is dropped later. Three calls to AWS: count
    the network, look for a signature and a block, queue the mail.
    Raises InvalidForm, ReadableMailbox, PetitionNotOpen, ProofWanted, TooManyRequests, Unavailable.
    """
    petition = cached.petition(services, slug)
    now = services.now()
    if petition.state(now) is not PetitionState.OPEN:
        raise PetitionNotOpen
    request = read_sign_form(fields, slug=slug, language=language, now=now)
    mailbox_risk.refuse_unacknowledged(request.address, fields)
    admitted = admission.admit(services, petition, network=network, fields=fields)
    signals = request.signals | admitted.signals
    if disposable_domains.is_disposable(request.address):
        signals |= {Signal.DISPOSABLE}
    request = replace(request, signals=signals)
    pending = pending_signatures.issue_token(services, request)
    pending_signatures.queue_confirmation(
        services, petition, request, pending, delay_seconds=admitted.delay_seconds
    )
    return PendingSignature(pending=pending, wait_minutes=admitted.delay_seconds // 60)


def send_again(services: Services, *, slug: str, pending: str, network: str) -> PendingSignature:
    """Mail once more what the page that waits with `pending` is waiting for.

    Counts as a post of the network, and towards the mails of the address. The page waits with the
    same token while its code works, and with another one from then on; both are good for as long
    as a link that was mailed for the form.
    Raises BrokenToken, ExpiredToken, PetitionNotOpen, TooManyRequests, Unavailable.
    """
    keys = services.secrets.token_keys
    now = services.now()
    claims = tokens.read(keys, Purpose.PENDING, pending, now=now)
    if claims.values["slug"] != slug:
        raise BrokenToken
    # Counted from the form: else a page could be kept waiting for ever, round the gate.
    first_requested_at = pending_signatures.first_requested_at(claims)
    if now - first_requested_at > services.settings.link_lifetime:
        raise ExpiredToken
    if now - claims.issued_at > timedelta(minutes=services.settings.code_minutes):
        return _request_again(services, claims, network, first_requested_at=first_requested_at)
    return _request_again(services, claims, network, pending=pending)


def renew(services: Services, token: str, *, network: str) -> tuple[Petition, PendingSignature]:
    """Mail a new link in place of an old one, to the address of that; petition and waiting page.

    Raises BrokenToken, ExpiredToken, PetitionNotOpen, TooManyRequests, Unavailable.
    """
    claims = links.read_renewable(services, Purpose.CONFIRM_SIGNATURE, token)
    asked = _request_again(services, claims, network)
    return cached.petition(services, claims.values["slug"]), asked


def _request_again(
    services: Services,
    claims: Claims,
    network: str,
    *,
    pending: str = "",
    first_requested_at: datetime | None = None,
) -> PendingSignature:
    """Queue another mail for what was asked before, as if it were asked now.

    There is no proof of work in it: while everybody is asked for one, it goes by the slow lane.
    """
    now = services.now()
    request = replace(pending_signatures.read_request(claims), requested_at=now)
    petition = cached.petition(services, request.slug)
    if petition.state(now) is not PetitionState.OPEN:
        raise PetitionNotOpen
    pressed = petition.requires_proof(now)
    count = rate_limits.count_slow_post if pressed else rate_limits.count_post
    count(services, network)
    if not pending:
        pending = pending_signatures.issue_token(
            services, request, first_requested_at=first_requested_at
        )
    # Who had to wait for the first mail waits for each.
    slow = pressed or Signal.SLOW_LANE in request.signals
    wait_minutes = services.settings.slow_minutes if slow else 0
    pending_signatures.queue_confirmation(
        services, petition, request, pending, delay_seconds=wait_minutes * 60
    )
    return PendingSignature(pending=pending, wait_minutes=wait_minutes)


def petition_of(services: Services, token: str) -> tuple[Petition, PetitionState]:
    """The petition of a confirmation link, however old, and its state. Raises BrokenToken."""
    keys = services.secrets.token_keys
    claims = tokens.read(keys, Purpose.CONFIRM_SIGNATURE, token, now=services.now())
    petition = cached.petition(services, claims.values["slug"])
    return petition, petition.state(services.now())


def is_renewable(services: Services, token: str) -> bool:
    """Whether an expired link is young enough to be exchanged for a new one. Raises BrokenToken."""
    try:
        links.read_renewable(services, Purpose.CONFIRM_SIGNATURE, token)
    except ExpiredToken:
        return False
    return True


def check_confirmation(services: Services, token: str) -> None:
    """Whether a confirmation link is good; changes nothing. Raises BrokenToken, ExpiredToken."""
    _read_confirmation(services, token)


def confirm(services: Services, token: str) -> Confirmation:
    """Keep the signature that a mailed link stands for. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, PetitionNotOpen, EndedSince, Unavailable.
    """
    return _store(services, _read_confirmation(services, token))


def confirm_by_code(
    services: Services, *, slug: str, pending: str, code: str, network: str
) -> Confirmation:
    """Keep the signature that a mailed code stands for, typed into the page that waits for it.

    Every try counts as a post of the network: 40 bits of code cannot be guessed within the cap.
    What is no token of such a page is no try.
    Raises WrongCode, BrokenToken, PetitionNotOpen, TooManyRequests, Unavailable.
    """
    keys = services.secrets.token_keys
    lifetime = timedelta(minutes=services.settings.code_minutes)
    try:
        claims = tokens.read(keys, Purpose.PENDING, pending, now=services.now(), lifetime=lifetime)
    except ExpiredToken as error:
        raise WrongCode from error
    if claims.values["slug"] != slug:
        raise BrokenToken
    rate_limits.count_post(services, network)
    if not tokens.is_code_for(keys, pending, code):
        raise WrongCode
    return _store(services, claims)


def _store(services: Services, claims: Claims) -> Confirmation:
    """Seal and store; what was asked while the petition was open still counts after it closed.

    Raises EndedSince if the signature was withdrawn after this was asked for.
    """
    request = pending_signatures.read_request(claims)
    petition = cached.petition(services, request.slug)
    if petition.state(request.requested_at) is not PetitionState.OPEN:
        raise PetitionNotOpen
    signature = sealed_records.seal_signature(
        services, petition, request, confirmed_at=services.now()
    )
    if not signatures.add(services.signatures, signature, requested_at=request.requested_at):
        raise EndedMeanwhile
    # After the signature, and again on a second click: a crash between the two is mended so.
    alerts = request.alerts and sealed_records.add_subscription(
        services,
        slug=request.slug,
        language=request.language,
        address=request.address,
        requested_at=request.requested_at,
    )
    return Confirmation(petition=petition, alerts=alerts)


def _read_confirmation(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.CONFIRM_SIGNATURE,
        token,
        now=services.now(),
        lifetime=services.settings.link_lifetime,
    )
