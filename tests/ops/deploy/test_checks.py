"""Each question of `check` and each of its answers, with the remedy."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.deploy import account_checks, certificate_checks, dns_records, mail_checks, senders
from ops.deploy.account import Account
from ops.deploy.dns_records import Silence
from ops.deploy.findings import Finding, Level, fault, note, ok, show
from ops.deploy.settings import DeploySettings

RECORD = {"Name": "_x.c.example.org", "Type": "CNAME", "Value": "_y.acm.example"}


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
    found = certificate_checks.judge(certificate, "c.example.org")

    assert found.level is level
    assert words in found.words
    assert (level is Level.OK) or found.remedy


def test_a_certificate_that_waits_says_what_to_set_in_dns() -> None:
    options: Any = [{"ResourceRecord": RECORD}]

    found = certificate_checks.judge(
        {"Status": "PENDING_VALIDATION", "DomainValidationOptions": options}, "c.example.org"
    )

    assert "_x.c.example.org CNAME _y.acm.example" in found.remedy


def test_a_certificate_that_is_not_there(account: Account, settings: DeploySettings) -> None:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"

    [found] = certificate_checks.check_certificate(
        account, replace(settings, domain="c.example.org", certificate=arn)
    )

    assert found.level is Level.FAULT


def test_without_a_domain_no_certificate_is_asked_for(
    account: Account, settings: DeploySettings
) -> None:
    assert list(certificate_checks.check_certificate(account, settings)) == []


def ses_says(account: Account, **values: Any) -> list[Finding]:
    """The findings on an SES account that says this of itself."""
    client = boto3.client("sesv2", region_name="eu-central-1")
    account.__dict__["ses"] = client
    with Stubber(client) as stubber:
        stubber.add_response("get_account", values)
        return list(mail_checks.check_account(account))


@pytest.mark.parametrize(
    ("sending", "production", "rate", "levels"),
    [
        (True, True, 100.0, [Level.OK, Level.OK]),
        (True, False, 1.0, [Level.NOTE, Level.NOTE]),
        (True, True, 14.0, [Level.OK, Level.NOTE]),
        (False, True, 100.0, [Level.FAULT, Level.OK, Level.OK]),
    ],
)
def test_ses_says_whom_it_lets_us_write_to_and_how_fast(
    sending: bool, production: bool, rate: float, levels: Sequence[Level]
) -> None:
    found = ses_says(
        Account(region="eu-central-1"),
        SendingEnabled=sending,
        ProductionAccessEnabled=production,
        SendQuota={"MaxSendRate": rate},
    )

    assert [finding.level for finding in found] == list(levels)


@pytest.mark.parametrize(
    ("identity", "without_mail", "level"),
    [
        ({"VerifiedForSendingStatus": True}, False, Level.OK),
        ({"VerifiedForSendingStatus": False}, False, Level.FAULT),
        ({"VerifiedForSendingStatus": False}, True, Level.NOTE),
        (None, False, Level.FAULT),
        (None, True, Level.NOTE),
    ],
)
def test_an_unverified_sender_is_a_fault_unless_mail_can_wait(
    settings: DeploySettings, identity: Any, without_mail: bool, level: Level
) -> None:
    found = mail_checks.check_identity(settings, "example.org", identity, without_mail=without_mail)

    assert found.level is level
    assert level is Level.OK or "--without-mail" in found.remedy


def test_the_domain_goes_before_the_address_and_unknown_is_none(
    account: Account, settings: DeploySettings
) -> None:
    assert senders.find_identity(account, settings) is None
    account.ses.create_email_identity(EmailIdentity="desk@example.org")
    assert senders.find_identity(account, settings) == "desk@example.org"
    account.ses.create_email_identity(EmailIdentity="example.org")
    assert senders.find_identity(account, settings) == "example.org"


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (["v=dmarc1; p=none"], Level.OK),
        ([], Level.NOTE),
        (["something else"], Level.NOTE),
        (Silence.NOT_ASKED, Level.NOTE),
    ],
)
def test_dmarc(found: Sequence[str] | Silence, level: Level) -> None:
    assert mail_checks.check_dmarc("example.org", found).level is level


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ([], Level.OK),
        (["v=spf1 include:amazonses.com -all"], Level.OK),
        (["v=spf1 include:elsewhere.example -all"], Level.NOTE),
        (Silence.NOT_ASKED, Level.NOTE),
    ],
)
def test_spf(found: Sequence[str] | Silence, level: Level) -> None:
    assert mail_checks.check_spf("example.org", found).level is level


def test_dkim_names_the_records_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {"a._domainkey.example.org": ["a.dkim.amazonses.com"]}
    monkeypatch.setattr(dns_records, "ask", lambda name, kind: records.get(name, []))

    first, second, *_ = mail_checks.check_domain(
        "example.org",
        {
            "a._domainkey.example.org": "a.dkim.amazonses.com",
            "b._domainkey.example.org": "b.dkim.amazonses.com",
        },
    )

    assert first.level is Level.OK
    assert second.level is Level.NOTE
    assert "b._domainkey.example.org CNAME b.dkim.amazonses.com" in second.remedy


def test_a_dns_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_records, "ask", lambda name, kind: Silence.NOT_ASKED)

    [found] = mail_checks.check_domain("example.org", {"a": "b", "c": "d"})

    assert found.level is Level.NOTE


def test_tables_of_a_former_stack_are_a_fault(account: Account) -> None:
    [free] = account_checks.check_stack(account, "zk")
    account.dynamodb.create_table(
        TableName="zk-petitions",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    [taken] = account_checks.check_stack(account, "zk")

    assert free.level is Level.OK
    assert taken.level is Level.FAULT
    assert "zk-petitions" in taken.words


def test_findings_are_told_with_their_remedies(capsys: pytest.CaptureFixture[str]) -> None:
    assert show([ok("fine"), note("look", "there"), fault("bad", "mend")]) == 1

    told = capsys.readouterr()
    assert "fine" in told.out
    assert "there" in told.out
    assert "bad" in told.err
