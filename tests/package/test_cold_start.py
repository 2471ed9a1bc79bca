"""What each function imports, from the start of its process to the end of its first event.

The first visitor after a pause waits for every import. A new name in these sets is a decision.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests import builders
from tests.event_delivery import schedule_event
from tests.package.packaged_service import HANDLERS, PackagedService, proxy_event

_RUN: Final = """
import importlib, json, sys
from types import SimpleNamespace
module, _, name = sys.argv[1].rpartition(".")
function = getattr(importlib.import_module(module), name)
answer = function(json.load(sys.stdin), SimpleNamespace(aws_request_id="1"))
assert (answer or {}).get("statusCode", 200) == 200, answer
print(json.dumps(sorted(sys.modules)))
"""
_HEAVY: Final = (
    "asyncio", "cryptography.hazmat.primitives.hpke", "email_validator", "idna", "sqlite3",
    "unittest", "urllib.request", "xml.etree",
)  # fmt: skip
"""Modules of which people are surprised what they cost, or that only some functions need."""
COMMON: Final = {
    "boto3", "botocore", "chalice", "dateutil", "jmespath", "s3transfer", "six", "urllib3",
}  # fmt: skip
"""Every function speaks to AWS, by boto3, which imports s3transfer in any case."""
PAGE: Final = COMMON | {"jinja2", "markupsafe", "nh3"}
COMMON_HEAVY: Final = {"urllib.request", "xml.etree"}
_OURS: Final = {"app", "chalicelib"}


def imported(
    service: PackagedService, package: Path, handler: str, event: Mapping[str, Any]
) -> set[str]:
    """The modules of a process that has answered one event, of the package or of Python."""
    ran = subprocess.run(
        [sys.executable, "-S", "-c", _RUN, handler],
        cwd=package,
        env={
            **service.environment(handler),
            "PYTHONPATH": str(package),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


def third_parties(modules: set[str], package: Path) -> set[str]:
    """Top-level packages of the zip that are not ours."""
    tops = {name.partition(".")[0] for name in modules} - _OURS
    return {top for top in tops if any((package / f"{top}{end}").exists() for end in ("", ".py"))}


def heavy(modules: set[str]) -> set[str]:
    return modules & set(_HEAVY)


def test_the_petition_page_imports_what_it_needs_and_no_cryptography(
    service: PackagedService, unpacked: Path
) -> None:
    event = proxy_event("GET", "/{language}/{slug}", {"language": "en", "slug": "open-door"})

    modules = imported(service, unpacked, "app.app", event)

    assert third_parties(modules, unpacked) == PAGE
    assert heavy(modules) == COMMON_HEAVY


def test_the_page_about_sharing_imports_what_draws_codes_as_well(
    service: PackagedService, unpacked: Path
) -> None:
    parameters = {"language": "en", "slug": "open-door"}
    event = proxy_event("GET", "/{language}/{slug}/share", parameters)

    modules = imported(service, unpacked, "app.app", event)

    assert third_parties(modules, unpacked) - PAGE == {"segno"}


def test_a_form_imports_what_checks_addresses_and_what_seals_as_well(
    service: PackagedService, unpacked: Path
) -> None:
    fields = builders.sign_form(name="Ada", email="ada@example.org")
    parameters = {"language": "en", "slug": "open-door"}
    event = proxy_event("POST", "/{language}/{slug}/sign", parameters, fields)

    modules = imported(service, unpacked, "app.app", event)

    assert third_parties(modules, unpacked) - PAGE == {
        "cryptography",
        "email_validator",
        "idna",
    }
    assert heavy(modules) - COMMON_HEAVY == {
        "cryptography.hazmat.primitives.hpke",
        "email_validator",
        "idna",
    }


@pytest.mark.parametrize("name", ["every_minute", "reconcile"])
def test_the_clock_imports_what_speaks_to_aws_and_no_templates(
    service: PackagedService, unpacked: Path, name: str
) -> None:
    modules = imported(service, unpacked, HANDLERS[name], schedule_event())

    assert third_parties(modules, unpacked) == COMMON
    assert heavy(modules) == COMMON_HEAVY


def test_the_tally_imports_what_speaks_to_aws_and_no_templates(
    service: PackagedService, unpacked: Path
) -> None:
    modules = imported(service, unpacked, HANDLERS["tally"], _no_records())

    assert third_parties(modules, unpacked) == COMMON
    assert heavy(modules) == COMMON_HEAVY


def _no_records() -> dict[str, Any]:
    """The last event of a tumbling window, which has no record."""
    return {
        "Records": [],
        "window": {"start": "2026-03-08T12:00:00Z", "end": "2026-03-08T12:01:00Z"},
        "state": {},
        "shardId": "shardId-00000001541626099285-f35f62ef",
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/s/stream/x",
        "isFinalInvokeForWindow": True,
        "isWindowTerminatedEarly": False,
    }
