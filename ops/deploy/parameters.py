"""The parameters of the stack, from deploy.toml, the origin secret, SES, and the stack so far."""

import hashlib
from collections.abc import Sequence
from typing import Final

from ops.deploy.settings import DeploySettings, limit_parameter
from ops.deploy.stack import DISTRIBUTION_DOMAIN, CloudFormationStack

URL_UNKNOWN: Final = "https://not-known-yet.invalid"
"""The address until the first creation has CloudFront's own name (RFC 2606)."""
_DIGESTS: Final = "OriginDigests"
_MAIL_DOMAIN: Final = "MailDomain"
_SECONDS_A_MAIL: Final = 0.15
"""Of a worker: three calls to DynamoDB, one to SES (docs/performance.md)."""
_MIN_WORKERS: Final = 2
_MAX_WORKERS: Final = 1000
"""Bounds of MaximumConcurrency (Lambda, "Maximum concurrency for Amazon SQS event sources")."""


def stack_parameters(
    settings: DeploySettings,
    stack: CloudFormationStack | None,
    *,
    origin_secret: str,
    sender_identity: str | None,
    mails_per_second: float,
) -> dict[str, str]:
    """Every parameter that the template has no default for, and those that deploy.toml decides.

    `stack` is the stack so far, None before the first time. `sender_identity` is the SES identity
    that lets the sender send; None when the stack is to create it. `mails_per_second` is what SES
    lets the account send; 0 when it does not say.
    """
    creates_identity = makes_identity(settings, stack) or sender_identity is None
    return {
        "PublicUrl": _public_url(settings, stack),
        "Sender": settings.sender_header,
        "SenderAddress": settings.sender_address,
        # An identity that the stack has made stays in it: its removal would end all mail.
        _MAIL_DOMAIN: settings.sender_domain if creates_identity else "",
        "DomainName": settings.domain,
        "CertificateArn": settings.certificate,
        "OriginSecret": origin_secret,
        _DIGESTS: ",".join(_digests(stack, origin_secret)),
        "SesSuppressionList": settings.ses_suppression_list,
        "AlarmAddress": settings.alarms_address,
        **{limit_parameter(name): str(limit) for name, limit in settings.limits.items()},
        **_mail_workers(mails_per_second),
    }


def makes_identity(settings: DeploySettings, stack: CloudFormationStack | None) -> bool:
    """Whether the stack has created the SES identity of the sender's domain."""
    return stack is not None and stack.parameters.get(_MAIL_DOMAIN) == settings.sender_domain


def _public_url(settings: DeploySettings, stack: CloudFormationStack | None) -> str:
    if settings.public_url:
        return settings.public_url
    domain = stack.outputs.get(DISTRIBUTION_DOMAIN) if stack else None
    return f"https://{domain}" if domain else URL_UNKNOWN


def _mail_workers(mails_per_second: float) -> dict[str, str]:
    """Workers that reach SES's rate: more would only wait for their slots."""
    if mails_per_second <= 0:
        return {}
    workers = round(mails_per_second * _SECONDS_A_MAIL)
    return {"MailConcurrency": str(max(_MIN_WORKERS, min(_MAX_WORKERS, workers)))}


def _digests(stack: CloudFormationStack | None, origin_secret: str) -> Sequence[str]:
    """The secret's digest and, while CloudFront takes over a new secret, that of the old one."""
    digest = hashlib.sha256(origin_secret.encode()).hexdigest()
    current = stack.parameters.get(_DIGESTS, "").split(",")[0] if stack else ""
    return [digest, current] if current and current != digest else [digest]
