"""What a change set would do, in plain words. Pure: no AWS in here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ops.terminal import console


class Effect(StrEnum):
    """What happens to a resource, in the order in which it is told."""

    MADE = "made"
    CHANGED = "changed"
    REPLACED = "replaced"
    REMOVED = "removed"


_KINDS: Final = {
    "AWS::DynamoDB::Table": "table",
    "AWS::SQS::Queue": "queue",
    "AWS::SQS::QueuePolicy": "permission",
    "AWS::S3::Bucket": "bucket",
    "AWS::S3::BucketPolicy": "permission",
    "AWS::Lambda::Function": "function",
    "AWS::Lambda::Permission": "permission",
    "AWS::Lambda::EventSourceMapping": "event source",
    "AWS::Lambda::EventInvokeConfig": "function setting",
    "AWS::IAM::Role": "role",
    "AWS::IAM::Policy": "permission",
    "AWS::IAM::ManagedPolicy": "permission",
    "AWS::ApiGateway::RestApi": "web interface",
    "AWS::ApiGateway::Deployment": "version of the web interface",
    "AWS::ApiGateway::Stage": "stage of the web interface",
    "AWS::ApiGateway::Account": "setting of the web interface",
    "AWS::CloudFront::Distribution": "CDN distribution",
    "AWS::CloudFront::CachePolicy": "CDN setting",
    "AWS::CloudFront::OriginRequestPolicy": "CDN setting",
    "AWS::CloudFront::ResponseHeadersPolicy": "CDN setting",
    "AWS::SES::ConfigurationSet": "mail setting",
    "AWS::SES::ConfigurationSetEventDestination": "mail setting",
    "AWS::SES::EmailIdentity": "mail identity",
    "AWS::Events::Rule": "rule for events",
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::CloudWatch::CompositeAlarm": "alarm",
    "AWS::SNS::Topic": "alarm topic",
    "AWS::SNS::TopicPolicy": "permission",
    "AWS::SNS::Subscription": "alarm subscription",
    "AWS::Logs::LogGroup": "log group",
    "AWS::Logs::MetricFilter": "log filter",
    "AWS::SSM::Parameter": "parameter",
}
_PLURALS: Final = {
    "CDN distribution": "CDN distributions",
    "mail identity": "mail identities",
    "rule for events": "rules for events",
    "version of the web interface": "versions of the web interface",
    "stage of the web interface": "stages of the web interface",
    "setting of the web interface": "settings of the web interface",
}
_HOLDS_DATA: Final = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket"})
_EFFECTS: Final = {"Add": Effect.MADE, "Import": Effect.MADE, "Remove": Effect.REMOVED}
_OF_EACH_DEPLOYMENT: Final = frozenset({"AWS::ApiGateway::Deployment", "AWS::Lambda::Permission"})
"""Chalice and SAM make these anew whenever what they belong to changes; nobody notices."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource that a change set touches. `name` is its logical id."""

    name: str
    type: str
    effect: Effect
    perhaps: bool = False
    """CloudFormation will know only when it is there whether it replaces it."""

    @property
    def kind(self) -> str:
        """What people call such a thing."""
        return _KINDS.get(self.type) or self.type.rpartition("::")[2]

    @property
    def is_loud(self) -> bool:
        """Whether a person is asked first: something goes that may be missed."""
        return (
            self.effect in (Effect.REPLACED, Effect.REMOVED)
            and self.type not in _OF_EACH_DEPLOYMENT
        )


def read_changes(described: Iterable[Any]) -> Sequence[Change]:
    """The `Changes` of DescribeChangeSet."""
    return [_read(each["ResourceChange"]) for each in described if each.get("Type") == "Resource"]


def _read(change: Any) -> Change:
    replacement = change.get("Replacement", "False")
    effect = _EFFECTS.get(change["Action"], Effect.CHANGED)
    perhaps = effect is Effect.CHANGED and replacement == "Conditional"
    if effect is Effect.CHANGED and replacement == "True":
        effect = Effect.REPLACED
    return Change(
        name=change["LogicalResourceId"],
        type=change["ResourceType"],
        effect=effect,
        perhaps=perhaps,
    )


def in_words(changes: Sequence[Change]) -> Sequence[str]:
    """One line an effect, resources counted by kind; what is replaced or removed is named."""
    lines = []
    for effect in Effect:
        touched = [change for change in changes if change.effect is effect]
        if touched:
            kinds = Counter(change.kind for change in touched)
            counted = [_counted(count, kind) for kind, count in sorted(kinds.items())]
            lines.append(f"{effect}: {', '.join(counted)}")
    return lines


def warnings(changes: Sequence[Change]) -> Sequence[str]:
    """A line for each change that a person should see by name."""
    lines = []
    for change in changes:
        if change.is_loud:
            words = f"{change.name} ({change.kind}) will be {change.effect.upper()}."
            lines.append(words + _about_data(change))
        elif change.perhaps and change.type in _HOLDS_DATA:
            lines.append(f"{change.name} ({change.kind}) may be replaced.{_about_data(change)}")
    return lines


def _about_data(change: Change) -> str:
    if change.type not in _HOLDS_DATA:
        return ""
    return " The old one is kept with all that is in it, but the service will no longer see it."


def _counted(count: int, kind: str) -> str:
    if count == 1:
        return f"1 {kind}"
    return f"{count:,} {_PLURALS[kind]}" if kind in _PLURALS else console.counted(count, kind)
