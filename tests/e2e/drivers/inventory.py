"""Everything that the account holds, as lines of text: comparing two shows what was left."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import jmespath

_LISTS: Final[Mapping[str, tuple[str, str, str]]] = {
    # what: service, operation, JMESPath of the names
    "table": ("dynamodb", "list_tables", "TableNames[]"),
    "queue": ("sqs", "list_queues", "QueueUrls[]"),
    "bucket": ("s3", "list_buckets", "Buckets[].Name"),
    "function": ("lambda", "list_functions", "Functions[].FunctionName"),
    "mapping": ("lambda", "list_event_source_mappings", "EventSourceMappings[].UUID"),
    "role": ("iam", "list_roles", "Roles[].RoleName"),
    "log group": ("logs", "describe_log_groups", "logGroups[].logGroupName"),
    "parameter": ("ssm", "describe_parameters", "Parameters[].Name"),
    "identity": ("sesv2", "list_email_identities", "EmailIdentities[].IdentityName"),
    "configuration set": ("sesv2", "list_configuration_sets", "ConfigurationSets[]"),
    "rule": ("events", "list_rules", "Rules[].Name"),
    "alarm": ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    "topic": ("sns", "list_topics", "Topics[].TopicArn"),
    "API": ("apigateway", "get_rest_apis", "items[].id"),
    "distribution": ("cloudfront", "list_distributions", "DistributionList.Items[].Id"),
    "cache policy": (
        "cloudfront",
        "list_cache_policies",
        "CachePolicyList.Items[].CachePolicy.Id",
    ),
    "origin request policy": (
        "cloudfront",
        "list_origin_request_policies",
        "OriginRequestPolicyList.Items[].OriginRequestPolicy.Id",
    ),
    "response headers policy": (
        "cloudfront",
        "list_response_headers_policies",
        "ResponseHeadersPolicyList.Items[].ResponseHeadersPolicy.Id",
    ),
    "stack": (
        "cloudformation",
        "list_stacks",
        "StackSummaries[?StackStatus != 'DELETE_COMPLETE'].StackName",
    ),
}


def read_account(client: Callable[[str], Any]) -> frozenset[str]:
    """A line for each resource, such as `table zaklik-petitions`. `client` makes AWS clients."""
    return frozenset(
        f"{what} {name}"
        for what, (service, operation, path) in _LISTS.items()
        for page in _pages(client(service), operation)
        for name in jmespath.search(path, page) or []
    )


def _pages(client: Any, operation: str) -> Iterable[Any]:
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate()  # type: ignore[no-any-return]
    return [getattr(client, operation)()]
