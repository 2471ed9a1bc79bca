"""Signing, confirming and withdrawing a signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib import filing, limiting, links, outgoing, recent, tokens
from chalicelib.domain import email_address
from chalicelib.domain.errors import (
    BrokenToken,
    ExpiredToken,
    InvalidForm,
    Message,
    PetitionNotOpen,
    WrongCode,
)
from chalicelib.domain.petition import Petition, PetitionState
from chalicelib.domain.signature import (
    SignatureRequest,
    SignatureState,
    read_address,
    read_sign_form,
)
from chalicelib.emails import AlreadySigned, ConfirmSignature, NothingToWithdraw, Withdraw
from chalicelib.store import signatures
from chalicelib.tokens import Claims, Purpose
from chalicelib.wiring import Services

_STANDING = (SignatureState.CONFIRMED, SignatureState.HELD)


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """A signature stands. Says nothing about whether it stood before."""

    petition: Petition
    alerts: bool


def ask_to_sign(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> str:
    """Take a filled-in sign form: mail a link and a code, and return the pending token.

    Nothing is stored about the person. The answer is the same whether or not the address has
    signed; only the mail differs. Three calls to AWS: count the network, look for a signature,
    queue the mail.
    Raises InvalidForm, PetitionNotOpen, TooManyRequests, Unavailable.
    """
    petition = recent.petition(services, slug)
    now = services.now()
    if petition.state(now) is not PetitionState.OPEN:
        raise PetitionNotOpen
    request = read_sign_form(fields, slug=slug, language=language, now=now)
    limiting.count_post(services, network)
    claims = _to_claims(request)
    pending = tokens.issue(services.secrets.token_keys, Purpose.PENDING, claims, now)
    index = filing.signature_index(services, slug, request.address)
    title = petition.text(language).title
    mail: ConfirmSignature | AlreadySigned
    if signatures.find_state(services.signatures, slug, index) in _STANDING:
        mail = AlreadySigned(
            petition_title=title,
            link=_withdrawal_link(services, slug, language, index),
            link_days=services.settings.link_days,
        )
    else:
        token = tokens.issue(services.secrets.token_keys, Purpose.CONFIRM_SIGNATURE, claims, now)
        mail = ConfirmSignature(
            petition_title=title,
            link=services.settings.public_url + links.confirm_signature(language, token),
            code=tokens.code_for(services.secrets.token_keys, pending),
            code_hours=services.settings.code_minutes // 60,
            link_days=services.settings.link_days,
        )
    outgoing.queue_mail(services, to=request.address.deliverable, language=language, mail=mail)
    return pending


def check_confirmation(services: Services, token: str) -> None:
    """Whether a confirmation link is good; changes nothing. Raises BrokenToken, ExpiredToken."""
    _read_confirmation(services, token)


def confirm(services: Services, token: str) -> Confirmed:
    """Keep the signature that a mailed link stands for. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, PetitionNotOpen, Unavailable.
    """
    return _keep(services, _read_confirmation(services, token))


def confirm_by_code(
    services: Services, *, slug: str, pending: str, code: str, network: str
) -> Confirmed:
    """Keep the signature that a mailed code stands for, typed into the page that waits for it.

    Every try counts as a post of the network: 40 bits of code cannot be guessed within the cap.
    Raises WrongCode, BrokenToken, PetitionNotOpen, TooManyRequests, Unavailable.
    """
    limiting.count_post(services, network)
    keys = services.secrets.token_keys
    lifetime = timedelta(minutes=services.settings.code_minutes)
    try:
        claims = tokens.read(keys, Purpose.PENDING, pending, now=services.now(), lifetime=lifetime)
    except ExpiredToken as error:
        raise WrongCode from error
    if claims.values["slug"] != slug:
        raise BrokenToken
    if not tokens.is_code_for(keys, pending, code):
        raise WrongCode
    return _keep(services, claims)


def ask_to_withdraw(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> None:
    """Mail a withdrawal link, or the news that there is nothing to withdraw. Also after closing.

    Raises InvalidForm, TooManyRequests, Unavailable.
    """
    petition = recent.petition(services, slug)
    errors: dict[str, Message] = {}
    address = read_address(fields.get("email", ""), errors)
    if address is None:
        raise InvalidForm(errors)
    limiting.count_post(services, network)
    index = filing.signature_index(services, slug, address)
    title = petition.text(language).title
    mail: Withdraw | NothingToWithdraw
    if signatures.find_state(services.signatures, slug, index) in _STANDING:
        mail = Withdraw(
            petition_title=title,
            link=_withdrawal_link(services, slug, language, index),
            link_days=services.settings.link_days,
        )
    else:
        mail = NothingToWithdraw(petition_title=title)
    outgoing.queue_mail(services, to=address.deliverable, language=language, mail=mail)


def check_withdrawal(services: Services, token: str) -> None:
    """Whether a withdrawal link is good; changes nothing. Raises BrokenToken, ExpiredToken."""
    _read_withdrawal(services, token)


def withdraw(services: Services, token: str) -> Petition:
    """Withdraw the signature that a mailed link stands for. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, Unavailable.
    """
    claims = _read_withdrawal(services, token)
    signatures.mark_withdrawn(
        services.signatures,
        claims.values["slug"],
        claims.values["index"],
        now=services.now(),
        links_live=_links_live(services),
    )
    return recent.petition(services, claims.values["slug"])


def _keep(services: Services, claims: Claims) -> Confirmed:
    """Seal and store; what was asked while the petition was open still counts after it closed."""
    request = _from_claims(claims)
    petition = recent.petition(services, request.slug)
    if petition.state(request.asked_at) is not PetitionState.OPEN:
        raise PetitionNotOpen
    signature = filing.seal_signature(services, petition, request, confirmed_at=services.now())
    signatures.add(services.signatures, signature, asked_at=request.asked_at)
    if request.alerts:
        # After the signature, and again on a second click: a crash between the two is mended so.
        filing.keep_subscription(
            services,
            slug=request.slug,
            language=request.language,
            address=request.address,
            asked_at=request.asked_at,
        )
    return Confirmed(petition=petition, alerts=request.alerts)


def _read_confirmation(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.CONFIRM_SIGNATURE,
        token,
        now=services.now(),
        lifetime=_links_live(services),
    )


def _read_withdrawal(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.WITHDRAW,
        token,
        now=services.now(),
        lifetime=_links_live(services),
    )


def _withdrawal_link(services: Services, slug: str, language: str, index: str) -> str:
    token = tokens.issue(
        services.secrets.token_keys,
        Purpose.WITHDRAW,
        {"slug": slug, "index": index},
        services.now(),
    )
    return services.settings.public_url + links.withdraw(language, token)


def _to_claims(request: SignatureRequest) -> dict[str, Any]:
    return {
        "slug": request.slug,
        "language": request.language,
        "name": request.name,
        "email": request.address.deliverable,
        "country": request.country,
        "alerts": request.alerts,
    }


def _from_claims(claims: Claims) -> SignatureRequest:
    values = claims.values
    return SignatureRequest(
        slug=values["slug"],
        language=values["language"],
        name=values["name"],
        address=email_address.parse(values["email"]),
        country=values["country"],
        alerts=values["alerts"],
        asked_at=claims.issued_at,
    )


def _links_live(services: Services) -> timedelta:
    return timedelta(days=services.settings.link_days)
