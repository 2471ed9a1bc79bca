"""Whether the certificate lets CloudFront answer for the domain."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ops.deploy.account import Account
from ops.deploy.findings import Finding, fault, ok
from ops.deploy.settings import CERTIFICATE_REGION, DeploySettings

if TYPE_CHECKING:
    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef


def check_certificate(account: Account, settings: DeploySettings) -> Iterator[Finding]:
    """One finding; none without a domain."""
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
    yield judge(described["Certificate"], settings.domain)


def judge(certificate: "CertificateDetailTypeDef", domain: str) -> Finding:
    """Whether it is issued, and for this domain."""
    status = certificate.get("Status", "unknown")
    if status == "PENDING_VALIDATION":
        wanted = [
            f"{record['Name']} {record['Type']} {record['Value']}"
            for option in certificate.get("DomainValidationOptions", [])
            if (record := option.get("ResourceRecord"))
        ]
        return fault(
            "The certificate waits for proof that the domain is yours.",
            "\n".join(["Set in DNS, then wait some minutes:", *wanted]),
        )
    if status != "ISSUED":
        return fault(
            f"The certificate cannot be used: it is {status.replace('_', ' ').lower()}.",
            f"Ask for a new one in {CERTIFICATE_REGION} and write its ARN into deploy.toml.",
        )
    if not covers(certificate.get("SubjectAlternativeNames", []), domain):
        return fault(
            f"The certificate is not for {domain}.",
            f"Ask for one for {domain} in {CERTIFICATE_REGION}.",
        )
    return ok(f"The certificate for {domain} is issued.")


def covers(names: Iterable[str], domain: str) -> bool:
    """Whether one of the certificate's names is the domain, or a star for its first label."""
    starred = f"*.{domain.partition('.')[2]}"
    return any(name.lower() in (domain, starred) for name in names)
