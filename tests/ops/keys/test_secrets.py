"""Secrets are made once and never replaced."""

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from chalicelib.store.secrets import Secrets
from ops.errors import CannotContinue
from ops.keys.secrets import SECRET_NAMES, new_secrets, store_missing

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


def test_what_is_stored_is_what_the_service_reads(ssm: "SSMClient") -> None:
    assert set(store_missing(ssm, PATH)) == set(SECRET_NAMES)

    secrets = Secrets(ssm=lambda: ssm, path=PATH)
    assert len(secrets.token_keys.keys[secrets.token_keys.current]) == 32
    assert len(secrets.index_key) == 32
    public = secrets.mailer_private_key.public_key().public_bytes_raw()
    assert secrets.mailer_public_key == public


def test_they_are_encrypted_at_rest(ssm: "SSMClient") -> None:
    store_missing(ssm, PATH)

    described = ssm.describe_parameters()["Parameters"]
    assert {parameter["Type"] for parameter in described} == {"SecureString"}


def test_a_second_time_changes_nothing(ssm: "SSMClient") -> None:
    store_missing(ssm, PATH)
    before = {name: stored(ssm, name) for name in SECRET_NAMES}

    assert store_missing(ssm, PATH) == []
    assert {name: stored(ssm, name) for name in SECRET_NAMES} == before


def test_a_missing_public_key_is_made_from_the_private_one(ssm: "SSMClient") -> None:
    store_missing(ssm, PATH)
    before = stored(ssm, "mailer-public-key")
    ssm.delete_parameter(Name=f"{PATH}/mailer-public-key")

    assert store_missing(ssm, PATH) == ["mailer-public-key"]
    assert stored(ssm, "mailer-public-key") == before


def test_a_lost_private_key_is_never_made_anew(ssm: "SSMClient") -> None:
    store_missing(ssm, PATH)
    ssm.delete_parameter(Name=f"{PATH}/mailer-private-key")

    with pytest.raises(CannotContinue, match="Restore"):
        store_missing(ssm, PATH)
    assert len(base64.b64decode(stored(ssm, "mailer-public-key"))) == 32
