"""Which files of the wheels stay out of the package, each kind with its reason.

The functions are run from the pruned package by the tests, so a rule that takes too much shows.
"""

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
_ENDPOINTS: Final = "botocore/data/endpoints.json"
_SIGNING_NAMES: Final = {"sesv2": "email"}
"""Services that the list of endpoints calls by another name (`endpointPrefix`)."""

RULES: Final = (
    _rule(rf"botocore/data/(?!({_USED})/)[^/]+/", "botocore describes 400 services"),
    _rule(r"botocore/data/dynamodb/2011-12-05/", "the API before this one"),
    _rule(r"botocore/data/.*/(examples|waiters)-\d\.json", "for manuals, and for waiting"),
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


def narrow_endpoints(files: Path) -> None:
    """Keep, of botocore's list of endpoints in the folder `files`, only services that we use.

    It is read whole when the first client is made, which takes a tenth of the page's cold start.
    A note beside it says that it was changed, as its licence asks (Apache License 2.0, section 4b).
    """
    path = files / _ENDPOINTS
    listed: dict[str, Any] = json.loads(path.read_text("utf-8"))
    names = {_SIGNING_NAMES.get(service, service) for service in SERVICES}
    for partition in listed["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in names}
    path.write_text(json.dumps(listed, separators=(",", ":")), "utf-8")
    note = (
        f"endpoints.json was changed by Zaklik: of its services, {', '.join(sorted(names))} stay.\n"
    )
    path.with_name("CHANGES.txt").write_text(note, "utf-8")
