"""Verifies that an organiser reads the address to which tests are to be mailed.

This keeps a mistyped address from getting unpublished news. It is no defence against who may queue
jobs: that person can have any mail sent.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Final

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.person import PersonIndexes
from chalicelib.mail import petition_mails
from chalicelib.mail.messages import ConfirmTestAddress
from chalicelib.people import blind_indexes, links, mail_queue
from chalicelib.store import people
from chalicelib.store.alerts import verified_addresses
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services

CODE_LIFETIME: Final = timedelta(minutes=15)
REMEMBERED: Final = timedelta(days=90)
"""After which an address is verified anew: people leave, and their mailboxes change hands."""
_OPERATOR: Final = "127.0.0.1"
"""Stands for the network of who asks: a command, not a form."""


def is_verified(services: Services, address: EmailAddress) -> bool:
    """Whether an address was verified in the last 90 days. Raises Unavailable."""
    hashes = [_hash(key.raw, address) for key in services.secrets.job_keys.keys]
    return verified_addresses.exists(services.petitions, hashes, now=services.now())


def mail_code(services: Services, slug: str, language: str, address: EmailAddress) -> str:
    """Mail a code to an address. Returns the token to which the code belongs.

    A blocked address gets none, and nobody is told. Raises NotFound, Unavailable.
    """
    petition = petitions.get(services.petitions, slug)
    keys, now = services.secrets.token_keys, services.now()
    pending = tokens.issue(keys, Purpose.TEST_ADDRESS, {"email": address.canonical}, now)
    indexes = PersonIndexes(
        slug=slug, suppressions=blind_indexes.suppression_indexes(services, address)
    )
    record = people.find(services.signatures, services.subscribers, indexes, now=now)
    mail_queue.queue_mail(
        services,
        to=address,
        network=_OPERATOR,
        slug=slug,
        language=language,
        mail=ConfirmTestAddress(
            **petition_mails.about(petition, language),
            block_link=links.block_link(services, slug, language, address),
            code=tokens.code_for(keys, pending),
            code_minutes=CODE_LIFETIME // timedelta(minutes=1),
        ),
        blocked=record.blocked,
    )
    return pending


def verify(services: Services, pending: str, typed: str, address: EmailAddress) -> bool:
    """Remember an address if the typed code is that of its token. False for another code.

    Raises BrokenToken, ExpiredToken, Unavailable.
    """
    keys, now = services.secrets.token_keys, services.now()
    claims = tokens.read(keys, Purpose.TEST_ADDRESS, pending, now=now, lifetime=CODE_LIFETIME)
    same = claims.values["email"] == address.canonical
    if not same or not tokens.is_code_for(keys, pending, typed):
        return False
    address_hash = _hash(services.job_key.raw, address)
    verified_addresses.save(services.petitions, address_hash, expires_at=now + REMEMBERED)
    return True


def _hash(job_key: bytes, address: EmailAddress) -> str:
    """The keyed hash of an address. Who can read only the table cannot tell whose it is."""
    text = f"zaklik/test-address/1/{address.canonical}"
    return hmac.digest(job_key, text.encode(), hashlib.sha256).hex()
