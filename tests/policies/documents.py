"""Policy documents, with names in place of CloudFormation's intrinsic functions."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final

from ops.compiling import ROOT
from ops.local.aws import ACCOUNT, REGION
from ops.local.resources import STACK_NAME, read_template

FOLDER: Final = ROOT / ".chalice"
FUNCTIONS: Final = {
    "api_handler": "web",
    "send_mail": "send-mail",
    "run_job": "run-job",
    "change_records": "change-records",
    "run_export": "run-export",
    "record_feedback": "record-feedback",
    "tally": "tally",
    "every_minute": "every-minute",
    "reconcile": "reconcile",
    "desk": "desk",
}
"""The policy of each function, by the name that Chalice gives the function."""
LOGICAL_IDS: Final = {
    "web": "APIHandler",
    "send-mail": "SendMail",
    "run-job": "RunJob",
    "change-records": "ChangeRecords",
    "run-export": "RunExport",
    "record-feedback": "RecordFeedback",
    "tally": "Tally",
    "every-minute": "EveryMinute",
    "reconcile": "Reconcile",
    "desk": "Desk",
}
"""The logical id of the function of each policy."""
PEOPLE: Final = {
    "exporter": "ExporterPolicy",
    "moderator": "ModeratorPolicy",
    "privacy": "PrivacyPolicy",
    "publisher": "PublisherPolicy",
}
"""The managed policy of each kind of person, by its logical id."""
WEB_FUNCTION: Final = "APIHandler"
SENDER_ADDRESS: Final = "desk@zaklik.example"
LAMBDA_ITSELF: Final = "LambdaItself"
"""The prefix of the Sids of statements for Lambda itself, which uses the function's role."""

_NAMES: Final = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": STACK_NAME,
    "SenderAddress": SENDER_ADDRESS,
}
_STREAM: Final = "stream/2026-01-01T00:00:00.000"
_REFERENCE: Final = re.compile(r"\$\{([^}]+)\}")


class UnknownTerm(Exception):
    """A policy has a term that these tests do not support. The message quotes it."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. A condition maps (operator, request key) to its allowed values."""

    sid: str
    effect: str
    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[tuple[str, str], Sequence[str]]

    @property
    def for_lambda(self) -> bool:
        """Whether Lambda needs this, not the code of the function."""
        return self.sid.startswith(LAMBDA_ITSELF)

    def names(self, action: str, resource: str) -> bool:
        """Whether it names this action on this resource, conditions aside."""
        return any(fnmatchcase(action.lower(), name.lower()) for name in self.actions) and any(
            matches(resource, pattern) for pattern in self.resources
        )


def matches(text: str, pattern: str) -> bool:
    """Whether IAM's pattern fits: `*` is any text, `?` any character, and nothing else is special.

    Fits letter for letter, as ARNs and StringLike do.
    """
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def arn(service: str, resource: str) -> str:
    """The ARN of something in the account and region of the tests."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


@cache
def policies() -> Mapping[str, Sequence[Statement]]:
    """The statements of every function and person, by its name."""
    statements = {
        name: statements_of(json.loads((FOLDER / f"policy-{name}.json").read_text("utf-8")))
        for name in FUNCTIONS.values()
    }
    resources = read_template()["Resources"]
    for name, logical_id in PEOPLE.items():
        statements[name] = statements_of(resources[logical_id]["Properties"]["PolicyDocument"])
    return statements


def functions() -> Mapping[str, Sequence[Statement]]:
    """The statements of every function's role."""
    statements = policies()
    return {name: statements[name] for name in FUNCTIONS.values()}


def statements_of(document: Mapping[str, Any]) -> Sequence[Statement]:
    """The statements of a policy document. Raises UnknownTerm."""
    return [_statement(statement) for statement in document["Statement"]]


def _statement(document: Mapping[str, Any]) -> Statement:
    unknown = document.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}
    if unknown:
        raise UnknownTerm(f"{document['Sid']}: {unknown}")
    return Statement(
        sid=document["Sid"],
        effect=document["Effect"],
        actions=_listed(document["Action"]),
        resources=[resolved(value) for value in _listed(document["Resource"])],
        conditions={
            (operator, key): [resolved(value) for value in _listed(values)]
            for operator, keys in document.get("Condition", {}).items()
            for key, values in keys.items()
        },
    )


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def resolved(value: Any) -> str:
    """The value in a stack of the default name. Raises UnknownTerm."""
    match value:
        case str():
            return value
        case {"Ref": str(name)} if name in _NAMES:
            return _NAMES[name]
        case {"Fn::Sub": str(text)}:
            return _REFERENCE.sub(lambda match: _referred(match[1]), text)
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return _attribute(logical_id, attribute)
        case _:
            raise UnknownTerm(repr(value))


def _referred(name: str) -> str:
    """What `${name}` stands for in a text: a name of the stack, or `Resource.Attribute`."""
    logical_id, dot, attribute = name.partition(".")
    return _attribute(logical_id, attribute) if dot else _NAMES[name]


def _attribute(logical_id: str, attribute: str) -> str:
    resource = read_template()["Resources"][logical_id]
    match resource.get("Type"), attribute:
        case "AWS::DynamoDB::Table", "Arn":
            return arn("dynamodb", f"table/{resolved(resource['Properties']['TableName'])}")
        case "AWS::DynamoDB::Table", "StreamArn":
            return f"{_attribute(logical_id, 'Arn')}/{_STREAM}"
        case "AWS::SQS::Queue", "Arn":
            return arn("sqs", resolved(resource["Properties"]["QueueName"]))
        case "AWS::S3::Bucket", "Arn":
            # CloudFormation generates its name; the local service's is this.
            return f"arn:aws:s3:::{STACK_NAME}-{logical_id.lower()}"
        case None, "Arn" if logical_id == WEB_FUNCTION:
            # Chalice defines it; the template only adds to it.
            return arn("lambda", f"function:{STACK_NAME}-{logical_id}")
        case _:
            raise UnknownTerm(f"{logical_id}.{attribute}")
