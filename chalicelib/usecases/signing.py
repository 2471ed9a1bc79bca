"""Signing, and confirming a signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib import filing, limiting, links, outgoing, recent, tokens
from chalicelib.domain import email_address
from chalicelib.domain.errors import (
    BrokenToken,
    EndedSince,
    ExpiredToken,
    PetitionNotOpen,
    WrongCode,
)
from chalicelib.domain.petition import Petition, PetitionState
from chalicelib.domain.signature import (
    SignatureRequest,
    read_sign_form,
)
from chalicelib.emails import AlreadySigned, ConfirmSignature
from chalicelib.store import signatures
from chalicelib.tokens import Claims, Purpose
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """A signature stands, new or not. `alerts`: a subscription stands, too."""

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
    if signatures.stands(services.signatures, slug, index):
        mail = AlreadySigned(
            petition_title=title,
            link=outgoing.withdrawal_link(services, slug, language, request.address),
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

    Raises BrokenToken, ExpiredToken, PetitionNotOpen, EndedSince, Unavailable.
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


def _keep(services: Services, claims: Claims) -> Confirmed:
    """Seal and store; what was asked while the petition was open still counts after it closed.

    Raises EndedSince if the signature was withdrawn after this was asked for.
    """
    request = _from_claims(claims)
    petition = recent.petition(services, request.slug)
    if petition.state(request.asked_at) is not PetitionState.OPEN:
        raise PetitionNotOpen
    signature = filing.seal_signature(services, petition, request, confirmed_at=services.now())
    if not signatures.add(services.signatures, signature, asked_at=request.asked_at):
        raise EndedSince
    # After the signature, and again on a second click: a crash between the two is mended so.
    alerts = request.alerts and filing.keep_subscription(
        services,
        slug=request.slug,
        language=request.language,
        address=request.address,
        asked_at=request.asked_at,
    )
    return Confirmed(petition=petition, alerts=alerts)


def _read_confirmation(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.CONFIRM_SIGNATURE,
        token,
        now=services.now(),
        lifetime=services.settings.links_live,
    )


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
