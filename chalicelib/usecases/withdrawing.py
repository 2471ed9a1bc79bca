"""Withdrawing: the signature and the news end together, so that nothing of a person is left."""

from collections.abc import Mapping

from chalicelib import filing, limiting, outgoing, recent, tokens
from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.petition import Petition
from chalicelib.domain.signature import read_address
from chalicelib.emails import NothingToWithdraw, Withdraw
from chalicelib.store import signatures, subscribers
from chalicelib.tokens import Claims, Purpose
from chalicelib.wiring import Services


def ask_to_withdraw(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> None:
    """Mail a withdrawal link, or the news that there is nothing to withdraw. Also after closing.

    Raises NotFound, InvalidForm, TooManyRequests, Unavailable.
    """
    petition = recent.petition(services, slug)
    errors: dict[str, Message] = {}
    address = read_address(fields.get("email", ""), errors)
    if address is None:
        raise InvalidForm(errors)
    limiting.count_post(services, network)
    title = petition.text(language).title
    mail: Withdraw | NothingToWithdraw
    if _is_there_anything(services, slug, address):
        mail = Withdraw(
            petition_title=title,
            link=outgoing.withdrawal_link(services, slug, language, address),
            link_days=services.settings.link_days,
        )
    else:
        mail = NothingToWithdraw(petition_title=title)
    outgoing.queue_mail(services, to=address.deliverable, language=language, mail=mail)


def check_withdrawal(services: Services, token: str) -> None:
    """Whether a withdrawal link is good; changes nothing. Raises BrokenToken, ExpiredToken."""
    _read(services, token)


def withdraw(services: Services, token: str) -> Petition:
    """Withdraw the signature that a mailed link stands for, and end the news to its address.

    A second time changes nothing, and mends what a crash between the two has left.
    Raises BrokenToken, ExpiredToken, Unavailable.
    """
    claims = _read(services, token)
    slug = claims.values["slug"]
    now, links_live = services.now(), services.settings.links_live
    signatures.mark_withdrawn(
        services.signatures, slug, claims.values["signature"], now=now, links_live=links_live
    )
    subscribers.mark_unsubscribed(
        services.subscribers, slug, claims.values["subscriber"], now=now, links_live=links_live
    )
    return recent.petition(services, slug)


def _is_there_anything(services: Services, slug: str, address: EmailAddress) -> bool:
    signature = filing.signature_index(services, slug, address)
    subscriber = filing.subscriber_index(services, slug, address)
    return signatures.stands(services.signatures, slug, signature) or subscribers.is_active(
        services.subscribers, slug, subscriber
    )


def _read(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.WITHDRAW,
        token,
        now=services.now(),
        lifetime=services.settings.links_live,
    )
