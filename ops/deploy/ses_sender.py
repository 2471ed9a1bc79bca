"""The sender in SES and in DNS: its identity, its DNS records, and the checks of both."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

import dns.exception
import dns.resolver

from ops.deploy.account import Account
from ops.deploy.checks import CheckResult, fault, note, ok
from ops.deploy.settings import DeploySettings
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import GetEmailIdentityResponseTypeDef

DNS_SECONDS: Final = 4.0
"""For one question to all DNS servers together."""
_ENOUGH_MAILS_PER_SECOND: Final = 50
"""As many as a chunk of an alert has recipients."""
_SES_CONSOLE: Final = "the SES console of this region"


def find_identity(account: Account, settings: DeploySettings) -> str | None:
    """The name of the identity that lets the sender send: its domain, else the address itself.

    A verified one goes first; None if SES has neither.
    """
    identities = {
        name: identity
        for name in (settings.sender_domain, settings.sender_address)
        if (identity := _get_identity(account, name)) is not None
    }
    verified = [name for name in identities if identities[name].get("VerifiedForSendingStatus")]
    return next(iter([*verified, *identities]), None)


def _get_identity(account: Account, name: str) -> "GetEmailIdentityResponseTypeDef | None":
    try:
        return account.ses.get_email_identity(EmailIdentity=name)
    except account.ses.exceptions.NotFoundException:
        return None


def mails_per_second(account: Account) -> float:
    """How many mails SES lets the account send in a second; 0 when it does not say."""
    return account.ses.get_account().get("SendQuota", {}).get("MaxSendRate", 0.0)


def dkim_records(account: Account, settings: DeploySettings) -> Mapping[str, str]:
    """The CNAME records that SES wants for the sender's domain: name to value.

    None before SES has the domain. Source: SES developer guide, "Easy DKIM".
    """
    identity = _get_identity(account, settings.sender_domain)
    dkim = identity.get("DkimAttributes", {}) if identity else {}
    # Newer regions have a zone of their own.
    zone = dkim.get("SigningHostedZone") or "dkim.amazonses.com"
    return {
        f"{token}._domainkey.{settings.sender_domain}": f"{token}.{zone}"
        for token in dkim.get("Tokens", [])
    }


def dns_records(name: str, kind: Literal["CNAME", "TXT"]) -> Sequence[str] | None:
    """The public records of `name` in lower case; None if DNS could not be asked."""
    try:
        answer = dns.resolver.resolve(name, kind, lifetime=DNS_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError):
        return None
    return [record.to_text().strip('"').rstrip(".").lower() for record in answer]


def check_mail(
    account: Account, settings: DeploySettings, *, without_mail: bool
) -> Iterator[CheckResult]:
    """One result for each question; `without_mail` turns the identity's fault into a note."""
    yield from check_ses_account(account)
    name = find_identity(account, settings)
    identity = _get_identity(account, name) if name else None
    yield check_identity(settings, name, identity, without_mail=without_mail)
    yield from check_dns(settings.sender_domain, dkim_records(account, settings))


def check_ses_account(account: Account) -> Iterator[CheckResult]:
    """Whether SES lets this account send, to whom, and how fast."""
    ses = account.ses.get_account()
    if not ses.get("SendingEnabled"):
        yield fault(
            "SES has stopped this account from sending.",
            f"Open {_SES_CONSOLE}, read why, and answer there.",
        )
    if ses.get("ProductionAccessEnabled"):
        yield ok("SES lets you write to everybody.")
    else:
        yield note(
            "SES keeps you in its sandbox: it mails only addresses that you have verified.",
            f"Ask for production access in {_SES_CONSOLE}; it takes about a day. Until then "
            "nobody else can sign.",
        )
    rate = ses.get("SendQuota", {}).get("MaxSendRate", 0.0)
    if 0 < rate < _ENOUGH_MAILS_PER_SECOND:
        yield note(
            f"SES lets you send {rate:g} mails a second; `apply` sets the service to that rate.",
            f"Ask for more in {_SES_CONSOLE} before many people come, then `apply` again: until "
            "then signers wait for their mail, and alerts take longer.",
        )
    else:
        yield ok(f"SES lets you send {rate:g} mails a second.")


def check_identity(
    settings: DeploySettings,
    name: str | None,
    identity: "GetEmailIdentityResponseTypeDef | None",
    *,
    without_mail: bool,
) -> CheckResult:
    """Whether SES lets the sender send."""
    if identity is not None and identity.get("VerifiedForSendingStatus"):
        return ok(f"SES has verified {name}, so {settings.sender_address} can send.")
    result = note if without_mail else fault
    if identity is not None:
        return result(
            f"SES knows {name}, but it is not verified: every mail would be rejected.",
            "Set the DNS records of the next lines at your DNS provider, or follow the link "
            f"that SES has mailed. To deploy before that: {command('deploy apply --without-mail')}",
        )
    return result(
        f"SES does not know {settings.sender_domain}: every mail would be rejected.",
        f"Let the stack create the identity and print its DNS records: "
        f"{command('deploy apply --without-mail')}",
    )


def check_dns(domain: str, dkim: Mapping[str, str]) -> Iterator[CheckResult]:
    """Whether DNS holds the records of the sender's domain that mail providers read."""
    for name, value in dkim.items():
        records = dns_records(name, "CNAME")
        if records is None:
            yield note("DNS could not be asked from here.", "The mail's DNS records are unknown.")
            return
        if value.lower() in records:
            yield ok(f"DKIM: {name} is set.")
        else:
            yield note(f"DKIM: {name} is not set.", f"Set in DNS: {name} CNAME {value}")
    yield check_dmarc(domain, dns_records(f"_dmarc.{domain}", "TXT"))
    yield check_spf(domain, dns_records(domain, "TXT"))


def check_dmarc(domain: str, records: Sequence[str] | None) -> CheckResult:
    """Whether there is a DMARC record: Gmail and Yahoo require one of bulk senders."""
    if records is None:
        return note(
            "DMARC: DNS could not be asked from here.", f"Look at _dmarc.{domain} yourself."
        )
    if any(record.startswith("v=dmarc1") for record in records):
        return ok(f"DMARC: _dmarc.{domain} is set.")
    return note(
        f"DMARC: {domain} has no record, and Gmail and Yahoo reject bulk mail without one.",
        f'Set in DNS: _dmarc.{domain} TXT "v=DMARC1; p=quarantine"',
    )


def check_spf(domain: str, records: Sequence[str] | None) -> CheckResult:
    """Whether SPF admits SES. Without SPF, DKIM alone satisfies DMARC."""
    if records is None:
        return note("SPF: DNS could not be asked from here.", f"Look at {domain} yourself.")
    spf = [record for record in records if record.startswith("v=spf1")]
    if not spf or any("include:amazonses.com" in record for record in spf):
        return ok(f"SPF: no record of {domain} excludes SES.")
    return note(
        f"SPF: {domain} lists who may send, and SES is not among them.",
        "DKIM is enough for most providers. To be sure, set a custom MAIL FROM domain in "
        f"{_SES_CONSOLE}.",
    )
