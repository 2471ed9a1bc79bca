"""What AWS does and the engine does not, and what the tests do instead."""

from collections.abc import Mapping
from typing import Final

from tests.e2e.drivers import role_policies
from tests.e2e.drivers.deployed_stack import FUNCTIONS, DeployedStack
from tests.e2e.drivers.role_policies import Statement

ENGINE_GAPS: Final[Mapping[str, str]] = {
    "No arm64 processor: functions run on the processor of this machine.": (
        "The package is built for it; a test compares it with the one for arm64."
    ),
    "CloudFront fetches nothing from API Gateway, caches nothing, and has no TLS.": (
        "A proxy follows the deployed distribution, behaviour by behaviour: origin, path, secret "
        "header, headers and cookies that its origin request policy forwards, methods, no query "
        "strings."
    ),
    "API Gateway does not import gateway responses: an unknown path is its own 403.": (
        "The status is checked; a test reads the page of the template."
    ),
    "API Gateway does not read an API's binary types, and leaves a picture in base64.": (
        "The proxy is seen to ask for it by its type, and its base64 is read."
    ),
    "SES verifies a stack's domain at once, and gives no DKIM records to set for it.": (
        "The identity is looked at; the printing of its records has a test."
    ),
    "A number in a parameter stays text, and the engine polls no queue with it.": (
        "The mappings' concurrency is set again, as a number, through Lambda's API."
    ),
    "IAM checks the sending of mail against every resource at once, and not against the sender.": (
        "In the roles of SendMail and RunJob that statement loses both."
    ),
    "IAM checks several secrets against every resource at once, not one by one.": (
        "In roles that read some, that statement names no resource; tests/policies checks every "
        "name."
    ),
    "IAM knows no keys and no return values of DynamoDB, and attributes only of some reads.": (
        "Roles lose their conditions on them; tests/policies checks every call against them."
    ),
    "IAM has a right of its own for sending messages in batches.": (
        "Roles that may send messages get it."
    ),
    "No metric raises an alarm.": ("Nothing; that alarms exist is checked."),
    "SES drops the headers and the tags of a mail.": (
        "One-click unsubscribing is tried with the link of the mail's text."
    ),
    "SES sends no events.": (
        "The rules' patterns are tested against events, and the messages that their transformers "
        "write are put on the feedback queue."
    ),
    "The stream's mapping has no tumbling window, so its events name no shard.": (
        "It is seen to call Tally, then switched off; the deployed Tally is invoked with the "
        "stream's own records and a shard."
    ),
    "A nightly schedule does not come round within minutes.": (
        "The deployed Reconcile is invoked with the event of its rule."
    ),
}


def set_concurrency_as_numbers(stack: DeployedStack) -> None:
    """Set each mapping's concurrency again: the engine polls no queue by a number in text."""
    functions = stack.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if concurrency := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(concurrency)}
            )


def drop_what_iam_cannot_check(stack: DeployedStack) -> None:
    """Drop resources and conditions where the engine's IAM cannot check them."""
    for function in FUNCTIONS:
        role_policies.change(stack, function, _checkable)


def _checkable(statement: Statement) -> Statement:
    actions = role_policies.actions(statement)
    services = {action.partition(":")[0] for action in actions}
    if services & {"ses", "ssm"}:
        return {"Effect": "Allow", "Action": statement["Action"], "Resource": "*"}
    if "dynamodb" in services:
        return {name: value for name, value in statement.items() if name != "Condition"}
    if "sqs:SendMessage" in actions:
        return {**statement, "Action": [*actions, "sqs:SendMessageBatch"]}
    return statement
