"""The sender: what SES and DNS answer, and the result of each answer."""

from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.deploy import ses_sender
from ops.deploy.account import Account
from ops.deploy.checks import CheckResult, Level
from ops.deploy.settings import DeploySettings


def ses_says(account: Account, **values: Any) -> list[CheckResult]:
    """The findings on an SES account that says this of itself."""
    client = boto3.client("sesv2", region_name="eu-central-1")
    account.__dict__["ses"] = client
    with Stubber(client) as stubber:
        stubber.add_response("get_account", values)
        return list(ses_sender.check_ses_account(account))


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
    results = ses_says(
        Account(region="eu-central-1"),
        SendingEnabled=sending,
        ProductionAccessEnabled=production,
        SendQuota={"MaxSendRate": rate},
    )

    assert [result.level for result in results] == list(levels)


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
    result = ses_sender.check_identity(settings, "example.org", identity, without_mail=without_mail)

    assert result.level is level
    assert level is Level.OK or "--without-mail" in result.remedy


def test_the_domain_goes_before_the_address_and_unknown_is_none(
    account: Account, settings: DeploySettings
) -> None:
    assert ses_sender.find_identity(account, settings) is None
    account.ses.create_email_identity(EmailIdentity="desk@example.org")
    assert ses_sender.find_identity(account, settings) == "desk@example.org"
    account.ses.create_email_identity(EmailIdentity="example.org")
    assert ses_sender.find_identity(account, settings) == "example.org"


def test_newer_regions_have_a_zone_of_their_own_for_dkim(
    account: Account, settings: DeploySettings
) -> None:
    ses = boto3.client("sesv2", region_name="eu-south-1")
    account.__dict__["ses"] = ses

    with Stubber(ses) as stubber:
        stubber.add_response(
            "get_email_identity",
            {
                "DkimAttributes": {
                    "Tokens": ["one"],
                    "SigningHostedZone": "dkim.eu-south-1.amazonses.com",
                }
            },
        )
        records = ses_sender.dkim_records(account, settings)

    assert records == {"one._domainkey.example.org": "one.dkim.eu-south-1.amazonses.com"}


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (["v=dmarc1; p=none"], Level.OK),
        ([], Level.NOTE),
        (["something else"], Level.NOTE),
        (None, Level.NOTE),
    ],
)
def test_dmarc(found: Sequence[str] | None, level: Level) -> None:
    assert ses_sender.check_dmarc("example.org", found).level is level


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ([], Level.OK),
        (["v=spf1 include:amazonses.com -all"], Level.OK),
        (["v=spf1 include:elsewhere.example -all"], Level.NOTE),
        (None, Level.NOTE),
    ],
)
def test_spf(found: Sequence[str] | None, level: Level) -> None:
    assert ses_sender.check_spf("example.org", found).level is level


def test_dkim_names_the_records_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    records = {"a._domainkey.example.org": ["a.dkim.amazonses.com"]}
    monkeypatch.setattr(ses_sender, "dns_records", lambda name, kind: records.get(name, []))

    first, second, *_ = ses_sender.check_dns(
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
    monkeypatch.setattr(ses_sender, "dns_records", lambda name, kind: None)

    [result] = ses_sender.check_dns("example.org", {"a": "b", "c": "d"})

    assert result.level is Level.NOTE


def test_a_dns_that_cannot_be_asked_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ses_sender, "DNS_SECONDS", 0.0)

    assert ses_sender.dns_records("zaklik.invalid", "TXT") is None
