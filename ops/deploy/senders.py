"""What SES knows of the sender: the identity that lets it send, and what DNS must say of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ops.deploy.account import Account
from ops.deploy.settings import DeploySettings

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import GetEmailIdentityResponseTypeDef


def find_identity(account: Account, settings: DeploySettings) -> str | None:
    """The name of the identity that lets the sender send: its domain, else the address itself.

    One that is verified goes first; None if SES knows neither.
    """
    known = {
        name: answer
        for name in (settings.sender_domain, settings.sender_address)
        if (answer := look_up(account, name)) is not None
    }
    verified = [name for name, answer in known.items() if answer.get("VerifiedForSendingStatus")]
    return next(iter([*verified, *known]), None)


def mails_per_second(account: Account) -> float:
    """How many mails SES lets the account send in a second; 0 when it does not say."""
    return account.ses.get_account().get("SendQuota", {}).get("MaxSendRate", 0.0)


def look_up(account: Account, name: str) -> "GetEmailIdentityResponseTypeDef | None":
    """What SES says of an identity; None if it does not know it."""
    try:
        return account.ses.get_email_identity(EmailIdentity=name)
    except account.ses.exceptions.NotFoundException:
        return None


def dkim_records(account: Account, settings: DeploySettings) -> Mapping[str, str]:
    """The CNAME records of the sender's domain that SES wants to see: what points to what.

    None before SES knows the domain. Source: SES developer guide, "Easy DKIM".
    """
    identity = look_up(account, settings.sender_domain)
    dkim = identity.get("DkimAttributes", {}) if identity else {}
    # Newer regions sign with keys under a name of their own.
    zone = dkim.get("SigningHostedZone") or "dkim.amazonses.com"
    return {
        f"{token}._domainkey.{settings.sender_domain}": f"{token}.{zone}"
        for token in dkim.get("Tokens", [])
    }
