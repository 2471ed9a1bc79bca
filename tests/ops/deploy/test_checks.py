"""Every result of every check, with its remedy."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.store.secrets import INDEX_KEYS, TOKEN_KEYS, write_keyring
from ops.deploy import checks
from ops.deploy.account import Account
from ops.deploy.checks import Level, check_secrets, fault, note, ok, print_results, secret_faults
from ops.deploy.settings import DeploySettings
from ops.secrets.inventory import (
    MAILER,
    ORIGIN_SECRET,
    PAIRS,
    KeyPairs,
    new_key,
    new_secrets,
    store_missing,
)

RECORD = {"Name": "_x.c.example.org", "Type": "CNAME", "Value": "_y.acm.example"}
SHORT = b64encode(b"short").decode()


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


def ring(*keys: RingKey) -> str:
    """The text of a keyring."""
    return write_keyring(Keyring(keys=keys))


def halves(pair: KeyPairs, *keys: RingKey) -> str:
    """The text of the ring of their public halves."""
    return ring(*map(pair.public_key, keys))


FIRST, SECOND, THIRD, FOREIGN = (
    new_key(number, datetime(2026, 1, number, tzinfo=UTC)) for number in (1, 2, 3, 1)
)
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.private)


def test_new_secrets_have_no_fault() -> None:
    assert secret_faults(new_secrets()) == {}


@pytest.mark.parametrize("name", [TOKEN_KEYS, MAILER.private, MAILER.public])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "ключ",
        "[]",
        "null",
        '{"keys": []}',
        '{"current": 1, "keys": {"1": "AAAA"}}',
        ring(FIRST).replace(b64encode(FIRST.raw).decode(), SHORT),
        ring(FIRST).replace('"id":1', '"id":256'),
        ring(FIRST).replace("+00:00", ""),
    ],
)
def test_a_text_that_is_no_keyring_is_named_and_not_quoted(name: str, text: str) -> None:
    faults = secret_faults({**new_secrets(), name: text})

    assert faults == {name: 'not a keyring: {"keys": [{"id": 1, "key": …, "used_from": …}]}'}


def test_a_short_origin_secret_is_named() -> None:
    faults = secret_faults({**new_secrets(), ORIGIN_SECRET: "short"})

    assert faults == {ORIGIN_SECRET: "shorter than 32 characters"}


@every_pair
def test_halves_of_other_keys_are_named(pair: KeyPairs) -> None:
    faults = secret_faults({**new_secrets(), pair.public: halves(pair, FOREIGN)})

    assert faults == {pair.public: f"not the public halves of {pair.private}"}


@every_pair
def test_a_text_of_another_secret_is_named(pair: KeyPairs) -> None:
    """As after two values that were pasted into each other's place."""
    secrets = new_secrets()
    swapped = {pair.private: secrets[TOKEN_KEYS], TOKEN_KEYS: secrets[pair.private]}

    assert list(secret_faults({**secrets, **swapped})) == [pair.public]


@pytest.mark.parametrize(
    ("private", "public", "fits"),
    [
        ([FIRST], [FIRST], True),
        ([FIRST, SECOND], [FIRST, SECOND], True),
        # A rotation that has stopped half-way, or is old: nothing is sealed to the other key.
        ([FIRST, SECOND], [FIRST], True),
        ([FIRST, SECOND, THIRD], [SECOND, THIRD], True),
        # What is sealed to the second key could not be opened.
        ([FIRST], [FIRST, SECOND], False),
        ([SECOND], [FIRST, SECOND], False),
        ([FIRST], [FOREIGN], False),
    ],
)
def test_what_is_sealed_can_be_opened(
    private: list[RingKey], public: list[RingKey], fits: bool
) -> None:
    texts = {MAILER.private: ring(*private), MAILER.public: halves(MAILER, *public)}

    assert (secret_faults({**new_secrets(), **texts}) == {}) is fits


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not pair.seals])
@pytest.mark.parametrize(
    ("private", "public", "fits"),
    [
        ([FIRST], [FIRST], True),
        # A rotation that has stopped half-way, or private keys that were removed.
        ([FIRST], [FIRST, SECOND], True),
        ([THIRD], [FIRST, SECOND, THIRD], True),
        # What the second key attests could not be verified.
        ([FIRST, SECOND], [FIRST], False),
        ([FIRST], [FOREIGN], False),
    ],
)
def test_what_is_attested_can_be_verified(
    pair: KeyPairs, private: list[RingKey], public: list[RingKey], fits: bool
) -> None:
    texts = {pair.private: ring(*private), pair.public: halves(pair, *public)}

    assert (secret_faults({**new_secrets(), **texts}) == {}) is fits


def test_an_account_without_secrets_is_fine_at_first_and_a_note_later(
    account: Account,
) -> None:
    [before] = check_secrets(account, "zk", was_created=False)
    [later] = check_secrets(account, "zk", was_created=True)

    assert (before.level, later.level) == (Level.OK, Level.NOTE)


def test_stored_secrets_are_checked(account: Account) -> None:
    store_missing(account.ssm, "/zk")
    [fine] = check_secrets(account, "zk", was_created=True)
    account.ssm.put_parameter(Name=f"/zk/{INDEX_KEYS}", Value="x", Overwrite=True)
    [wrong] = check_secrets(account, "zk", was_created=True)

    assert fine.level is Level.OK
    assert wrong.level is Level.FAULT
    assert f"/zk/{INDEX_KEYS}" in wrong.text
