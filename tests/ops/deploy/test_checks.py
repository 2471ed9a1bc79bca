"""Every result of every check, with its remedy."""

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from ops.deploy import checks
from ops.deploy.account import Account
from ops.deploy.checks import Level, check_secrets, fault, note, ok, print_results, secret_faults
from ops.deploy.settings import DeploySettings
from ops.keys.secrets import new_secrets, store_missing

RECORD = {"Name": "_x.c.example.org", "Type": "CNAME", "Value": "_y.acm.example"}
SHORT = b64encode(b"short").decode()
KEY = b64encode(bytes(32)).decode()


def test_results_are_printed_with_their_remedies(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_results([ok("fine"), note("look", "there"), fault("bad", "fix")]) == 1

    printed = capsys.readouterr()
    assert "fine" in printed.out
    assert "there" in printed.out
    assert "bad" in printed.err


def test_tables_of_a_former_stack_are_a_fault(account: Account) -> None:
    free = checks.check_stack(account, "zk", None)
    account.dynamodb.create_table(
        TableName="zk-petitions",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    taken = checks.check_stack(account, "zk", None)

    assert free.level is Level.OK
    assert taken.level is Level.FAULT
    assert "zk-petitions" in taken.text


@pytest.mark.parametrize(
    ("certificate", "level", "words"),
    [
        ({"Status": "ISSUED", "SubjectAlternativeNames": ["c.example.org"]}, Level.OK, "issued"),
        ({"Status": "ISSUED", "SubjectAlternativeNames": ["*.example.org"]}, Level.OK, "issued"),
        ({"Status": "ISSUED", "SubjectAlternativeNames": ["example.org"]}, Level.FAULT, "not for"),
        ({"Status": "EXPIRED"}, Level.FAULT, "expired"),
        (
            {"Status": "PENDING_VALIDATION"},
            Level.FAULT,
            "waits for proof",
        ),
    ],
)  # fmt: skip
def test_a_certificate_is_judged(certificate: Any, level: Level, words: str) -> None:
    result = checks.certificate_result(certificate, "c.example.org")

    assert result.level is level
    assert words in result.text
    assert (level is Level.OK) or result.remedy


def test_a_certificate_that_waits_says_what_to_set_in_dns() -> None:
    options: Any = [{"ResourceRecord": RECORD}]

    result = checks.certificate_result(
        {"Status": "PENDING_VALIDATION", "DomainValidationOptions": options}, "c.example.org"
    )

    assert "_x.c.example.org CNAME _y.acm.example" in result.remedy


def test_a_certificate_that_is_not_there(account: Account, settings: DeploySettings) -> None:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"

    [result] = checks.check_certificate(
        account, replace(settings, domain="c.example.org", certificate=arn)
    )

    assert result.level is Level.FAULT


def test_without_a_domain_no_certificate_is_asked_for(
    account: Account, settings: DeploySettings
) -> None:
    assert list(checks.check_certificate(account, settings)) == []


def test_new_secrets_have_no_fault() -> None:
    assert secret_faults(new_secrets()) == {}


def ring(key: str = KEY, *, key_id: object = 1, used_from: object = "2026-01-01T00:00Z") -> str:
    """The text of a keyring with one key."""
    return json.dumps({"keys": [{"id": key_id, "key": key, "used_from": used_from}]})


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("index-keys", "ключ", "not a keyring"),
        ("index-keys", "[]", "not a keyring"),
        ("index-keys", ring("?"), "not a keyring"),
        ("index-keys", ring(SHORT), "not a keyring"),
        ("data-request-keys", json.dumps({"keys": []}), "not a keyring"),
        ("token-keys", ring(key_id=256), "not a keyring"),
        ("token-keys", ring(key_id="one"), "not a keyring"),
        ("token-keys", ring(used_from="soon"), "not a keyring"),
        ("mailer-private-keys", ring(SHORT), "not a keyring"),
        ("mailer-public-keys", ring(), "not the public halves of mailer-private-keys"),
        ("attestation-public-keys", ring(), "not the public halves of attestation-keys"),
        ("origin-secret", "short", "shorter than 32"),
    ],
)
def test_each_wrong_kind_is_named(name: str, value: str, what: str) -> None:
    faults = secret_faults({**new_secrets(), name: value})

    assert list(faults) == [name]
    assert what in faults[name]


def test_an_account_without_secrets_is_fine_at_first_and_a_note_later(
    account: Account,
) -> None:
    [before] = check_secrets(account, "zk", was_created=False)
    [later] = check_secrets(account, "zk", was_created=True)

    assert (before.level, later.level) == (Level.OK, Level.NOTE)


def test_stored_secrets_are_checked(account: Account) -> None:
    store_missing(account.ssm, "/zk")
    [fine] = check_secrets(account, "zk", was_created=True)
    account.ssm.put_parameter(Name="/zk/index-keys", Value="x", Overwrite=True)
    [wrong] = check_secrets(account, "zk", was_created=True)

    assert fine.level is Level.OK
    assert wrong.level is Level.FAULT
    assert "/zk/index-keys" in wrong.text
