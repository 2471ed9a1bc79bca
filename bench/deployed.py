"""What the template and Chalice's settings say of the stack, where figures depend on it."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from ops.compiling import ROOT

_SETTINGS: Final = ROOT / ".chalice" / "config.json"
_TEMPLATE: Final = ROOT / ".chalice" / "resources.json"
_STAGE: Final = "dev"
_ALARM: Final = "AWS::CloudWatch::Alarm"


def memory(function: str) -> int:
    """Megabytes of a function, by its name in Chalice's settings."""
    settings = _read(_SETTINGS)
    own = settings["stages"][_STAGE]["lambda_functions"].get(function, {})
    return int(own.get("lambda_memory_size", settings["lambda_memory_size"]))


def alarm_count() -> int:
    """How many alarms are paid for each month."""
    return sum(resource.get("Type") == _ALARM for resource in _resources().values())


def polled_queue_count() -> int:
    """Queues that Lambda asks for messages, day and night."""
    return sum(
        "Queue" in event["Properties"]
        for resource in _resources().values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
    )


def mail_concurrency() -> int:
    """Single mails that are sent at once, unless the operator says otherwise."""
    return int(_read(_TEMPLATE)["Parameters"]["MailConcurrency"]["Default"])


def mail_patience() -> tuple[int, int]:
    """Seconds after which a mail that was not taken is tried again, and how many tries it has."""
    queue = _resources()["MailQueue"]["Properties"]
    return int(queue["VisibilityTimeout"]), int(queue["RedrivePolicy"]["maxReceiveCount"])


def _resources() -> dict[str, Any]:
    resources: dict[str, Any] = _read(_TEMPLATE)["Resources"]
    return resources


@cache
def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read
