"""Whether mail can be sent: SES's sandbox and rate, the sender's identity, its domain's DNS."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ops.deploy import dns_records, senders
from ops.deploy.account import Account
from ops.deploy.dns_records import Silence
from ops.deploy.findings import Finding, fault, note, ok
from ops.deploy.settings import DeploySettings
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import GetEmailIdentityResponseTypeDef

_CALM_RATE: Final = 50
"""Mails a second with which a quiet day is never felt: whole pieces of alerts go at once."""
_SES_CONSOLE: Final = "the SES console of this region"


def check_mail(
    account: Account, settings: DeploySettings, *, without_mail: bool
) -> Iterator[Finding]:
    """One finding a question; `without_mail` makes notes of the faults."""
    yield from check_account(account)
    name = senders.find_identity(account, settings)
    identity = senders.look_up(account, name) if name else None
    yield check_identity(settings, name, identity, without_mail=without_mail)
    yield from check_domain(settings.sender_domain, senders.dkim_records(account, settings))


def check_account(account: Account) -> Iterator[Finding]:
    """Whether SES lets this account send, to whom, and how fast."""
    asked = account.ses.get_account()
    if not asked.get("SendingEnabled"):
        yield fault(
            "SES has stopped this account from sending.",
            f"Open {_SES_CONSOLE}, read why, and answer there.",
        )
    if asked.get("ProductionAccessEnabled"):
        yield ok("SES lets you write to everybody.")
    else:
        yield note(
            "SES keeps you in its sandbox: it mails only addresses that you have verified.",
            f"Ask for production access in {_SES_CONSOLE}; it takes about a day. Until then "
            "nobody else can sign.",
        )
    rate = asked.get("SendQuota", {}).get("MaxSendRate", 0.0)
    if 0 < rate < _CALM_RATE:
        yield note(
            f"SES lets you send {rate:g} mails a second; `apply` sets the service to that pace.",
            f"Ask for more in {_SES_CONSOLE} before many people come, then `apply` again: those "
            "who sign wait for their mail meanwhile, and alerts take longer.",
        )
    else:
        yield ok(f"SES lets you send {rate:g} mails a second.")


def check_identity(
    settings: DeploySettings,
    name: str | None,
    identity: "GetEmailIdentityResponseTypeDef | None",
    *,
    without_mail: bool,
) -> Finding:
    """Whether SES lets the sender send."""
    if identity is not None and identity.get("VerifiedForSendingStatus"):
        return ok(f"SES has verified {name}, so {settings.sender_address} can send.")
    say = note if without_mail else fault
    if identity is not None:
        return say(
            f"SES knows {name}, but it is not verified: every mail would be rejected.",
            "Set the DNS records of the next lines where the domain is kept, or follow the link "
            f"that SES has mailed. To deploy before that: {command('deploy apply --without-mail')}",
        )
    return say(
        f"SES does not know {settings.sender_domain}: every mail would be rejected.",
        f"Let the stack make it known and print its DNS records: "
        f"{command('deploy apply --without-mail')}",
    )


def check_domain(domain: str, dkim: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the sender's domain says in DNS what mail providers want to read there."""
    for name, wanted in dkim.items():
        found = dns_records.ask(name, "CNAME")
        if found is Silence.NOT_ASKED:
            yield note("DNS could not be asked from here.", "The mail's DNS records are unknown.")
            return
        if wanted.lower() in found:
            yield ok(f"DKIM: {name} is set.")
        else:
            yield note(f"DKIM: {name} is not set.", f"Set in DNS: {name} CNAME {wanted}")
    yield check_dmarc(domain, dns_records.ask(f"_dmarc.{domain}", "TXT"))
    yield check_spf(domain, dns_records.ask(domain, "TXT"))


def check_dmarc(domain: str, found: Sequence[str] | Silence) -> Finding:
    """Gmail and Yahoo want a DMARC record of who writes to many."""
    if isinstance(found, Silence):
        return note(
            "DMARC: DNS could not be asked from here.", f"Look at _dmarc.{domain} yourself."
        )
    if any(text.startswith("v=dmarc1") for text in found):
        return ok(f"DMARC: _dmarc.{domain} is set.")
    return note(
        f"DMARC: {domain} has no record, and Gmail and Yahoo reject mail to many without one.",
        f'Set in DNS: _dmarc.{domain} TXT "v=DMARC1; p=quarantine"',
    )


def check_spf(domain: str, found: Sequence[str] | Silence) -> Finding:
    """DKIM alone satisfies DMARC; SPF helps only if it names SES or a MAIL FROM domain is set."""
    if isinstance(found, Silence):
        return note("SPF: DNS could not be asked from here.", f"Look at {domain} yourself.")
    spf = [text for text in found if text.startswith("v=spf1")]
    if not spf or any("include:amazonses.com" in text for text in spf):
        return ok(f"SPF: nothing at {domain} speaks against SES.")
    return note(
        f"SPF: {domain} names who may send, and SES is not among them.",
        "DKIM is enough for most providers. To be sure, set a custom MAIL FROM domain in "
        f"{_SES_CONSOLE}.",
    )
