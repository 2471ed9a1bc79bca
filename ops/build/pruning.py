"""Which files of the wheels stay out of the package, each kind with its reason.

The functions are run from the pruned package by the tests, so a rule that takes too much shows.
"""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SERVICES: Final = frozenset({"dynamodb", "sesv2", "sqs", "ssm"})
"""The AWS services whose clients `chalicelib/wiring.py` makes; a test holds them together."""


@dataclass(frozen=True)
class Rule:
    """Files whose path in the package `pattern` matches stay out, because of `reason`."""

    pattern: re.Pattern[str]
    reason: str


def _rule(pattern: str, reason: str) -> Rule:
    return Rule(re.compile(pattern), reason)


_OURS: Final = re.compile(r"(app\.py$|chalice/|chalicelib/)")
_USED: Final = "|".join(sorted(SERVICES))
_DATA: Final = "botocore/data"
_SIGNING_NAMES: Final = {"sesv2": "email"}
"""Services that the list of endpoints calls by another name (`endpointPrefix`)."""

RULES: Final = (
    _rule(rf"botocore/data/(?!({_USED})/)[^/]+/", "botocore describes 400 services"),
    _rule(r"botocore/data/dynamodb/2011-12-05/", "the API before this one"),
    _rule(r"botocore/data/.*/(examples|waiters)-\d\.json", "for manuals, and for waiting"),
    _rule(r"boto3/data/", "for resources, which nobody makes"),
    _rule(r"(dns|dnspython-[^/]+\.dist-info)/", "for asking whether a domain takes mail"),
    _rule(r"(cffi|pycparser|pycparser-[^/]+\.dist-info)/", "for building; _cffi_backend runs"),
    _rule(r"dateutil/zoneinfo/", "a copy of the time zones, where a system has none"),
    _rule(r"urllib3/contrib/emscripten/", "for browsers"),
    _rule(r"bin/", "commands"),
    _rule(r"(.*/)?tests?/", "tests of others"),
    _rule(r".*\.(pyi|c|h|pyx|pxd|typed)$", "for compilers and type checkers"),
    _rule(r"(?!.*\.dist-info/).*\.(rst|md)$", "for readers"),
    _rule(
        r"[^/]+\.dist-info/(RECORD|WHEEL|INSTALLER|REQUESTED|direct_url\.json|entry_points\.txt"
        r"|top_level\.txt|zip-safe)$",
        "for installers",
    ),
    _rule(r"(.*/)?__pycache__/", "byte code of another date"),
)


def kept(names: Iterable[str]) -> list[str]:
    """Those of the files that go into the package, sorted. Ours all do, but for byte code."""
    return sorted(name for name in names if reason_to_drop(name) is None)


def reason_to_drop(name: str) -> str | None:
    """Why the file at this path in the package stays out; None: it stays in."""
    if _OURS.match(name) and "__pycache__" not in name:
        return None
    return next((rule.reason for rule in RULES if rule.pattern.match(name)), None)


def narrow_data(files: Path) -> None:
    """Shorten what botocore reads before it makes a client, below the folder `files`.

    Of its list of endpoints, services that we use stay; of its descriptions of services, all but
    the manuals. A note beside them says so, as their licence asks (Apache License 2.0, section 4b).
    """
    data = files / _DATA
    _narrow_endpoints(data / "endpoints.json")
    for path in sorted(data.rglob("service-2.json.gz")):
        description = json.loads(gzip.decompress(path.read_bytes()), object_hook=_without_manual)
        # Not compressed once more: the package is.
        path.with_suffix("").write_text(json.dumps(description, separators=(",", ":")), "utf-8")
        path.unlink()
    (data / "CHANGES.txt").write_text(
        "Changed by Zaklik: endpoints.json names fewer services; service-2.json has no manuals.\n",
        "utf-8",
    )


def _narrow_endpoints(path: Path) -> None:
    listed: dict[str, Any] = json.loads(path.read_text("utf-8"))
    names = {_SIGNING_NAMES.get(service, service) for service in SERVICES}
    for partition in listed["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in names}
    path.write_text(json.dumps(listed, separators=(",", ":")), "utf-8")


def _without_manual(described: dict[str, Any]) -> dict[str, Any]:
    """Without the text that is a manual; a member of a shape may have that name, too."""
    return {
        name: value
        for name, value in described.items()
        if not (name == "documentation" and isinstance(value, str))
    }
