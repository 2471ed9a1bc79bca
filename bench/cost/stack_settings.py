"""What the template and Chalice's settings say of the stack, where figures depend on it."""

import json
from typing import Any, Final

from ops.compiling import ROOT
from ops.local.resources import read_template

_CHALICE: Final = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
_TEMPLATE: Final = read_template()
_RESOURCES: Final[dict[str, Any]] = _TEMPLATE["Resources"]


def memory_gb(function: str) -> float:
    """Memory of a function, by its name in Chalice's settings."""
    own = _CHALICE["stages"]["dev"]["lambda_functions"].get(function, {})
    return int(own.get("lambda_memory_size", _CHALICE["lambda_memory_size"])) / 1024


def alarm_count() -> int:
    """Alarms, which are charged each month."""
    kinds = [resource.get("Type") for resource in _RESOURCES.values()]
    return kinds.count("AWS::CloudWatch::Alarm")


def polled_queue_count() -> int:
    """Queues that Lambda asks for messages, day and night."""
    return sum(
        "Queue" in event["Properties"]
        for resource in _RESOURCES.values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
    )


def mail_concurrency() -> int:
    """Single mails that are sent at once, by the template's default."""
    return int(_TEMPLATE["Parameters"]["MailConcurrency"]["Default"])


def alert_concurrency() -> int:
    """Jobs of alerts that run at once, by the template's default."""
    return int(_TEMPLATE["Parameters"]["AlertConcurrency"]["Default"])
