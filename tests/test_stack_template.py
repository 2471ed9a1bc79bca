"""The stack's template: tables, queues, alarms, logs, CDN, bucket, mail and functions."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest

import app
from chalicelib.config import PREFIX
from chalicelib.domain.petitions.picture import MediaType
from chalicelib.rendering import urls
from chalicelib.routes.desk.session_cookie import COOKIE
from chalicelib.routes.http.request import ORIGIN_HEADER, VIEWER_HEADER
from chalicelib.usecases.exports import exporting
from ops.compiling import ROOT, languages
from ops.deploy.limits import DEFAULT_LIMITS, MAX_LIMITS, limit_parameter
from ops.local import api_gateway
from ops.local.resources import read_template
from tests import builders

TEMPLATE = read_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
SCHEDULED = ("EveryMinute", "Reconcile")
QUEUED = ("SendMail", "RunJob", "ChangeRecords", "RunExport", "RecordFeedback")
FUNCTIONS = ("APIHandler", *QUEUED, "Tally", *SCHEDULED, "Desk")
TABLES = ("SignaturesTable", "SubscribersTable", "PetitionsTable", "LimitsTable", "OrganisersTable")
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS's own cache policy of that name (CloudFront developer guide, "Managed cache policies")."""
STAGE = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["stages"]["dev"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource.get("Type") == kind
    }


def handler_name(function: str) -> str:
    """Chalice's name of a function: `SendMail` is `send_mail`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function).lower()


def test_the_template_configures_every_function() -> None:
    handlers = {source.name for source in app.app.event_sources}
    handlers |= {function.name for function in app.app.pure_lambda_functions}

    assert {handler_name(name) for name in FUNCTIONS[1:]} == handlers
    assert set(STAGE["lambda_functions"]) == {"api_handler", *handlers}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_reasons_for_memory_timeout_and_concurrency(name: str) -> None:
    reasons = RESOURCES[name]["Metadata"]["Why"]

    assert {"memory", "timeout", "concurrency"} <= set(reasons)
    assert all(len(reason) > 20 for reason in reasons.values())


def test_the_reasons_name_the_configured_memory() -> None:
    usual = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["lambda_memory_size"]
    for name in FUNCTIONS:
        own = STAGE["lambda_functions"].get(handler_name(name), {})
        if name == "APIHandler":
            own = STAGE["lambda_functions"]["api_handler"]
        memory = own.get("lambda_memory_size", usual)
        assert f"{memory:,} MB" in RESOURCES[name]["Metadata"]["Why"]["memory"], name


def test_the_tables_are_these() -> None:
    assert set(of_type("AWS::DynamoDB::Table")) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_on_demand_protected_and_encrypted(name: str) -> None:
    table = RESOURCES[name]["Properties"]

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_every_table_can_be_restored_but_that_of_salts_and_limits() -> None:
    recovery = {
        name: table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        for name, table in of_type("AWS::DynamoDB::Table").items()
    }

    assert recovery == {name: name != "LimitsTable" for name in TABLES}


def test_nothing_copies_a_table() -> None:
    # A deleted salt must be gone: no replica, no export, no backup plan, no stream to elsewhere.
    kinds = {str(resource.get("Type", "")) for resource in RESOURCES.values()}

    assert not [kind for kind in kinds if kind.startswith(("AWS::Backup", "AWS::Kinesis"))]
    assert "AWS::DynamoDB::GlobalTable" not in kinds
    for table in of_type("AWS::DynamoDB::Table").values():
        assert not {"KinesisStreamSpecification", "ImportSourceSpecification"} & table.keys()
        assert not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} & table.keys()


def test_only_signatures_have_a_stream() -> None:
    tables = of_type("AWS::DynamoDB::Table")

    assert [name for name in tables if "StreamSpecification" in tables[name]] == ["SignaturesTable"]


def test_every_queue_has_a_dead_letter_queue_with_an_alarm() -> None:
    queues = of_type("AWS::SQS::Queue")
    redrive_targets = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }

    dead_letter_queues = {name for name in queues if "RedrivePolicy" not in queues[name]}
    assert dead_letter_queues == {*redrive_targets, "StreamDeadLetters"} == watched


def test_event_sources_leave_a_new_accounts_functions_to_visitors() -> None:
    # A new account runs ten functions at once; visitors would get 503 if events took them all.
    parameters = {name: value.get("Default") for name, value in TEMPLATE["Parameters"].items()}
    most = 0
    for name in (*QUEUED, "Tally"):
        for source in RESOURCES[name]["Properties"]["Events"].values():
            properties = source["Properties"]
            wanted = properties.get("ScalingConfig", {}).get("MaximumConcurrency")
            if wanted is None:
                wanted = 1 if _is_fifo(properties) else properties["ParallelizationFactor"]
            most += parameters[wanted["Ref"]] if isinstance(wanted, dict) else wanted

    assert most < 10


def _is_fifo(source: dict[str, Any]) -> bool:
    """Whether the source hands out one message after the other: `job_queue` knows one group."""
    queue = source.get("Queue", {}).get("Fn::Sub", "").removeprefix("${").removesuffix(".Arn}")
    return bool(queue) and RESOURCES[queue]["Properties"].get("FifoQueue") is True


def test_a_mail_that_waits_is_no_error_of_its_function() -> None:
    properties = RESOURCES["SendMail"]["Properties"]["Events"]["SendMailSqsEventSource"][
        "Properties"
    ]

    assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_visibility_timeout_is_six_times_the_functions() -> None:
    for queue in of_type("AWS::SQS::Queue").values():
        # AWS recommends six times the function's timeout, which is 30 seconds for all but exports.
        assert queue.get("VisibilityTimeout", 180) >= 6 * 30


def test_an_export_reads_half_a_million_held_signatures_before_a_part_ends() -> None:
    """Measured: 60 microseconds for each, more than twice that on Lambda; as much for the wait."""
    timeout = STAGE["lambda_functions"]["run_export"]["lambda_timeout"]

    assert timeout >= 500_000 * 0.0002 + exporting.SLICE.total_seconds()
    assert RESOURCES["ExportQueue"]["Properties"]["VisibilityTimeout"] > timeout


def test_every_alarm_notifies_and_describes_what_to_do() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm")

    assert len(alarms) >= 17
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}], name
        assert len(alarm["AlarmDescription"]) > 30, name
        # A clock that does not run sends no figure.
        missing = "breaching" if name == "ClockAlarm" else "notBreaching"
        assert alarm["TreatMissingData"] == missing, name


def test_every_alarm_has_a_paragraph_of_its_own_in_the_documents() -> None:
    page = (ROOT / "docs/operating.md").read_text("utf-8").partition("\n## Alarms\n")[2]
    explained = re.findall(r"^\*\*`([a-z-]+)`\*\*", page.partition("\n## ")[0], re.MULTILINE)
    names = [
        alarm["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
    ]

    assert explained == names


def test_lines_of_a_log_are_counted_without_what_they_say() -> None:
    filters = of_type("AWS::Logs::MetricFilter")
    watched = {
        alarm["MetricName"]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == {"Fn::Sub": "${AWS::StackName}"}
    }

    assert {filters[name]["MetricTransformations"][0]["MetricName"] for name in filters} == watched
    for counted in filters.values():
        [metric] = counted["MetricTransformations"]
        assert metric.keys() == {"MetricNamespace", "MetricName", "MetricValue"}
        assert counted["LogGroupName"]["Ref"] in {"EveryMinuteLog", "SendMailLog"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_of_a_function_raise_an_alarm(name: str) -> None:
    watched = {
        (alarm["Dimensions"][0]["Value"]["Ref"], alarm["MetricName"])
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/Lambda"
    }

    assert (name, "Errors") in watched


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_expire_within_two_weeks(name: str) -> None:
    group = RESOURCES[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]

    assert 1 <= RESOURCES[group]["Properties"]["RetentionInDays"] <= 14


def test_the_api_keeps_no_log_and_no_metric_of_a_route() -> None:
    api = RESOURCES["RestAPI"]["Properties"]
    [method] = api["MethodSettings"]

    assert not {"AccessLogSetting", "TracingEnabled", "CanarySetting"} & api.keys()
    assert (method["HttpMethod"], method["ResourcePath"]) == ("*", "/*")
    assert method["MetricsEnabled"] is False
    assert (method["DataTraceEnabled"], method["LoggingLevel"]) == (False, "OFF")


def test_the_cdn_keeps_no_log_and_no_metric_that_can_be_switched_off() -> None:
    distribution = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    behaviours = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]

    assert "Logging" not in distribution
    assert not [behaviour for behaviour in behaviours if "RealtimeLogConfigArn" in behaviour]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_not_traced_and_has_no_insights(name: str) -> None:
    properties = RESOURCES[name]["Properties"]
    sources = [source["Properties"] for source in properties.get("Events", {}).values()]

    # Lambda Insights is a layer.
    assert not {"Tracing", "Layers"} & properties.keys()
    assert properties["LoggingConfig"].keys() == {"LogGroup"}
    assert not [source for source in sources if "MetricsConfig" in source]


def test_chalice_adds_no_trace_and_no_layer() -> None:
    config = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))
    scopes = [config, STAGE, *STAGE["lambda_functions"].values()]

    assert not [scope for scope in scopes if {"xray", "layers", "automatic_layer"} & scope.keys()]


def test_no_resource_records_requests() -> None:
    recorders = (
        "AWS::CloudFront::MonitoringSubscription",
        "AWS::CloudFront::RealtimeLogConfig",
        "AWS::CloudTrail",
        "AWS::Kinesis",
        "AWS::Logs::SubscriptionFilter",
        "AWS::WAF",
        "AWS::XRay",
    )
    kinds = {str(resource.get("Type", "")) for resource in RESOURCES.values()}

    assert not [kind for kind in kinds if kind.startswith(recorders)]
    for table in of_type("AWS::DynamoDB::Table").values():
        assert "ContributorInsightsSpecification" not in table
    for destination in of_type("AWS::SES::ConfigurationSetEventDestination").values():
        assert "CloudWatchDestination" not in destination["EventDestination"]


NOT_IN_AN_ADDRESS = {
    "$.detail.eventType",
    "$.detail.bounce.bounceType",
    "$.detail.bounce.bounceSubType",
    "$.detail.mail.tags",
    "$.detail.mail.messageId",
    "$.time",
}


def test_feedback_events_hold_no_address() -> None:
    for rule in of_type("AWS::Events::Rule").values():
        [target] = rule["Targets"]

        assert set(target["InputTransformer"]["InputPathsMap"].values()) <= NOT_IN_AN_ADDRESS
        # A dead-letter queue of a rule would hold the whole event.
        assert "DeadLetterConfig" not in target


def test_every_event_of_a_mail_but_reading_it_reaches_the_feedback_queue() -> None:
    listed = RESOURCES["MailEvents"]["Properties"]["EventDestination"]["MatchingEventTypes"]
    rules = of_type("AWS::Events::Rule")
    handed_on = {
        kind for rule in rules.values() for kind in rule["EventPattern"]["detail"]["eventType"]
    }
    [statement] = RESOURCES["FeedbackQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"]

    named = {re.sub(r"(?<=[a-z])(?=[A-Z])| ", "_", kind).upper() for kind in handed_on}
    assert named == set(listed)
    assert {source["Fn::GetAtt"][0] for source in sources} == set(rules)


def test_events_come_in_batches_and_only_those_that_failed_come_again() -> None:
    [mapping] = RESOURCES["RecordFeedback"]["Properties"]["Events"].values()
    [source] = [it for it in app.app.event_sources if it.name == "record_feedback"]

    assert vars(source)["batch_size"] == 100
    assert mapping["Properties"]["MaximumBatchingWindowInSeconds"] == 5
    assert mapping["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert RESOURCES["FeedbackQueue"]["Properties"]["VisibilityTimeout"] >= 6 * 30 + 5


def test_the_cdn_forwards_only_the_needed_headers() -> None:
    policy = RESOURCES["PageRequest"]["Properties"]["OriginRequestPolicyConfig"]
    headers = {header.lower() for header in policy["HeadersConfig"]["Headers"]}

    assert headers == {
        "accept-language",
        "content-type",
        "origin",
        "sec-fetch-site",
        VIEWER_HEADER,
    }
    assert policy["CookiesConfig"] == {"CookieBehavior": "none"}


def test_the_cdn_sends_the_origin_secret() -> None:
    for origin in RESOURCES["Distribution"]["Properties"]["DistributionConfig"]["Origins"]:
        header = origin["OriginCustomHeaders"][0]
        assert header["HeaderName"].lower() == ORIGIN_HEADER
        assert header["HeaderValue"] == {"Ref": "OriginSecret"}
    assert TEMPLATE["Parameters"]["OriginSecret"]["NoEcho"] is True


def test_only_the_desk_is_sent_a_cookie_and_none_of_its_pages_is_cached() -> None:
    distribution = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    behaviours = {
        behaviour.get("PathPattern", "*"): behaviour
        for behaviour in (distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"])
    }

    def cookies(behaviour: dict[str, Any]) -> dict[str, Any]:
        policy = RESOURCES[behaviour["OriginRequestPolicyId"]["Ref"]]["Properties"]
        return dict(policy["OriginRequestPolicyConfig"]["CookiesConfig"])

    # `/desk*` would take `/desktop` as well; the first behaviour that matches wins.
    assert list(behaviours)[1:3] == ["/desk", "/desk/*"]
    for path, behaviour in behaviours.items():
        if path in ("/desk", "/desk/*"):
            assert cookies(behaviour) == {"CookieBehavior": "whitelist", "Cookies": [COOKIE]}
            assert behaviour["CachePolicyId"] == CACHING_DISABLED
        else:
            assert cookies(behaviour) == {"CookieBehavior": "none"}


def test_the_desk_answers_at_its_own_paths_and_the_api_may_call_it_there() -> None:
    paths = RESOURCES["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    permission = RESOURCES["DeskInvokePermission"]["Properties"]

    assert {path: set(methods) for path, methods in paths.items()} == {
        "/desk": {"get", "head"},
        "/desk/{proxy+}": {"get", "head", "post"},
    }
    for methods in paths.values():
        for method in methods.values():
            assert "${Desk.Arn}" in method["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    assert permission["FunctionName"] == {"Ref": "Desk"}
    assert permission["SourceArn"]["Fn::Sub"].endswith("${RestAPI}/*/*/desk*")


def test_what_organisers_upload_and_download_are_bytes() -> None:
    assert "multipart/form-data" in app.app.api.binary_types
    [accept] = api_gateway.origin_headers("/desk/petitions/open-door").values()
    assert accept in app.app.api.binary_types


def test_the_cdn_asks_for_images_with_a_binary_type() -> None:
    for path in (
        urls.preview_image("en", "open-door", "png"),
        urls.preview_image("en", "open-door", "jpg"),
        urls.picture("open-door", builders.PICTURE.file_name),
    ):
        assert api_gateway.origin_headers(path) == {"Accept": MediaType.PNG}
    assert MediaType.PNG in app.app.api.binary_types
    assert api_gateway.origin_headers(urls.petition("en", "open-door")) == {}


def test_only_the_embedded_card_has_no_frame_options() -> None:
    distribution = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    behaviours = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]
    policies = {
        behaviour.get("PathPattern", "*"): behaviour["ResponseHeadersPolicyId"]
        for behaviour in behaviours
    }

    def security(policy: dict[str, str]) -> dict[str, Any]:
        config = RESOURCES[policy["Ref"]]["Properties"]["ResponseHeadersPolicyConfig"]
        return dict(config["SecurityHeadersConfig"])

    framable = {path for path, policy in policies.items() if "FrameOptions" not in security(policy)}
    assert framable == {"/embed/*/*", "/embed/*"}
    embed, others = security(policies["/embed/*"]), security(policies["*"])
    assert {**embed, "FrameOptions": others["FrameOptions"]} == others


def test_the_embedded_card_is_cached_by_language() -> None:
    config = RESOURCES["EmbedCache"]["Properties"]["CachePolicyConfig"]
    headers = config["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]

    assert headers == {"HeaderBehavior": "whitelist", "Headers": ["Accept-Language"]}


def test_error_pages_of_api_gateway_are_whole_and_fit_the_policy_of_the_cdn() -> None:
    body = RESOURCES["RestAPI"]["Properties"]["DefinitionBody"]
    responses = body["x-amazon-apigateway-gateway-responses"]
    security = RESOURCES["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = security["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]

    assert set(responses) == {
        "MISSING_AUTHENTICATION_TOKEN",
        "REQUEST_TOO_LARGE",
        "THROTTLED",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
    }
    for response in responses.values():
        [page] = set(response["responseTemplates"].values())
        [style] = re.findall(r"<style>(.*)</style>", page)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert set(response["responseTemplates"]) == {"text/html", "application/json"}
        kind = response["responseParameters"]["gatewayresponse.header.Content-Type"]
        assert kind == "'text/html; charset=utf-8'"
        assert f"style-src 'sha256-{digest}'" in policy
        for language in languages():
            assert page.count(f"lang={language}>") == 1
        # API Gateway would take these for variables and directives.
        assert not set(page) & set("$#")


def test_the_export_bucket_is_private_and_its_files_expire() -> None:
    bucket = RESOURCES["ExportBucket"]["Properties"]
    [statement] = RESOURCES["ExportBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 7


def test_mails_are_not_tracked_and_need_tls() -> None:
    mail = RESOURCES["MailConfiguration"]["Properties"]

    assert "TrackingOptions" not in mail
    assert mail["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert mail["SuppressionOptions"] == {
        "SuppressedReasons": {"Fn::If": ["KeepsSesList", ["BOUNCE", "COMPLAINT"], []]}
    }
    assert TEMPLATE["Parameters"]["SesSuppressionList"]["Default"] == "off"
    listed = RESOURCES["MailEvents"]["Properties"]["EventDestination"]["MatchingEventTypes"]
    assert not {"OPEN", "CLICK"} & set(listed)


def test_the_tally_stream_keeps_its_order_and_has_a_dead_letter_queue() -> None:
    stream = RESOURCES["Tally"]["Properties"]["Events"]["TallyDynamodbEventSource"]["Properties"]

    assert stream["ParallelizationFactor"] == 1
    assert stream["TumblingWindowInSeconds"] == 60
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::Sub": "${StreamDeadLetters.Arn}"
    }


@pytest.mark.parametrize("name", QUEUED)
def test_a_queue_has_a_maximum_concurrency(name: str) -> None:
    [source] = RESOURCES[name]["Properties"]["Events"].values()
    properties = source["Properties"]

    assert _is_fifo(properties) or "MaximumConcurrency" in properties["ScalingConfig"]


@pytest.mark.parametrize("name", MAX_LIMITS)
def test_a_limit_has_one_default_and_range_in_template_and_settings(name: str) -> None:
    declared = TEMPLATE["Parameters"][limit_parameter(name)]
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

    assert declared["Default"] == DEFAULT_LIMITS[name]
    assert (declared["MinValue"], declared["MaxValue"]) == (1, MAX_LIMITS[name])
    assert variables[PREFIX + name.upper()] == {"Ref": limit_parameter(name)}
