"""deploy.toml: what the operator decides about one stack, read, or refused with reasons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from chalicelib.domain import email_address
from chalicelib.domain.email_address import BadAddress
from chalicelib.domain.fields import Fields
from ops.content.source_map import SourceMap
from ops.content.toml_reader import read_toml
from ops.deploy import limits
from ops.errors import CannotContinue, NotReady
from ops.terminal.command_hint import command

FILE: Final = Path("deploy.toml")
CERTIFICATE_REGION: Final = "us-east-1"
"""CloudFront takes certificates from there only (CloudFront developer guide, "Requirements")."""
ARCHITECTURES: Final = ("arm64", "x86_64")
EXAMPLE: Final = """\
# What `zaklik deploy` puts on AWS. One line is needed, the others are offers.
sender = "Petition desk <desk@example.org>"   # neutral; its domain is, or will be, verified in SES

# region = "eu-central-1"                     # else the one of your AWS profile
# domain = "call.example.org"                 # else visitors come by CloudFront's own name
# certificate = "arn:aws:acm:us-east-1:…"     # for that domain; always in us-east-1
# alarms_to = "operator@example.org"          # who gets a mail when something is wrong
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
}
_STACK: Final = re.compile(r"[a-z][a-z0-9-]{0,23}")
"""What CloudFormation takes, narrowed so that buckets can begin with it: 63 characters in all."""
_RESERVED: Final = ("aws", "ssm")
"""Parameter Store refuses paths that begin so."""
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_HOST: Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]+")
_CERTIFICATE: Final = re.compile(r"arn:aws:acm:(?P<region>[a-z0-9-]+):\d{12}:certificate/\S+")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, kw_only=True)
class DeploySettings:
    """What deploy.toml says. Text that is not set is empty; `limits` are all there, by name."""

    file: Path
    stack: str
    region: str
    sender: str
    domain: str
    certificate: str
    public_url: str
    alarms_to: str
    architecture: str
    limits: Mapping[str, int]

    @property
    def sender_address(self) -> str:
        """The bare address of `sender`."""
        return parseaddr(self.sender)[1]

    @property
    def sender_header(self) -> str:
        """`sender` as it stands in mails: a name beyond ASCII is encoded (RFC 2047)."""
        return formataddr(parseaddr(self.sender))

    @property
    def alarms_address(self) -> str:
        """The bare address of `alarms_to`: SNS takes no name with it."""
        return parseaddr(self.alarms_to)[1]

    @property
    def sender_domain(self) -> str:
        """What stands behind its @."""
        return self.sender_address.rpartition("@")[2].lower()


def read_settings(file: Path) -> DeploySettings:
    """Read `file`. Raises CannotContinue when there is none, NotReady with all that is wrong."""
    if not file.exists():
        raise CannotContinue(
            f"There is no {file}. Copy these lines into it and change them:\n\n{EXAMPLE}\n"
            f"Then: {command('deploy check')}"
        )
    source = SourceMap()
    sheet = Fields(values=read_toml(file, source), errors=[])
    read = _read(file, sheet)
    if problems := source.problems(sheet.errors):
        raise NotReady(problems)
    return read


def _read(file: Path, sheet: Fields) -> DeploySettings:
    sheet.refuse_others((*_EXAMPLES, limits.PART))
    domain = _optional(sheet, "domain").lower()
    return DeploySettings(
        file=file,
        stack=_stack(sheet),
        region=_region(sheet),
        sender=_address(sheet, "sender", sheet.text("sender", _EXAMPLES["sender"])),
        domain=_domain(sheet, domain),
        certificate=_certificate(sheet, domain),
        public_url=_public_url(sheet, domain),
        alarms_to=_address(sheet, "alarms_to", _optional(sheet, "alarms_to")),
        architecture=_architecture(sheet),
        limits=limits.read_limits(sheet),
    )


def _optional(sheet: Fields, key: str) -> str:
    return sheet.text(key, _EXAMPLES[key]) if key in sheet.values else ""


def _write(key: str) -> str:
    return f'Write: {key} = "{_EXAMPLES[key]}"'


def _stack(sheet: Fields) -> str:
    stack = _optional(sheet, "stack") or "zaklik"
    if not _STACK.fullmatch(stack):
        sheet.add(
            "stack",
            f"“{stack}” cannot be a stack's name: up to 24 small letters, digits and dashes, "
            "a letter first.",
            _write("stack"),
        )
    elif stack.startswith(_RESERVED):
        sheet.add("stack", f"AWS keeps names that begin as “{stack}” to itself.", _write("stack"))
    return stack


def _region(sheet: Fields) -> str:
    region = _optional(sheet, "region")
    if region and not _REGION.fullmatch(region):
        sheet.add("region", f"“{region}” is not an AWS region.", _write("region"))
    return region


def _address(sheet: Fields, key: str, text: str) -> str:
    """`text` if it is one mailbox, with or without a name; "" stays ""."""
    if not text:
        return ""
    try:
        email_address.parse(parseaddr(text)[1])
    except BadAddress as bad:
        sheet.add(key, f"“{text}” has no usable email address. {bad.reason.text}", _write(key))
    return text


def _domain(sheet: Fields, domain: str) -> str:
    if domain and not _HOST.fullmatch(domain):
        sheet.add("domain", f"“{domain}” is not a domain name.", _write("domain"))
    if domain and "certificate" not in sheet.values:
        sheet.add(
            "domain",
            "A domain needs a certificate.",
            f"Ask AWS Certificate Manager for one in {CERTIFICATE_REGION}, then write: "
            f'certificate = "{_EXAMPLES["certificate"]}"',
        )
    return domain


def _certificate(sheet: Fields, domain: str) -> str:
    certificate = _optional(sheet, "certificate")
    if not certificate:
        return ""
    found = _CERTIFICATE.fullmatch(certificate)
    if not found:
        sheet.add("certificate", "This is not the ARN of a certificate.", _write("certificate"))
    elif found["region"] != CERTIFICATE_REGION:
        sheet.add(
            "certificate",
            f"The certificate lies in {found['region']}; CloudFront takes it from "
            f"{CERTIFICATE_REGION} only.",
            f"Ask for one there: choose N. Virginia ({CERTIFICATE_REGION}) in the console.",
        )
    if not domain and "domain" not in sheet.values:
        sheet.add("certificate", "A certificate needs its domain.", _write("domain"))
    return certificate


def _public_url(sheet: Fields, domain: str) -> str:
    url = _optional(sheet, "public_url")
    parts = urlsplit(url)
    if not url:
        return f"https://{domain}" if domain else ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname or parts.path or parts.query or parts.fragment:
        sheet.add(
            "public_url",
            f"“{url}” is not an address that visitors can come to: https, a name, nothing behind.",
            _write("public_url"),
        )
    return url


def _architecture(sheet: Fields) -> str:
    architecture = _optional(sheet, "architecture") or ARCHITECTURES[0]
    if architecture not in ARCHITECTURES:
        sheet.add(
            "architecture",
            f"“{architecture}” is not a processor that Lambda has.",
            f"Known: {', '.join(ARCHITECTURES)}.",
        )
    return architecture
