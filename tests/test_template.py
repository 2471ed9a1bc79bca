"""What the template promises: nothing lost, nothing listening, nobody alarmed too late."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest

import app
from chalicelib.config import PREFIX
from chalicelib.rendering import urls
from chalicelib.routes.http import images
from chalicelib.routes.http.request import ORIGIN_HEADER, VIEWER_HEADER
from ops.compiling import ROOT
from ops.deploy.settings import DEFAULT_LIMITS, MAX_LIMITS, limit_parameter
from ops.local import api_gateway
from ops.local.resources import read_template

TEMPLATE = read_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
SCHEDULED = ("EveryMinute", "Reconcile")
FUNCTIONS = ("APIHandler", "SendMail", "RunJob", "RecordFeedback", "Tally", *SCHEDULED)
STAGE = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["stages"]["dev"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource.get("Type") == kind
    }


def handler_name(function: str) -> str:
    """What Chalice calls a function: `SendMail` is `send_mail`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function).lower()


def test_the_template_knows_every_function() -> None:
    handlers = {source.name for source in app.app.event_sources}

    assert {handler_name(name) for name in FUNCTIONS[1:]} == handlers
    assert set(STAGE["lambda_functions"]) == {"api_handler", *handlers}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_why_it_has_its_memory_time_and_concurrency(name: str) -> None:
    why = RESOURCES[name]["Metadata"]["Why"]

    assert {"memory", "timeout", "concurrency"} <= set(why)
    assert all(len(reason) > 20 for reason in why.values())


def test_the_reasons_speak_of_the_memory_that_is_set() -> None:
    usual = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["lambda_memory_size"]
    for name in FUNCTIONS:
        own = STAGE["lambda_functions"].get(handler_name(name), {})
        if name == "APIHandler":
            own = STAGE["lambda_functions"]["api_handler"]
        memory = own.get("lambda_memory_size", usual)
        assert f"{memory:,} MB" in RESOURCES[name]["Metadata"]["Why"]["memory"], name


@pytest.mark.parametrize("name", of_type("AWS::DynamoDB::Table"))
def test_tables_are_paid_by_use_kept_restorable_and_sealed(name: str) -> None:
    table = RESOURCES[name]["Properties"]

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_only_signatures_have_a_stream() -> None:
    tables = of_type("AWS::DynamoDB::Table")

    assert [name for name in tables if "StreamSpecification" in tables[name]] == ["SignaturesTable"]


def test_every_queue_gives_up_into_another_one_that_raises_an_alarm() -> None:
    queues = of_type("AWS::SQS::Queue")
    given_up = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }

    dead = {name for name in queues if "RedrivePolicy" not in queues[name]}
    assert dead == {*given_up, "StreamDeadLetters"} == watched


def test_a_message_is_not_handed_out_again_while_it_may_still_be_worked_on() -> None:
    for queue in of_type("AWS::SQS::Queue").values():
        # AWS asks for six times the function's timeout, which is 30 seconds for all of them.
        assert queue.get("VisibilityTimeout", 180) >= 6 * 30


def test_every_alarm_tells_somebody_what_to_do() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm")

    assert len(alarms) >= 17
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}], name
        assert len(alarm["AlarmDescription"]) > 30, name
        assert alarm["TreatMissingData"] == "notBreaching", name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_failures_of_every_function_raise_an_alarm(name: str) -> None:
    watched = {
        (alarm["Dimensions"][0]["Value"]["Ref"], alarm["MetricName"])
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/Lambda"
    }

    assert (name, "Errors") in watched


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_go_away(name: str) -> None:
    group = RESOURCES[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]

    assert 1 <= RESOURCES[group]["Properties"]["RetentionInDays"] <= 14


def test_no_log_can_hold_an_address_or_a_token() -> None:
    api = RESOURCES["RestAPI"]["Properties"]
    logged = set(re.findall(r"\$context\.([\w.]+)", api["AccessLogSetting"]["Format"]))

    # resourcePath is the route with its {placeholders}; `path` would hold tokens.
    assert logged == {
        "requestId",
        "httpMethod",
        "resourcePath",
        "status",
        "responseLatency",
        "responseLength",
        "error.responseType",
    }
    [method] = api["MethodSettings"]
    assert (method["DataTraceEnabled"], method["LoggingLevel"]) == (False, "OFF")
    assert "Logging" not in RESOURCES["Distribution"]["Properties"]["DistributionConfig"]


def test_no_address_goes_into_the_queue_of_events() -> None:
    [target] = RESOURCES["MailSeen"]["Properties"]["Targets"]

    assert target["InputTransformer"]["InputPathsMap"] == {
        "type": "$.detail.eventType",
        "tags": "$.detail.mail.tags",
    }


def test_the_cdn_tells_the_api_of_a_visitor_only_what_is_needed() -> None:
    told = RESOURCES["PageRequest"]["Properties"]["OriginRequestPolicyConfig"]
    headers = {header.lower() for header in told["HeadersConfig"]["Headers"]}

    assert headers == {
        "accept-language",
        "content-type",
        "origin",
        "sec-fetch-site",
        VIEWER_HEADER,
    }
    assert told["CookiesConfig"] == {"CookieBehavior": "none"}


def test_the_cdn_shows_the_secret_that_the_functions_ask_for() -> None:
    for origin in RESOURCES["Distribution"]["Properties"]["DistributionConfig"]["Origins"]:
        shown = origin["OriginCustomHeaders"][0]
        assert shown["HeaderName"].lower() == ORIGIN_HEADER
        assert shown["HeaderValue"] == {"Ref": "OriginSecret"}
    assert TEMPLATE["Parameters"]["OriginSecret"]["NoEcho"] is True


def test_pictures_are_asked_for_by_the_type_that_makes_api_gateway_answer_with_bytes() -> None:
    assert api_gateway.origin_headers(urls.preview_image("en", "open-door")) == {
        "Accept": images.PNG
    }
    assert images.PNG in app.app.api.binary_types
    assert api_gateway.origin_headers(urls.petition("en", "open-door")) == {}


def test_only_the_card_for_other_sites_is_let_out_of_the_cdn_without_frame_options() -> None:
    distribution = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    behaviours = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]
    policies = {
        each.get("PathPattern", "*"): each["ResponseHeadersPolicyId"] for each in behaviours
    }

    def security(policy: dict[str, str]) -> dict[str, Any]:
        config = RESOURCES[policy["Ref"]]["Properties"]["ResponseHeadersPolicyConfig"]
        return dict(config["SecurityHeadersConfig"])

    framable = {path for path, policy in policies.items() if "FrameOptions" not in security(policy)}
    assert framable == {"/embed/*/*", "/embed/*"}
    embed, others = security(policies["/embed/*"]), security(policies["*"])
    assert {**embed, "FrameOptions": others["FrameOptions"]} == others


def test_a_card_in_the_readers_language_is_kept_by_language() -> None:
    config = RESOURCES["EmbedCache"]["Properties"]["CachePolicyConfig"]
    headers = config["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]

    assert headers == {"HeaderBehavior": "whitelist", "Headers": ["Accept-Language"]}


def test_pages_of_the_gateway_itself_are_kind_and_pass_the_policy_of_the_cdn() -> None:
    body = RESOURCES["RestAPI"]["Properties"]["DefinitionBody"]
    answers = body["x-amazon-apigateway-gateway-responses"]
    security = RESOURCES["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = security["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]

    assert set(answers) == {
        "MISSING_AUTHENTICATION_TOKEN",
        "REQUEST_TOO_LARGE",
        "THROTTLED",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
    }
    for answer in answers.values():
        [page] = set(answer["responseTemplates"].values())
        [style] = re.findall(r"<style>(.*)</style>", page)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert set(answer["responseTemplates"]) == {"text/html", "application/json"}
        kind = answer["responseParameters"]["gatewayresponse.header.Content-Type"]
        assert kind == "'text/html; charset=utf-8'"
        assert f"style-src 'sha256-{digest}'" in policy
        assert page.count("lang=be") == page.count("lang=ru") == 1
        # API Gateway would take these for variables and directives.
        assert not set(page) & set("$#")


def test_the_bucket_is_nobodys_but_ours() -> None:
    bucket = RESOURCES["ExportBucket"]["Properties"]
    [denied] = RESOURCES["ExportBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 7


def test_nothing_follows_readers_of_mails_and_no_mail_travels_in_the_clear() -> None:
    mail = RESOURCES["MailConfiguration"]["Properties"]

    assert "TrackingOptions" not in mail
    assert mail["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert mail["SuppressionOptions"] == {"SuppressedReasons": []}
    listed = RESOURCES["MailEvents"]["Properties"]["EventDestination"]["MatchingEventTypes"]
    assert not {"OPEN", "CLICK"} & set(listed)


def test_the_count_keeps_its_order_and_sets_aside_what_it_cannot_count() -> None:
    stream = RESOURCES["Tally"]["Properties"]["Events"]["TallyDynamodbEventSource"]["Properties"]

    assert stream["ParallelizationFactor"] == 1
    assert stream["TumblingWindowInSeconds"] == 60
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::Sub": "${StreamDeadLetters.Arn}"
    }


@pytest.mark.parametrize("name", ["SendMail", "RunJob", "RecordFeedback"])
def test_queues_are_worked_off_by_a_bounded_number_at_once(name: str) -> None:
    [source] = RESOURCES[name]["Properties"]["Events"].values()

    assert "MaximumConcurrency" in source["Properties"]["ScalingConfig"]


@pytest.mark.parametrize("name", MAX_LIMITS)
def test_a_limit_is_the_same_in_the_template_and_in_the_settings(name: str) -> None:
    declared = TEMPLATE["Parameters"][limit_parameter(name)]
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

    assert declared["Default"] == DEFAULT_LIMITS[name]
    assert (declared["MinValue"], declared["MaxValue"]) == (1, MAX_LIMITS[name])
    assert variables[PREFIX + name.upper()] == {"Ref": limit_parameter(name)}
