"""`zaklik deploy check`: everything that a deployment needs, one line each."""

from collections.abc import Iterator

from ops.deploy import account_checks, findings, stacks
from ops.deploy.account import Account
from ops.deploy.certificate_checks import check_certificate
from ops.deploy.findings import Finding
from ops.deploy.mail_checks import check_mail
from ops.deploy.secret_checks import check_secrets
from ops.deploy.settings import DeploySettings


def show(account: Account, settings: DeploySettings, *, without_mail: bool) -> int:
    """Say what is found, as soon as it is; how many faults there are."""
    return findings.show(check(account, settings, without_mail=without_mail))


def check(account: Account, settings: DeploySettings, *, without_mail: bool) -> Iterator[Finding]:
    """All findings, credentials first: without them nothing else can be asked."""
    yield account_checks.check_credentials(account)
    stack = stacks.find(account, settings.stack)
    yield from account_checks.check_stack(account, settings.stack)
    yield from check_secrets(account, settings.stack, stands=stack is not None and stack.stands)
    yield from check_certificate(account, settings)
    yield account_checks.check_quotas(account)
    yield from check_mail(account, settings, without_mail=without_mail)
