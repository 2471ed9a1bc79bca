"""Checks before a deployment: credentials, quota, stack, certificate and secrets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from chalicelib.crypto.keyring import Keyring
from chalicelib.store.secrets import INVALID, read_keyring
from ops.deploy import resources
from ops.deploy.account import Account
from ops.deploy.settings import CERTIFICATE_REGION, DeploySettings
from ops.deploy.stack import CloudFormationStack, NextAction, next_action
from ops.errors import CannotContinue
from ops.secrets.inventory import (
    ORIGIN_SECRET,
    PAIRS,
    SECRET_NAMES,
    read_all,
)
from ops.terminal import console
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef

_ENOUGH_FUNCTIONS: Final = 100
"""At once: pages, mails and alerts of a busy day, with a reserve for others in the account."""
_SHORTEST_ORIGIN_SECRET: Final = 32


class Level(Enum):
    """How much a result matters. `apply` refuses to begin on a FAULT."""

    OK = auto()
    NOTE = auto()
    FAULT = auto()


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One line of a check. Every level but OK has a remedy."""

    level: Level
    text: str
    remedy: str = ""


def ok(text: str) -> CheckResult:
    """A result without a remedy."""
    return CheckResult(level=Level.OK, text=text)


def note(text: str, remedy: str) -> CheckResult:
    """A result that does not stop a deployment."""
    return CheckResult(level=Level.NOTE, text=text, remedy=remedy)


def fault(text: str, remedy: str) -> CheckResult:
    """A result that must be fixed before a deployment."""
    return CheckResult(level=Level.FAULT, text=text, remedy=remedy)


def print_results(results: Iterable[CheckResult]) -> int:
    """Print each result as soon as it is known; the number of faults."""
    say = {Level.OK: console.done, Level.NOTE: console.note, Level.FAULT: console.fault}
    faults = 0
    for result in results:
        say[result.level](result.text)
        if result.remedy:
            console.hint(result.remedy)
        faults += result.level is Level.FAULT
    return faults


def check_credentials(account: Account) -> CheckResult:
    """The account's id. Raises what botocore raises when AWS does not accept the credentials."""
    return ok(f"AWS knows you: account {account.id}, region {account.region}.")


def check_quotas(account: Account) -> CheckResult:
    """How many functions may run at once; new accounts begin with ten."""
    limit = account.functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < _ENOUGH_FUNCTIONS:
        return note(
            f"Lambda lets only {limit} functions run at once in this account.",
            "Enough to try things out. Before many people come, ask for 1,000 in the Service "
            "Quotas console: Lambda, Concurrent executions. It is free.",
        )
    return ok(f"Lambda lets {limit:,} functions run at once.")


def check_stack(account: Account, name: str, stack: CloudFormationStack | None) -> CheckResult:
    """Whether `apply` can continue from the stack's state; `stack` is None before the first."""
    if stack is None:
        return _check_former_tables(account, name)
    state = f"The stack {name} is {stack.status}."
    try:
        action = next_action(stack)
    except CannotContinue as error:
        return fault(state, str(error))
    remedies = {
        NextAction.WAIT: "waits until that is over.",
        NextAction.CONTINUE_ROLLBACK: "continues the rollback of the failed update first.",
        NextAction.DELETE_FAILED_STACK: "deletes it and creates it anew, if its tables are empty.",
    }
    return note(state, f"`apply` {remedies[action]}") if action in remedies else ok(state)


def _check_former_tables(account: Account, name: str) -> CheckResult:
    tables = [
        table for table in resources.table_names(name) if resources.table_exists(account, table)
    ]
    if tables:
        return fault(
            f"There is no stack {name}, but tables of a former one: {', '.join(tables)}.",
            f"Delete them with `{command('deploy destroy')}`, or choose another name in "
            'deploy.toml: stack = "…"',
        )
    return ok(f"The name {name} is free: `apply` creates the stack.")


def check_certificate(account: Account, settings: DeploySettings) -> Iterator[CheckResult]:
    """One result; none without a domain."""
    if not settings.domain:
        return
    try:
        described = account.certificates.describe_certificate(CertificateArn=settings.certificate)
    except account.certificates.exceptions.ResourceNotFoundException:
        yield fault(
            f"There is no such certificate in {CERTIFICATE_REGION}.",
            "Copy its ARN again from AWS Certificate Manager into deploy.toml.",
        )
        return
    yield certificate_result(described["Certificate"], settings.domain)


def certificate_result(certificate: "CertificateDetailTypeDef", domain: str) -> CheckResult:
    """Whether the certificate is issued, and for this domain."""
    status = certificate.get("Status", "unknown")
    if status == "PENDING_VALIDATION":
        records = [
            f"{record['Name']} {record['Type']} {record['Value']}"
            for option in certificate.get("DomainValidationOptions", [])
            if (record := option.get("ResourceRecord"))
        ]
        return fault(
            "The certificate waits for proof that the domain is yours.",
            "\n".join(["Set in DNS, then wait some minutes:", *records]),
        )
    if status != "ISSUED":
        return fault(
            f"The certificate cannot be used: it is {status.replace('_', ' ').lower()}.",
            f"Ask for a new one in {CERTIFICATE_REGION} and write its ARN into deploy.toml.",
        )
    names = {name.lower() for name in certificate.get("SubjectAlternativeNames", [])}
    if names.isdisjoint({domain, f"*.{domain.partition('.')[2]}"}):
        return fault(
            f"The certificate is not for {domain}.",
            f"Ask for one for {domain} in {CERTIFICATE_REGION}.",
        )
    return ok(f"The certificate for {domain} is issued.")


def check_secrets(account: Account, stack: str, *, was_created: bool) -> Iterator[CheckResult]:
    """One result for each invalid secret, or one for all; `was_created`: the stack was, once."""
    path = resources.secrets_path(stack)
    stored = read_all(account.ssm, path)
    faults = secret_faults(stored)
    missing = [name for name in SECRET_NAMES if name not in stored]
    for name, reason in faults.items():
        yield fault(
            f"The secret {path}/{name} is {reason}.",
            "Restore it from your copy. A new one cannot open what the old one has sealed.",
        )
    if faults:
        return
    if missing and was_created:
        yield note(
            f"Secrets are missing under {path}: {', '.join(missing)}.",
            "If they are lost, restore them: `apply` makes new ones, and then links in mails that "
            "are out, and records filed under the old ones, are lost.",
        )
    elif missing:
        yield ok(f"The missing secrets will be made under {path}.")
    else:
        yield ok("The secrets are complete and valid.")


def secret_faults(stored: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with each stored secret that is invalid, by its name."""
    faults: dict[str, str] = {}
    rings: dict[str, Keyring] = {}
    for name, text in stored.items():
        if name == ORIGIN_SECRET:
            if len(text) < _SHORTEST_ORIGIN_SECRET:
                faults[name] = f"shorter than {_SHORTEST_ORIGIN_SECRET} characters"
            continue
        try:
            rings[name] = read_keyring(text)
        except INVALID:
            # Not quoted: the text is a secret.
            faults[name] = 'not a keyring: {"keys": [{"id": 1, "key": …, "used_from": …}]}'
    for pair in PAIRS:
        if {pair.private, pair.public} <= rings.keys() and not pair.fit(
            rings[pair.private], rings[pair.public]
        ):
            faults[pair.public] = f"not the public halves of {pair.private}"
    return faults
