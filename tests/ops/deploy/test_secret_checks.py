"""A stored key of the wrong kind is named, before anything is deployed on it."""

import json
from base64 import b64encode

import pytest

from ops.deploy.account import Account
from ops.deploy.findings import Level
from ops.deploy.secret_checks import check_secrets, faults_of
from ops.keys.secrets import new_secrets, store_missing

SHORT = b64encode(b"short").decode()
KEY = b64encode(bytes(32)).decode()


def test_new_secrets_have_no_fault() -> None:
    assert faults_of(new_secrets()) == {}


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("index-key", "ключ", "not base64"),
        ("index-key", SHORT, "5 bytes long, not 32"),
        ("mailer-private-key", SHORT, "5 bytes long"),
        ("mailer-public-key", "?", "not base64"),
        ("mailer-public-key", KEY, "not the public half of mailer-private-key"),
        ("origin-secret", "short", "shorter than 32"),
        ("token-keys", "x", "not of the form"),
        ("token-keys", "[]", "not of the form"),
        ("token-keys", json.dumps({"current": 2, "keys": {"1": KEY}}), "without the key 2"),
        ("token-keys", json.dumps({"current": 1, "keys": {"1": SHORT}}), "wrong in key 1"),
        ("token-keys", json.dumps({"current": 256, "keys": {"256": KEY}}), "0 to 255"),
    ],
)
def test_each_wrong_kind_is_named(name: str, value: str, what: str) -> None:
    faults = faults_of({**new_secrets(), name: value})

    assert list(faults) == [name]
    assert what in faults[name]


def test_an_account_without_secrets_is_fine_at_first_and_worth_a_word_later(
    account: Account,
) -> None:
    [before] = check_secrets(account, "zk", stands=False)
    [later] = check_secrets(account, "zk", stands=True)

    assert (before.level, later.level) == (Level.OK, Level.NOTE)


def test_stored_secrets_are_looked_at(account: Account) -> None:
    store_missing(account.ssm, "/zk")
    [fine] = check_secrets(account, "zk", stands=True)
    account.ssm.put_parameter(Name="/zk/index-key", Value="x", Overwrite=True)
    [wrong] = check_secrets(account, "zk", stands=True)

    assert fine.level is Level.OK
    assert wrong.level is Level.FAULT
    assert "/zk/index-key" in wrong.words
