"""The rules of the template that put SES's events on the feedback queue, as EventBridge does."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from moto.events.models import EventPattern

from ops.local.resources import STACK_NAME, read_template

_VARIABLE: Final = re.compile(r"<(\w+)>")
_CONFIGURATION_SET: Final = {"Ref": "MailConfiguration"}


class EventRules:
    """Every rule for events of SES: its pattern, and what its target gets of an event."""

    def __init__(self) -> None:
        rules = [
            resource["Properties"]
            for resource in read_template()["Resources"].values()
            if resource.get("Type") == "AWS::Events::Rule"
        ]
        self._rules = [
            (EventPattern(None, _resolved(rule["EventPattern"])), target["InputTransformer"])
            for rule in rules
            if "EventPattern" in rule
            for target in rule["Targets"]
        ]

    def messages(self, event: Mapping[str, Any]) -> Iterator[str]:
        """What the rules make of an event: a message for each rule that it matches."""
        for pattern, transformer in self._rules:
            if pattern.matches_event(event):  # type: ignore[arg-type]  # moto names every field
                yield _transformed(event, transformer)


def _transformed(event: Mapping[str, Any], transformer: Mapping[str, Any]) -> str:
    """The template with the values of its variables. Raises KeyError where the event has none."""
    paths = transformer["InputPathsMap"]
    return _VARIABLE.sub(
        lambda match: json.dumps(_value(event, paths[match[1]])), transformer["InputTemplate"]
    )


def _value(event: Any, path: str) -> Any:
    """The value at a path in JSON's dot notation."""
    for name in path.removeprefix("$.").split("."):
        event = event[name]
    return event


def _resolved(pattern: Any) -> Any:
    """A pattern with the name of the configuration set in place of the reference to it."""
    if pattern == _CONFIGURATION_SET:
        return STACK_NAME
    if isinstance(pattern, dict):
        return {name: _resolved(part) for name, part in pattern.items()}
    return [_resolved(part) for part in pattern] if isinstance(pattern, list) else pattern
