"""Takes sign forms, and mails the links and codes that confirm them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.domain.errors import (
    BrokenToken,
    ExpiredToken,
    PetitionNotOpen,
    SigningPaused,
)
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.petitions.switches import Switch
from chalicelib.domain.signature import read_sign_form
from chalicelib.people import links
from chalicelib.protection import admission, disposable_domains, mailboxes, rate_limits
from chalicelib.usecases.signatures import pending_signatures
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class PendingSignature:
    """A request whose mail is queued. `pending` is the token of the page that takes its code.

    `wait_minutes` is the delay of the mail: 0, unless the form used the slow lane.
    """

    pending: str
    wait_minutes: int = 0


def request_signature(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> PendingSignature:
    """Check a sign form, and mail a link and a code that confirm it.

    Neither name nor address is stored. The answer does not tell whether the address has signed or
    is suppressed: only the mail differs, or is not sent. Three AWS calls without pressure: count
    the network, look for a signature and a suppression, queue the mail.
    Raises NotFound, InvalidForm, MistypedDomain, RiskyMailbox, PetitionNotOpen, SigningPaused,
    ProofRequired, TooManyRequests, Unavailable.
    """
    petition = cached.petition(services, slug)
    now = services.now()
    _refuse_unless_open(petition, now)
    request = read_sign_form(fields, slug=slug, language=language, now=now)
    address = mailboxes.settle(services, request.address, fields)
    admitted = admission.admit(services, petition, network=network, fields=fields)
    signals = request.signals | admitted.signals
    if disposable_domains.is_disposable(address):
        signals |= {Signal.DISPOSABLE}
    request = replace(request, address=address, signals=signals)
    pending = pending_signatures.issue_token(services, request)
    pending_signatures.queue_confirmation(
        services,
        petition,
        request,
        pending,
        network=network,
        delay_seconds=admitted.delay_seconds,
    )
    return PendingSignature(pending=pending, wait_minutes=admitted.delay_seconds // 60)


def send_again(services: Services, *, slug: str, pending: str, network: str) -> PendingSignature:
    """Mail link and code of a pending request once more.

    This counts as a post of the network, and as a mail of the address. While the code
    works, the page keeps its token; afterwards it gets a new one. Neither can ask for a mail later
    than `link_lifetime` after the form.
    Raises BrokenToken, ExpiredToken, PetitionNotOpen, SigningPaused, TooManyRequests, Unavailable.
    """
    keys = services.secrets.token_keys
    now = services.now()
    claims = tokens.read(keys, Purpose.PENDING, pending, now=now)
    if claims.values["slug"] != slug:
        raise BrokenToken
    # Counted from the form, or new tokens would extend the request for ever without a proof.
    first_requested_at = pending_signatures.first_requested_at(claims)
    if now - first_requested_at > services.settings.link_lifetime:
        raise ExpiredToken
    if now - claims.issued_at > timedelta(minutes=services.settings.code_minutes):
        return _request_again(services, claims, network, first_requested_at=first_requested_at)
    return _request_again(services, claims, network, pending=pending)


def renew(services: Services, token: str, *, network: str) -> tuple[Petition, PendingSignature]:
    """Mail a new link in place of an expired one, to the same address.

    Raises BrokenToken, ExpiredToken, PetitionNotOpen, SigningPaused, TooManyRequests, Unavailable.
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
    """Queue another mail for an earlier request, as if it were made now.

    It brings no proof of work, so it uses the slow lane while proofs are required.
    """
    now = services.now()
    request = replace(pending_signatures.read_request(claims), requested_at=now)
    petition = cached.petition(services, request.slug)
    _refuse_unless_open(petition, now)
    proof_required = petition.requires_proof(now)
    count = rate_limits.count_slow_post if proof_required else rate_limits.count_post
    count(services, network)
    if not pending:
        pending = pending_signatures.issue_token(
            services, request, first_requested_at=first_requested_at
        )
    # A request that came by the slow lane stays in it.
    slow = proof_required or Signal.SLOW_LANE in request.signals
    wait_minutes = services.settings.slow_minutes if slow else 0
    pending_signatures.queue_confirmation(
        services, petition, request, pending, network=network, delay_seconds=wait_minutes * 60
    )
    return PendingSignature(pending=pending, wait_minutes=wait_minutes)


def _refuse_unless_open(petition: Petition, now: datetime) -> None:
    """Raise PetitionNotOpen or SigningPaused if no new mail may ask for a confirmation now."""
    if petition.state(now) is not PetitionState.OPEN:
        raise PetitionNotOpen
    if not petition.switches.is_on(Switch.SIGNING):
        raise SigningPaused


def is_renewable(services: Services, token: str) -> bool:
    """Whether an expired link can be exchanged for a new one. Raises BrokenToken."""
    try:
        links.read_renewable(services, Purpose.CONFIRM_SIGNATURE, token)
    except ExpiredToken:
        return False
    return True
