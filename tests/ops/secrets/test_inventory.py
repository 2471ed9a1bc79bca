"""Secrets are made once and never replaced."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from chalicelib.store.secrets import Secrets, read_keyring, write_keyring
from ops.errors import CannotContinue
from ops.secrets.inventory import (
    MAILER,
    ORIGIN_SECRET,
    PAIRS,
    RINGS,
    SECRET_NAMES,
    KeyPairs,
    new_key,
    new_secrets,
    store_missing,
)
from ops.secrets.keyring_store import MAX_CHARACTERS
from tests.builders import NOW

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATH = "/zaklik/test"


@pytest.fixture
def ssm() -> "Iterator[SSMClient]":
    """An empty Parameter Store."""
    with mock_aws():
        yield boto3.client("ssm")


def stored(ssm: "SSMClient", name: str) -> str:
    """The stored value of a secret."""
    return ssm.get_parameter(Name=f"{PATH}/{name}", WithDecryption=True)["Parameter"]["Value"]


def test_no_two_services_have_a_secret_in_common() -> None:
    first, second = new_secrets(), new_secrets()

    assert set(first) == set(SECRET_NAMES)
    assert all(first[name] != second[name] for name in SECRET_NAMES)


def test_no_two_rings_have_a_key_in_common() -> None:
    texts = {name: text for name, text in new_secrets().items() if name != ORIGIN_SECRET}
    keys = [key.raw for text in texts.values() for key in read_keyring(text).keys]

    assert len(set(keys)) == len(keys) == len(RINGS) + len(PAIRS)


def test_what_is_stored_is_what_the_service_reads(ssm: "SSMClient") -> None:
    assert set(store_missing(ssm, PATH)) == set(SECRET_NAMES)

    secrets = Secrets(ssm=lambda: ssm, path=PATH, now=lambda: NOW)
    for name in SECRET_NAMES:
        if name != ORIGIN_SECRET:
            ring = getattr(secrets, name.replace("-", "_"))
            assert ring.current(NOW).id == 1, "the first key is used at once"
    assert MAILER.fit(secrets.mailer_private_keys, secrets.mailer_public_keys)


def test_they_are_encrypted_at_rest(ssm: "SSMClient") -> None:
    store_missing(ssm, PATH)

    pages = ssm.get_paginator("describe_parameters").paginate()
    described = [parameter for page in pages for parameter in page["Parameters"]]
    assert len(described) == len(SECRET_NAMES)
    assert {parameter["Type"] for parameter in described} == {"SecureString"}


def test_a_second_time_changes_nothing(ssm: "SSMClient") -> None:
    store_missing(ssm, PATH)
    before = {name: stored(ssm, name) for name in SECRET_NAMES}

    assert store_missing(ssm, PATH) == []
    assert {name: stored(ssm, name) for name in SECRET_NAMES} == before


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.public)
def test_missing_public_halves_are_made_from_the_private_ones(
    ssm: "SSMClient", pair: KeyPairs
) -> None:
    store_missing(ssm, PATH)
    before = stored(ssm, pair.public)
    ssm.delete_parameter(Name=f"{PATH}/{pair.public}")

    assert store_missing(ssm, PATH) == [pair.public]
    assert stored(ssm, pair.public) == before


def test_missing_halves_of_many_keys_fit_into_a_parameter(ssm: "SSMClient") -> None:
    store_missing(ssm, PATH)
    private = read_keyring(stored(ssm, MAILER.private))
    many = type(private)(keys=(*private.keys, *(new_key(number, NOW) for number in range(2, 9))))
    ssm.put_parameter(Name=f"{PATH}/{MAILER.private}", Value=write_keyring(many), Overwrite=True)
    ssm.delete_parameter(Name=f"{PATH}/{MAILER.public}")

    store_missing(ssm, PATH)

    public = read_keyring(stored(ssm, MAILER.public))
    assert [key.id for key in public.keys] == [7, 8]
    assert MAILER.fit(many, public)
    assert len(stored(ssm, MAILER.public)) <= MAX_CHARACTERS


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.private)
def test_a_lost_private_key_is_never_made_anew(ssm: "SSMClient", pair: KeyPairs) -> None:
    store_missing(ssm, PATH)
    before = stored(ssm, pair.public)
    ssm.delete_parameter(Name=f"{PATH}/{pair.private}")

    with pytest.raises(CannotContinue, match="Restore"):
        store_missing(ssm, PATH)
    assert stored(ssm, pair.public) == before
