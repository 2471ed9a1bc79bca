"""Pending signatures: requests that are stored nowhere but in the tokens of a page and a mail."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.domain import fraud_signals
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.signature import SignatureRequest
from chalicelib.mail import petition_mails
from chalicelib.mail.messages import AlreadySigned, ConfirmSignature, MailMessage
from chalicelib.people import blind_indexes, links, mail_queue
from chalicelib.rendering import urls
from chalicelib.store import people
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.wiring import Services

_FIRST_REQUESTED_AT: Final = "first_requested_at"


def issue_token(
    services: Services, request: SignatureRequest, *, first_requested_at: datetime | None = None
) -> str:
    """The token of the page that waits for the mail. The mail's code belongs to it.

    `first_requested_at` is the moment of the form, for a mail that is requested again.
    """
    first = to_milliseconds(first_requested_at or request.requested_at)
    claims = {**_to_claims(request), _FIRST_REQUESTED_AT: first}
    return tokens.issue(services.secrets.token_keys, Purpose.PENDING, claims, request.requested_at)


def first_requested_at(claims: Claims) -> datetime:
    """The moment of the form to which a pending token goes back."""
    return to_moment(claims.values[_FIRST_REQUESTED_AT])


def queue_confirmation(
    services: Services,
    petition: Petition,
    request: SignatureRequest,
    pending: str,
    *,
    network: str,
    delay_seconds: int = 0,
) -> None:
    """Mail the link and the code that confirm a request, or that the address has signed before.

    Two calls in both cases: look for signature and suppression, queue. Raises Unavailable.
    """
    slug, language, address = request.slug, request.language, request.address
    indexes = replace(blind_indexes.indexes_of(services, slug, address), subscriber="")
    record = people.find(services.signatures, services.subscribers, indexes, now=services.now())
    if record.signed:
        mail: MailMessage = _already_signed(services, petition, request)
    else:
        mail = _confirm_signature(services, petition, request, pending)
    mail_queue.queue_mail(
        services,
        to=address,
        network=network,
        slug=slug,
        language=language,
        mail=mail,
        blocked=record.blocked,
        delay_seconds=delay_seconds,
    )


def _already_signed(
    services: Services, petition: Petition, request: SignatureRequest
) -> AlreadySigned:
    slug, language, address = request.slug, request.language, request.address
    alerts_link = links.alerts_link(services, slug, language, address)
    return AlreadySigned(
        **petition_mails.about(petition, language),
        block_link=links.block_link(services, slug, language, address),
        link=links.self_service_link(services, slug, language, address),
        alerts_link=alerts_link if request.alerts else "",
        link_days=services.settings.link_days,
    )


def _confirm_signature(
    services: Services, petition: Petition, request: SignatureRequest, pending: str
) -> ConfirmSignature:
    language, keys = request.language, services.secrets.token_keys
    token = tokens.issue(keys, Purpose.CONFIRM_SIGNATURE, _to_claims(request), request.requested_at)
    return ConfirmSignature(
        **petition_mails.about(petition, language),
        block_link=links.block_link(services, request.slug, language, request.address),
        link=services.settings.public_url + urls.confirm_signature(language, token),
        code=tokens.code_for(keys, pending),
        code_hours=services.settings.code_minutes // 60,
        link_days=services.settings.link_days,
    )


def read_request(claims: Claims) -> SignatureRequest:
    """The request inside a confirmation token or a pending token."""
    values = claims.values
    return SignatureRequest(
        slug=values["slug"],
        language=values["language"],
        name=values["name"],
        address=email_address.parse(values["email"]),
        country=values["country"],
        alerts=values["alerts"],
        requested_at=claims.issued_at,
        signals=fraud_signals.from_marks(values["signals"]),
    )


def _to_claims(request: SignatureRequest) -> dict[str, Any]:
    return {
        "slug": request.slug,
        "language": request.language,
        "name": request.name,
        "email": request.address.deliverable,
        "country": request.country,
        "alerts": request.alerts,
        "signals": fraud_signals.to_marks(request.signals),
    }
