"""The stack's parameters, from nothing to a service with its own domain and a new origin secret."""

from dataclasses import replace
from hashlib import sha256

import pytest

from ops.deploy.parameters import URL_UNKNOWN, stack_parameters
from ops.deploy.settings import MAX_LIMITS, DeploySettings, limit_parameter
from ops.deploy.stack import CloudFormationStack

SECRET = "s" * 43


def stack(**values: str) -> CloudFormationStack:
    """A stack with these parameters, and CloudFront's name."""
    return CloudFormationStack(
        name="zk", id="id", status="CREATE_COMPLETE", status_reason="",
        parameters=values, outputs={"DistributionDomain": "d111.cloudfront.net"},
    )  # fmt: skip


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def test_the_first_time_nobody_knows_the_address(settings: DeploySettings) -> None:
    values = stack_parameters(
        settings, None, origin_secret=SECRET, sender_identity="example.org", mails_per_second=14
    )

    assert values["PublicUrl"] == URL_UNKNOWN
    assert values["OriginDigests"] == digest(SECRET)
    assert values["MailDomain"] == ""


def test_the_second_time_it_is_cloudfronts_name(settings: DeploySettings) -> None:
    values = stack_parameters(
        settings, stack(), origin_secret=SECRET, sender_identity="example.org", mails_per_second=14
    )

    assert values["PublicUrl"] == "https://d111.cloudfront.net"


def test_what_deploy_toml_says_goes_first(settings: DeploySettings) -> None:
    own = replace(settings, public_url="https://call.example.org")

    values = stack_parameters(
        own, stack(), origin_secret=SECRET, sender_identity="example.org", mails_per_second=14
    )

    assert values["PublicUrl"] == "https://call.example.org"


def test_a_sender_that_ses_does_not_know_is_made_by_the_stack(settings: DeploySettings) -> None:
    values = stack_parameters(
        settings, None, origin_secret=SECRET, sender_identity=None, mails_per_second=14
    )

    assert values["MailDomain"] == "example.org"


def test_an_identity_that_the_stack_has_made_is_kept(settings: DeploySettings) -> None:
    own = stack(MailDomain="example.org")

    values = stack_parameters(
        settings, own, origin_secret=SECRET, sender_identity="example.org", mails_per_second=14
    )

    assert values["MailDomain"] == "example.org"


def test_an_address_that_is_verified_alone_is_the_identity(settings: DeploySettings) -> None:
    values = stack_parameters(
        settings,
        None,
        origin_secret=SECRET,
        sender_identity="desk@example.org",
        mails_per_second=14,
    )

    assert values["MailDomain"] == ""


def test_a_new_origin_secret_goes_beside_the_old_one_once(settings: DeploySettings) -> None:
    old = stack(OriginDigests=digest("old"))
    both = f"{digest(SECRET)},{digest('old')}"

    first = stack_parameters(
        settings, old, origin_secret=SECRET, sender_identity="x", mails_per_second=14
    )
    second = stack_parameters(
        settings,
        stack(OriginDigests=both),
        origin_secret=SECRET,
        sender_identity="x",
        mails_per_second=14,
    )

    assert first["OriginDigests"] == both
    assert second["OriginDigests"] == digest(SECRET)


@pytest.mark.parametrize(
    ("rate", "workers"), [(1, "2"), (14, "2"), (90.5, "14"), (100_000, "1000")]
)
def test_so_many_workers_send_single_mails_as_reach_the_rate_of_ses(
    settings: DeploySettings, rate: float, workers: str
) -> None:
    values = stack_parameters(
        settings, None, origin_secret=SECRET, sender_identity=None, mails_per_second=rate
    )

    assert values["MailConcurrency"] == workers


def test_the_template_decides_when_ses_does_not_say_its_pace(settings: DeploySettings) -> None:
    values = stack_parameters(
        settings, None, origin_secret=SECRET, sender_identity=None, mails_per_second=0
    )

    assert "MailConcurrency" not in values


@pytest.mark.parametrize(
    ("sender", "header"),
    [
        ("desk@example.org", "desk@example.org"),
        ("Desk <desk@example.org>", "Desk <desk@example.org>"),
        ("Стол <desk@example.org>", "=?utf-8?b?0KHRgtC+0Ls=?= <desk@example.org>"),
    ],
)
def test_the_sender_is_written_as_mail_can_carry_it(
    settings: DeploySettings, sender: str, header: str
) -> None:
    values = stack_parameters(
        replace(settings, sender=sender, alarms_to="Op <op@example.org>"),
        None,
        origin_secret=SECRET,
        sender_identity=None,
        mails_per_second=14,
    )

    assert (values["Sender"], values["SenderAddress"]) == (header, "desk@example.org")
    assert values["AlarmAddress"] == "op@example.org"


def test_every_limit_goes_to_the_stack_also_when_it_is_the_default_again(
    settings: DeploySettings,
) -> None:
    own = replace(settings, limits={**settings.limits, "slow_minutes": 5})

    values = stack_parameters(
        own, stack(SlowMinutes="9"), origin_secret=SECRET, sender_identity="x", mails_per_second=14
    )

    assert values["SlowMinutes"] == "5"
    assert {limit_parameter(name) for name in MAX_LIMITS} <= values.keys()


@pytest.mark.parametrize("choice", ["on", "off"])
def test_the_list_of_ses_is_what_the_operator_chose(settings: DeploySettings, choice: str) -> None:
    values = stack_parameters(
        replace(settings, ses_suppression_list=choice),
        None,
        origin_secret=SECRET,
        sender_identity=None,
        mails_per_second=0,
    )

    assert values["SesSuppressionList"] == choice
