"""The parameters of the stack: what deploy.toml, the secrets and the stack itself come to."""

import hashlib
import math
from collections.abc import Sequence
from typing import Final

from ops.deploy import limits, names
from ops.deploy.settings import DeploySettings
from ops.deploy.stacks import Stack

NOT_KNOWN_YET: Final = "https://not-known-yet.invalid"
"""Stands for CloudFront's own name until the first creation has found it out (RFC 2606)."""
_DIGESTS: Final = "OriginDigests"
_MAIL_DOMAIN: Final = "MailDomain"
_SECONDS_A_MAIL: Final = 0.15
"""What a worker needs for one: two calls to DynamoDB, one to SES (docs/performance.md)."""
_MOST_A_CHUNK: Final = 50
"""Recipients that SendBulkEmail takes; nor does it take more than may be sent in a second."""
_LEAST_WORKERS: Final = 2
_MOST_WORKERS: Final = 1000
"""Bounds of MaximumConcurrency (Lambda, "Maximum concurrency for Amazon SQS event sources")."""


def parameters(
    settings: DeploySettings,
    stack: Stack | None,
    *,
    origin_secret: str,
    sender_identity: str | None,
    mails_per_second: float,
) -> dict[str, str]:
    """Every parameter that the template has no default for, and those that deploy.toml decides.

    `stack` is the stack as it stands, None before the first time. `sender_identity` is the name of
    the SES identity that lets the sender send; None when the stack is to make it.
    `mails_per_second` is what SES lets the account send; 0 when it does not say.
    """
    mail_domain = _mail_domain(settings, stack, sender_identity)
    return {
        "PublicUrl": public_url(settings, stack),
        "Sender": settings.sender_header,
        "SenderAddress": settings.sender_address,
        _MAIL_DOMAIN: mail_domain,
        "DomainName": settings.domain,
        "CertificateArn": settings.certificate,
        "OriginSecret": origin_secret,
        _DIGESTS: ",".join(_digests(stack, origin_secret)),
        "AlarmAddress": settings.alarms_address,
        **{limits.parameter(name): str(number) for name, number in settings.limits.items()},
        **_pace(mails_per_second),
    }


def public_url(settings: DeploySettings, stack: Stack | None) -> str:
    """Where visitors come; NOT_KNOWN_YET as long as nobody can know it."""
    if settings.public_url:
        return settings.public_url
    domain = stack.outputs.get(names.DISTRIBUTION_DOMAIN) if stack else None
    return f"https://{domain}" if domain else NOT_KNOWN_YET


def makes_identity(settings: DeploySettings, stack: Stack | None) -> bool:
    """Whether the stack has made the identity of the sender's domain itself."""
    return stack is not None and stack.parameters.get(_MAIL_DOMAIN) == settings.sender_domain


def _pace(mails_per_second: float) -> dict[str, str]:
    """As much at once as SES takes in a second: what is sent beyond that is only turned away."""
    if mails_per_second <= 0:
        return {}
    workers = math.ceil(mails_per_second * _SECONDS_A_MAIL)
    return {
        "ChunkSize": str(max(1, min(_MOST_A_CHUNK, int(mails_per_second)))),
        "MailConcurrency": str(max(_LEAST_WORKERS, min(_MOST_WORKERS, workers))),
    }


def _mail_domain(settings: DeploySettings, stack: Stack | None, sender_identity: str | None) -> str:
    """The stack keeps an identity that it has made: to drop it would end all mail."""
    made = makes_identity(settings, stack) or sender_identity is None
    return settings.sender_domain if made else ""


def _digests(stack: Stack | None, origin_secret: str) -> Sequence[str]:
    """The secret's digest, and once, while CloudFront learns a new secret, that of the old one."""
    digest = hashlib.sha256(origin_secret.encode()).hexdigest()
    current = stack.parameters.get(_DIGESTS, "").split(",")[0] if stack else ""
    return [digest, current] if current and current != digest else [digest]
