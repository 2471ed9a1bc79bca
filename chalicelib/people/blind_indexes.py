"""Blind indexes: keyed one-way hashes of addresses, under which records of people are stored."""

import hashlib
import hmac

from chalicelib.crypto import sealing
from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.person import PersonIndexes
from chalicelib.wiring import Services


def signature_index(services: Services, slug: str, address: EmailAddress) -> str:
    """The blind index of an address among the signatures of a petition."""
    return _index(services, sealing.SIGNATURE, slug, address)


def subscriber_index(services: Services, slug: str, address: EmailAddress) -> str:
    """The blind index of an address among the subscribers of a petition."""
    return subscriber_index_of(services, slug, person_index(services, address))


def person_index(services: Services, address: EmailAddress) -> str:
    """The blind index of an address that belongs to no petition.

    No table holds it. It is sealed in the link that ends all mails, so that the link reaches every
    subscription of a person without the address.
    """
    return _index(services, sealing.PERSON, "", address)


def subscriber_index_of(services: Services, slug: str, person: str) -> str:
    """The blind index of a person among the subscribers of a petition."""
    return blind_index(services.secrets.index_key, sealing.SUBSCRIBER, slug, person)


def suppression_index(services: Services, person: str) -> str:
    """The blind index of a person among the suppressions of all petitions."""
    return blind_index(services.secrets.index_key, sealing.SUPPRESSION, "", person)


def indexes_of(services: Services, slug: str, address: EmailAddress) -> PersonIndexes:
    """All blind indexes of an address on a petition."""
    person = person_index(services, address)
    return PersonIndexes(
        slug=slug,
        signature=signature_index(services, slug, address),
        subscriber=subscriber_index_of(services, slug, person),
        suppression=suppression_index(services, person),
    )


def _index(services: Services, kind: str, slug: str, address: EmailAddress) -> str:
    return blind_index(services.secrets.index_key, kind, slug, address.canonical)


def blind_index(key: bytes, kind: str, slug: str, text: str) -> str:
    """The blind index of a canonical address or a person index: 32 hexadecimal digits.

    HMAC-SHA-256 under a key derived for this kind of index and this petition, cut to 128 bits. An
    index of all petitions has the slug "".
    The kinds have different indexes, so that nobody can join the tables by them.
    """
    own_key = hmac.digest(key, f"zaklik/index/{kind}/{slug}".encode(), hashlib.sha256)
    return hmac.digest(own_key, text.encode(), hashlib.sha256)[:16].hex()
