"""Everything that the account holds, as lines of text: what is left can be seen by comparing."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

Clients = Callable[[str], Any]

_LISTS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    # what: service, operation with pages or without, key of the list, key of the name
    "table": ("dynamodb", "list_tables", "TableNames", ""),
    "queue": ("sqs", "list_queues", "QueueUrls", ""),
    "bucket": ("s3", "list_buckets", "Buckets", "Name"),
    "function": ("lambda", "list_functions", "Functions", "FunctionName"),
    "mapping": ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    "role": ("iam", "list_roles", "Roles", "RoleName"),
    "log group": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "parameter": ("ssm", "describe_parameters", "Parameters", "Name"),
    "identity": ("sesv2", "list_email_identities", "EmailIdentities", "IdentityName"),
    "configuration set": ("sesv2", "list_configuration_sets", "ConfigurationSets", ""),
    "rule": ("events", "list_rules", "Rules", "Name"),
    "alarm": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "topic": ("sns", "list_topics", "Topics", "TopicArn"),
    "API": ("apigateway", "get_rest_apis", "items", "id"),
}


def of_account(clients: Clients) -> frozenset[str]:
    """A line for each thing there is, such as `table zaklik-petitions`. Changes nothing."""
    lines = {
        f"{what} {name}"
        for what, (service, operation, many, key) in _LISTS.items()
        for name in _names(clients(service), operation, many, key)
    }
    return frozenset(lines | set(_distributions(clients("cloudfront"))) | _stacks(clients))


def _names(client: Any, operation: str, many: str, key: str) -> Iterable[str]:
    if client.can_paginate(operation):
        pages: Iterable[Any] = client.get_paginator(operation).paginate()
    else:
        pages = [getattr(client, operation)()]
    return [each[key] if key else each for page in pages for each in page.get(many, [])]


def _distributions(cloudfront: Any) -> Iterable[str]:
    listed = cloudfront.list_distributions()["DistributionList"].get("Items", [])
    yield from (f"distribution {each['Id']}" for each in listed)
    for what, operation, outer, inner in (
        ("cache policy", "list_cache_policies", "CachePolicyList", "CachePolicy"),
        (
            "origin request policy",
            "list_origin_request_policies",
            "OriginRequestPolicyList",
            "OriginRequestPolicy",
        ),
        (
            "response headers policy",
            "list_response_headers_policies",
            "ResponseHeadersPolicyList",
            "ResponseHeadersPolicy",
        ),
    ):
        policies = getattr(cloudfront, operation)(Type="custom")[outer].get("Items", [])
        yield from (f"{what} {each[inner]['Id']}" for each in policies)


def _stacks(clients: Clients) -> set[str]:
    listed = clients("cloudformation").list_stacks()["StackSummaries"]
    return {
        f"stack {each['StackName']}" for each in listed if each["StackStatus"] != "DELETE_COMPLETE"
    }
