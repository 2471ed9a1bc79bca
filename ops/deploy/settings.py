"""deploy.toml: the operator's settings of one stack, read, or refused with reasons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from chalicelib.config import Settings
from chalicelib.domain.fields import Fields
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import BadAddress
from ops.content.source_map import SourceMap
from ops.content.toml_reader import read_toml
from ops.errors import CannotContinue, NotReady
from ops.terminal.command_hint import command

FILE: Final = Path("deploy.toml")
CERTIFICATE_REGION: Final = "us-east-1"
"""CloudFront takes certificates from there only (CloudFront developer guide, "Requirements")."""
EXAMPLE: Final = """\
# What `zaklik deploy` puts on AWS. Only the first line is required.
sender = "Petition desk <desk@example.org>"   # neutral; its domain is, or will be, verified in SES

# region = "eu-central-1"                     # else the one of your AWS profile
# domain = "call.example.org"                 # else visitors come by CloudFront's own name
# certificate = "arn:aws:acm:us-east-1:…"     # for that domain; always in us-east-1
# alarms_to = "operator@example.org"          # who gets a mail when something is wrong
# ses_suppression_list = "on"                 # AWS keeps addresses that bounce: docs/operating.md
# stack = "zaklik"                            # another name for a second service

# [limits]                                    # at the end; all of them: docs/operating.md
# posts_per_network = 600                     # forms of one network in one hour
"""
_EXAMPLES: Final = {
    "stack": "zaklik",
    "region": "eu-central-1",
    "sender": "Petition desk <desk@example.org>",
    "domain": "call.example.org",
    "certificate": "arn:aws:acm:us-east-1:111122223333:certificate/…",
    "public_url": "https://call.example.org",
    "alarms_to": "operator@example.org",
    "architecture": "arm64",
    "ses_suppression_list": "off",
}
_HOST: Final = r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]+"
_RULES: Final = {
    "stack": (
        # Short enough to begin the name of a bucket, which has 63 characters at most.
        r"[a-z][a-z0-9-]{0,23}",
        "cannot be a stack's name: up to 24 small letters, digits and dashes, a letter first",
    ),
    "region": (r"[a-z]{2}(-[a-z]+)+-\d", "is not an AWS region"),
    "domain": (_HOST, "is not a domain name"),
    "ses_suppression_list": ("on|off", "is neither on nor off"),
    "architecture": ("arm64|x86_64", "is not a processor that Lambda has: arm64 or x86_64"),
}
"""The pattern of a setting, and the reason to refuse other text."""
_RESERVED: Final = ("aws", "ssm")
"""Parameter Store refuses paths with these prefixes."""
_CERTIFICATE: Final = re.compile(r"arn:aws:acm:(?P<region>[a-z0-9-]+):\d{12}:certificate/\S+")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})

_LIMITS: Final = "limits"
MAX_LIMITS: Final[Mapping[str, int]] = {
    "mails_per_address": 100,
    "mails_per_network": 100,
    "posts_per_network": 1_000_000,
    "proof_posts_per_network": 1_000_000,
    "proof_posts_per_minute": 1_000_000,
    "slow_posts_per_network": 1_000_000,
    "slow_minutes": 15,
    "busy_domain_mailboxes": 1_000,
    "flooded_domain_mailboxes": 1_000,
}
"""Every setting of the service in [limits] and its maximum; SQS delays for 15 minutes at most."""
DEFAULT_LIMITS: Final[Mapping[str, int]] = {
    setting.name: int(setting.default)  # type: ignore[arg-type]  # each has one
    for setting in fields(Settings)
    if setting.name in MAX_LIMITS
}


@dataclass(frozen=True, kw_only=True)
class DeploySettings:
    """The content of deploy.toml. Text that is not set is empty; `limits` is complete."""

    file: Path
    stack: str
    region: str
    sender: str
    domain: str
    certificate: str
    public_url: str
    alarms_to: str
    architecture: str
    ses_suppression_list: str
    limits: Mapping[str, int]

    @property
    def sender_address(self) -> str:
        """The bare address of `sender`."""
        return parseaddr(self.sender)[1]

    @property
    def sender_header(self) -> str:
        """`sender` as a mail header: a name beyond ASCII is encoded (RFC 2047)."""
        return formataddr(parseaddr(self.sender))

    @property
    def alarms_address(self) -> str:
        """The bare address of `alarms_to`, as SNS takes it."""
        return parseaddr(self.alarms_to)[1]

    @property
    def sender_domain(self) -> str:
        """The domain of `sender`."""
        return self.sender_address.rpartition("@")[2].lower()


def read_settings(file: Path) -> DeploySettings:
    """Read `file`. Raises CannotContinue if it is missing, NotReady with everything wrong in it."""
    if not file.exists():
        raise CannotContinue(
            f"There is no {file}. Copy these lines into it and change them:\n\n{EXAMPLE}\n"
            f"Then: {command('deploy check')}"
        )
    source = SourceMap()
    fields = Fields(values=read_toml(file, source), errors=[])
    settings = _read(file, fields)
    if problems := source.problems(fields.errors):
        raise NotReady(problems)
    return settings


def limit_parameter(name: str) -> str:
    """The stack's parameter for a limit: `slow_minutes` is SlowMinutes."""
    return "".join(word.capitalize() for word in name.split("_"))


def _read(file: Path, fields: Fields) -> DeploySettings:
    fields.refuse_others((*_EXAMPLES, _LIMITS))
    domain = _optional(fields, "domain").lower()
    return DeploySettings(
        file=file,
        stack=_stack(fields),
        region=_matching(fields, "region", _optional(fields, "region")),
        sender=_address(fields, "sender", fields.text("sender", _EXAMPLES["sender"])),
        domain=_domain(fields, domain),
        certificate=_certificate(fields),
        public_url=_public_url(fields) or (f"https://{domain}" if domain else ""),
        alarms_to=_address(fields, "alarms_to", _optional(fields, "alarms_to")),
        architecture=_matching(
            fields, "architecture", _optional(fields, "architecture") or "arm64"
        ),
        ses_suppression_list=_matching(
            fields, "ses_suppression_list", _optional(fields, "ses_suppression_list") or "off"
        ),
        limits=_read_limits(fields),
    )


def _optional(fields: Fields, key: str) -> str:
    return fields.text(key, _EXAMPLES[key]) if key in fields.values else ""


def _refuse(fields: Fields, key: str, reason: str, remedy: str = "") -> None:
    fields.add(key, reason, remedy or f'Write: {key} = "{_EXAMPLES[key]}"')


def _matching(fields: Fields, key: str, text: str) -> str:
    """`text`, refused unless it is empty or matches the rule of `key`."""
    pattern, reason = _RULES[key]
    if text and not re.fullmatch(pattern, text):
        _refuse(fields, key, f"“{text}” {reason}.")
    return text


def _stack(fields: Fields) -> str:
    stack = _matching(fields, "stack", _optional(fields, "stack") or "zaklik")
    if stack.startswith(_RESERVED):
        _refuse(fields, "stack", f"AWS keeps names that begin as “{stack}” to itself.")
    return stack


def _address(fields: Fields, key: str, text: str) -> str:
    """`text` if it is one mailbox, with or without a name; "" stays ""."""
    try:
        if text:
            email_address.parse(parseaddr(text)[1])
    except BadAddress as bad:
        _refuse(fields, key, f"“{text}” has no usable email address. {bad.reason.text}")
    return text


def _domain(fields: Fields, domain: str) -> str:
    _matching(fields, "domain", domain)
    if domain and "certificate" not in fields.values:
        _refuse(
            fields,
            "domain",
            "A domain needs a certificate.",
            f"Ask AWS Certificate Manager for one in {CERTIFICATE_REGION}, then write: "
            f'certificate = "{_EXAMPLES["certificate"]}"',
        )
    return domain


def _certificate(fields: Fields) -> str:
    certificate = _optional(fields, "certificate")
    if not certificate:
        return ""
    arn = _CERTIFICATE.fullmatch(certificate)
    if not arn:
        _refuse(fields, "certificate", "This is not the ARN of a certificate.")
    elif arn["region"] != CERTIFICATE_REGION:
        _refuse(
            fields,
            "certificate",
            f"The certificate is in {arn['region']}; CloudFront takes it from "
            f"{CERTIFICATE_REGION} only.",
            f"Ask for one there: choose N. Virginia ({CERTIFICATE_REGION}) in the console.",
        )
    if "domain" not in fields.values:
        remedy = f"Write: domain = {_EXAMPLES['domain']}"
        _refuse(fields, "certificate", "A certificate needs its domain.", remedy)
    return certificate


def _public_url(fields: Fields) -> str:
    url = _optional(fields, "public_url")
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    extras = parts.path or parts.query or parts.fragment
    if url and (extras or not secure or not parts.hostname):
        reason = "visitors need https and a host name, without a path"
        _refuse(fields, "public_url", f"“{url}” is not an address of the service: {reason}.")
    return url


def _read_limits(fields: Fields) -> Mapping[str, int]:
    if _LIMITS not in fields.values:
        return DEFAULT_LIMITS
    part = fields.part(_LIMITS)
    part.refuse_others(tuple(MAX_LIMITS))
    return {name: _limit(part, name) for name in MAX_LIMITS}


def _limit(part: Fields, name: str) -> int:
    limit = part.values.get(name, DEFAULT_LIMITS[name])
    # type(), not isinstance: true and false are whole numbers to Python.
    if type(limit) is int and 1 <= limit <= MAX_LIMITS[name]:
        return limit
    reason = f"“{name}” must be a whole number from 1 to {MAX_LIMITS[name]:,}."
    part.add(name, reason, f"Write: {name} = {DEFAULT_LIMITS[name]}")
    return DEFAULT_LIMITS[name]
