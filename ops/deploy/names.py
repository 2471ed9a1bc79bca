"""What things of a stack are called: the contract between the template and these commands."""

from typing import Final

TABLES: Final = ("signatures", "subscribers", "petitions")
TABLE_RESOURCES: Final = ("SignaturesTable", "SubscribersTable", "PetitionsTable")
BUCKET_RESOURCE: Final = "ExportBucket"
DISTRIBUTION_DOMAIN: Final = "DistributionDomain"
WEB_FUNCTION: Final = "APIHandlerName"
API: Final = "EndpointURL"


def secrets_path(stack: str) -> str:
    """Where the secrets lie in Parameter Store."""
    return f"/{stack}"


def tables(stack: str) -> tuple[str, ...]:
    """The names of the three tables."""
    return tuple(f"{stack}-{table}" for table in TABLES)


def artifacts_bucket(stack: str, account_id: str, region: str) -> str:
    """The bucket of packages and templates; S3 wants a name that nobody else in the world has."""
    return f"{stack}-artifacts-{account_id}-{region}"


def log_groups(stack: str) -> str:
    """What the names of all log groups begin with."""
    return f"/zaklik/{stack}/"
