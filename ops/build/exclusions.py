"""Files of the wheels that stay out of the package, each kind with its reason.

Tests run the functions from the finished package, so a rule that excludes too much shows.
"""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SERVICES: Final = frozenset({"dynamodb", "s3", "sesv2", "sqs", "ssm"})
"""The AWS services whose clients `chalicelib/wiring.py` makes; a test compares both."""


@dataclass(frozen=True)
class Exclusion:
    """Files whose path in the package matches `pattern` stay out, because of `reason`."""

    pattern: re.Pattern[str]
    reason: str


def _exclusion(pattern: str, reason: str) -> Exclusion:
    return Exclusion(re.compile(pattern), reason)


_OURS: Final = re.compile(r"(app\.py$|chalice/|chalicelib/)")
_SERVICE_NAMES: Final = "|".join(sorted(SERVICES))
_DATA: Final = "botocore/data"
_SIGNING_NAMES: Final = {"sesv2": "email"}
"""Services that the list of endpoints calls by another name (`endpointPrefix`)."""

EXCLUSIONS: Final = (
    _exclusion(rf"botocore/data/(?!({_SERVICE_NAMES})/)[^/]+/", "botocore describes 400 services"),
    _exclusion(r"botocore/data/dynamodb/2011-12-05/", "the API before this one"),
    _exclusion(r"botocore/data/.*/(examples|waiters)-\d\.json", "for manuals, and for waiting"),
    _exclusion(r"boto3/data/", "for resources, which we do not make"),
    _exclusion(r"(dns|dnspython-[^/]+\.dist-info)/", "for asking whether a domain takes mail"),
    _exclusion(r"(cffi|pycparser|pycparser-[^/]+\.dist-info)/", "for building; _cffi_backend runs"),
    _exclusion(r"dateutil/zoneinfo/", "a copy of the time zones, where a system has none"),
    _exclusion(r"urllib3/contrib/emscripten/", "for browsers"),
    _exclusion(r"bin/", "commands"),
    _exclusion(r"(.*/)?tests?/", "tests of libraries"),
    _exclusion(r".*\.(pyi|c|h|pyx|pxd|typed)$", "for compilers and type checkers"),
    _exclusion(r"(?!.*\.dist-info/).*\.(rst|md)$", "for readers"),
    _exclusion(
        r"[^/]+\.dist-info/(RECORD|WHEEL|INSTALLER|REQUESTED|direct_url\.json|entry_points\.txt"
        r"|top_level\.txt|zip-safe)$",
        "for installers",
    ),
    _exclusion(r"(.*/)?__pycache__/", "byte code of another date"),
)


def included(names: Iterable[str]) -> list[str]:
    """The files that go into the package, sorted: all of ours, except byte code."""
    return sorted(name for name in names if reason_to_exclude(name) is None)


def reason_to_exclude(name: str) -> str | None:
    """Why the file at this path stays out of the package; None if it goes in."""
    if _OURS.match(name) and "__pycache__" not in name:
        return None
    return next((each.reason for each in EXCLUSIONS if each.pattern.match(name)), None)


def shorten_botocore_data(files: Path) -> None:
    """Shorten the data files that botocore reads before it makes a client, below folder `files`.

    The list of endpoints keeps the services that we use; the descriptions of services lose their
    manuals. A note beside them says so, as the Apache License 2.0 asks (section 4b).
    """
    data = files / _DATA
    _shorten_endpoints(data / "endpoints.json")
    for path in sorted(data.rglob("service-2.json.gz")):
        description = json.loads(gzip.decompress(path.read_bytes()), object_hook=_without_manual)
        for parameter in description.get("clientContextParams", {}).values():
            # botocore does not make a client of S3 without it.
            parameter["documentation"] = ""
        # Not compressed again: the package is.
        path.with_suffix("").write_text(json.dumps(description, separators=(",", ":")), "utf-8")
        path.unlink()
    (data / "CHANGES.txt").write_text(
        "Changed by Zaklik: endpoints.json names fewer services; service-2.json has no manuals.\n",
        "utf-8",
    )


def _shorten_endpoints(path: Path) -> None:
    endpoints: dict[str, Any] = json.loads(path.read_text("utf-8"))
    names = {_SIGNING_NAMES.get(service, service) for service in SERVICES}
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in names}
    path.write_text(json.dumps(endpoints, separators=(",", ":")), "utf-8")


def _without_manual(description: dict[str, Any]) -> dict[str, Any]:
    """Without the text of the manual; a member of a shape may have that name, too."""
    return {
        name: value
        for name, value in description.items()
        if not (name == "documentation" and isinstance(value, str))
    }
