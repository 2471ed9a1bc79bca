"""Marked personal data on every journey appears in no log, queue, table or cached page."""

import base64
import gc
import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.sqs.models import sqs_backends

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.mail import jobs
from chalicelib.people import blind_indexes
from chalicelib.routes import logs
from chalicelib.routes.events import errors, queues, ses_feedback, streams
from chalicelib.routes.http.responses import PublicResponse
from chalicelib.store import preferences
from chalicelib.usecases.alerts import starting
from ops.local.aws import ACCOUNT, REGION
from ops.local.event_rules import EventRules
from ops.local.resources import STACK_NAME
from tests.event_delivery import sqs_event, stream_event
from tests.faults import AwsCalls, intercepted, recorded
from tests.in_process_service import PUBLIC_URL
from tests.ops.pseudo_terminal import delivered_meanwhile, zaklik
from tests.proving import easy_proof, press
from tests.routes.markup import ParsedPage
from tests.routes.requests import SAME_ORIGIN, SLUG, ApiResponse, call
from tests.world import TABLES, World

NAME = "Zmicer Mark-Name"
LOCAL_PART = "mark.local-part"
EMAIL = f"{LOCAL_PART}@example.org"
RISKY_EMAIL = f"{LOCAL_PART}@mail.ru"
CLIENT = "203.0.113.77"
AGENT = "MarkBrowser/77 (Minsk)"
MARKS = {
    "name": re.compile("zmicer|mark-name|mark%2dname", re.IGNORECASE),
    "address": re.compile(r"mark\.local|local-part", re.IGNORECASE),
    "network": re.compile(r"203\.0\.113"),
    "browser": re.compile("MarkBrowser|Minsk"),
}
FORM = {"name": NAME, "email": EMAIL, "country": "PL", "alerts": "yes"}
CODE = re.compile(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", re.MULTILINE)
PENDING = re.compile(r'name="pending" value="([^"]+)"')
SHOWN_NAME = re.compile(rf'<td dir="auto">{NAME}</td>')
TOKEN = re.compile(r"[A-Za-z0-9_-]{60,}")
"""Sealed tokens, which may be in links."""


class LeakDetector:
    """Finds marks in written texts, and records the tokens that were used."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.tokens: set[str] = set()

    def find(self, what: object) -> list[str]:
        """The marks in a text, by their kind, also if it is base64 of one."""
        text = what if isinstance(what, str) else repr(what)
        seen = [text, *(_decoded(part) for part in re.findall(r"[A-Za-z0-9+/=_-]{8,}", text))]
        return [kind for kind, mark in MARKS.items() if any(mark.search(s) for s in seen)]


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode("latin-1")
    except ValueError:
        return ""


@pytest.fixture
def detector() -> Iterator[LeakDetector]:
    """Records the service's log lines as written, and those of all libraries as Lambda would."""
    detector = LeakDetector()

    class _TextCapture(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            detector.written.append(self.format(record))
            # A careless formatter could print any field of the record.
            detector.written.append(repr({**record.__dict__, "args": record.args}))

    ours, root = _TextCapture(), _TextCapture()
    ours.setFormatter(logs._JsonLines())
    root.setLevel(logging.INFO)
    watched = [(logging.getLogger("chalicelib"), ours), (logging.getLogger(), root)]
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    for logger, handler in watched:
        logger.addHandler(handler)
    yield detector
    for logger, handler in watched:
        logger.removeHandler(handler)
    logging.getLogger().setLevel(level)


class MarkedVisitor:
    """A visitor whose form fields and headers are all marked."""

    def __init__(self, world: World, detector: LeakDetector) -> None:
        self.world = world
        self.detector = detector
        self.responses: list[ApiResponse] = []

    def request(
        self, method: str, path: str, fields: Mapping[str, str] | None = None
    ) -> ApiResponse:
        """Make a request with marked headers."""
        headers = {
            **SAME_ORIGIN,
            "User-Agent": AGENT,
            "X-Forwarded-For": CLIENT,
            "Cookie": NAME,
            "Referer": EMAIL,
        }
        body = "&".join(f"{name}={value}" for name, value in (fields or {}).items())
        response = call(
            method,
            path,
            body=body.replace(" ", "+").encode(),
            headers=headers,
            client=CLIENT,
        )
        self.responses.append(response)
        self.detector.tokens |= set(TOKEN.findall(path))
        return response

    def post_form(self, form: str, fields: Mapping[str, str] = FORM) -> ApiResponse:
        """Post a form of the petition."""
        return self.request("POST", f"/en/{SLUG}/{form}", fields)

    def run_command(self, *words: str, typed: str | None = None) -> None:
        """Run a command as the operator."""
        result = zaklik(*words, typed=typed)
        assert result.exit_code == 0, result.output
        self.detector.written.append(result.output)

    def confirm(self) -> ApiResponse:
        """Follow the link of the last mail and post its form."""
        self.world.deliver_all()
        link = self.world.link()
        self.request("GET", link)
        response = self.request("POST", link)
        self.world.deliver_all()
        return response


def _stored(world: World) -> list[Any]:
    tables = [world.stored_items(table) for table in TABLES]
    return [*tables, world.stream_records()]


def _queued(world: World) -> list[str]:
    queues = sqs_backends[ACCOUNT][REGION].queues.values()
    return [message.body for queue in queues for message in queue._messages]


def _signs_by_link(visitor: MarkedVisitor) -> None:
    visitor.post_form("sign")
    visitor.confirm()


def _signs_by_code(visitor: MarkedVisitor) -> None:
    page = visitor.post_form("sign").text
    visitor.world.deliver_all()
    pending, code = PENDING.search(page), CODE.search(visitor.world.mails()[-1].text)
    assert pending
    assert code
    visitor.post_form("code", {"pending": pending[1], "code": "AAAA AAAA"})
    visitor.post_form("code", {"pending": pending[1], "code": code[1]})
    visitor.world.deliver_all()


def _signs_twice(visitor: MarkedVisitor) -> None:
    _signs_by_link(visitor)
    visitor.post_form("sign")
    visitor.world.deliver_all()


def _changes_and_withdraws(visitor: MarkedVisitor) -> None:
    _signs_by_link(visitor)
    visitor.post_form("manage", {"email": EMAIL})
    visitor.world.deliver_all()
    link = visitor.world.link()
    visitor.request("GET", link)
    choice = {"do": "change", "language": "be", "frequency": "weekly"}
    correction = {"do": "correct", "name": NAME, "country": "LT"}
    mistake = {**correction, "country": "XX"}
    for action in (
        choice,
        correction,
        mistake,
        {"do": "withdraw"},
        correction,
        {"do": "stop"},
        {"do": "delete"},
        {"do": NAME},
    ):
        visitor.request("POST", link, action)
    visitor.world.deliver_all()


def _ticks_news_after_signing(visitor: MarkedVisitor) -> None:
    visitor.post_form("sign", {**FORM, "alerts": ""})
    visitor.confirm()
    visitor.post_form("sign")
    visitor.world.deliver_all()
    link = visitor.world.link_to("confirm-alerts")
    visitor.request("GET", link)
    visitor.request("POST", link)


def _asks_for_an_empty_own_page(visitor: MarkedVisitor) -> None:
    visitor.post_form("manage", {"email": EMAIL})
    visitor.world.deliver_all()


def _blocks_the_address(visitor: MarkedVisitor) -> None:
    visitor.post_form("sign")
    visitor.world.deliver_all()
    block_link = visitor.world.link_to("block")
    visitor.request("GET", block_link)
    visitor.request("POST", block_link)
    for form in ("sign", "subscribe", "manage"):
        visitor.post_form(form)
    visitor.world.deliver_all()


def _has_the_mail_sent_again(visitor: MarkedVisitor) -> None:
    pending = PENDING.search(visitor.post_form("sign").text)
    assert pending
    visitor.post_form("again", {"pending": pending[1]})
    visitor.world.deliver_all()
    link = visitor.world.link()
    visitor.world.clock.advance(days=8)
    visitor.request("GET", link)
    visitor.request("POST", f"{link}/again")
    visitor.confirm()


def _gets_an_alert_and_unsubscribes(visitor: MarkedVisitor) -> None:
    visitor.post_form("subscribe", {"email": EMAIL})
    visitor.confirm()
    starting.start_update(visitor.world.services, visitor.world.publish_update().id)
    visitor.world.deliver_all()
    header = visitor.world.mails()[-1].headers["List-Unsubscribe"]
    visitor.request("POST", header[1:-1].removeprefix(PUBLIC_URL))


def _gets_a_digest(visitor: MarkedVisitor) -> None:
    world = visitor.world
    visitor.post_form("subscribe", {"email": EMAIL})
    visitor.confirm()
    index = blind_indexes.subscriber_index(world.services, SLUG, email_address.parse(EMAIL))
    assert preferences.save(
        world.services.subscribers,
        world.services.petitions,
        SLUG,
        index,
        language="en",
        frequency=Frequency.WEEKLY,
    )
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()
    world.clock.advance(days=1)
    world.run_every_minute()
    world.deliver_all()
    assert world.mails()[-1].subject == "What is new"


def _accepts_the_provider_warning(visitor: MarkedVisitor) -> None:
    for form in ("sign", "subscribe", "manage"):
        visitor.post_form(form, {**FORM, "email": RISKY_EMAIL})
        visitor.post_form(
            form, {**FORM, "email": RISKY_EMAIL, "despite": RISKY_EMAIL.rpartition("@")[2]}
        )
    visitor.confirm()


def _sends_a_proof_or_takes_the_slow_lane(visitor: MarkedVisitor) -> None:
    press(visitor.world, proof_posts_per_network=1, proof_posts_per_minute=1)
    for _ in range(12):
        visitor.post_form("sign")
    visitor.request("GET", "/api/challenge")
    visitor.post_form("sign", {**FORM, "proof": easy_proof(visitor.world).replace("+", "%2B")})
    visitor.post_form("sign", {**FORM, "proof": LOCAL_PART})
    visitor.post_form("subscribe", {"email": EMAIL, "slow": "yes"})
    visitor.world.run_every_minute()
    visitor.request("GET", f"/en/{SLUG}")
    visitor.world.make_messages_visible()
    visitor.confirm()


def _is_held_and_released(visitor: MarkedVisitor) -> None:
    visitor.post_form("sign", {**FORM, "website": EMAIL})
    visitor.confirm()
    assert [item["state"] for item in visitor.world.signatures()] == ["held"]
    with _command_environment(visitor), delivered_meanwhile(visitor.world):
        visitor.run_command("signature", "held", SLUG)
        visitor.run_command("signature", "release", SLUG, "--yes")
    visitor.world.deliver_all()


def _is_shown_erased_and_unblocked_by_the_operator(visitor: MarkedVisitor) -> None:
    _signs_by_link(visitor)
    receipts = visitor.world.folder / "receipts"
    receipts.mkdir(exist_ok=True)
    with _command_environment(visitor), delivered_meanwhile(visitor.world):
        for action, *more in (["show"], ["erase", "--yes"], ["unblock"]):
            receipt = receipts / action
            for file in (receipt.with_suffix(".json"), receipt.with_suffix(".txt")):
                file.unlink(missing_ok=True)
            visitor.run_command(
                "person", action, *more, "-", "--receipt", str(receipt), typed=EMAIL
            )
    visitor.world.deliver_all()
    written = [file.read_text() for file in receipts.iterdir()]
    assert len(written) == 6
    visitor.detector.written.extend(written)


def _reads_and_shares(visitor: MarkedVisitor) -> None:
    visitor.world.publish_update()
    for path in (
        "share",
        "poster",
        "feed.atom",
        "feed.json",
        "updates/first-news",
        f"updates/{LOCAL_PART}",
    ):
        visitor.request("GET", f"/en/{SLUG}/{path}?from={EMAIL}")
    for path in ("/", f"/embed/{SLUG}", f"/api/petitions/{SLUG}/count", f"/static/{LOCAL_PART}"):
        visitor.request("GET", f"{path}?from={EMAIL}")


@contextmanager
def _command_environment(visitor: MarkedVisitor) -> Iterator[None]:
    """The environment by which commands find the service."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in visitor.world.environment.items():
            patch.setenv(name, value)
        yield


def _sends_invalid_forms(visitor: MarkedVisitor) -> None:
    for wrong in ({"email": f"{LOCAL_PART}@"}, {"name": NAME + "\u202e"}, {"country": "XX"}):
        visitor.post_form("sign", {**FORM, **wrong})
    visitor.post_form("subscribe", {"email": LOCAL_PART})
    visitor.request("GET", f"/en/{LOCAL_PART}")
    visitor.request("GET", f"/en/confirm/{LOCAL_PART}")
    visitor.request("POST", f"/en/unsubscribe/{LOCAL_PART}")
    visitor.request("GET", f"/en?email={EMAIL}")


def _exceeds_the_limit(visitor: MarkedVisitor) -> None:
    visitor.world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "1"
    visitor.world.restart()
    for _ in range(3):
        visitor.post_form("sign")
    visitor.world.deliver_all()


def _uses_an_expired_link(visitor: MarkedVisitor) -> None:
    visitor.post_form("sign")
    visitor.world.deliver_all()
    visitor.world.clock.advance(days=30)
    visitor.request("POST", visitor.world.link())


def _meets_aws_errors(visitor: MarkedVisitor) -> None:
    """AWS errors that quote the request."""
    services = visitor.world.services
    clients = {"dynamodb": services.petitions.client, "sqs": services.sqs, "ssm": services._ssm}
    for service, client in clients.items():
        for code in ("ThrottlingException", "ValidationException"):

            def fail(code: str = code, **_: Any) -> None:
                raise ClientError({"Error": {"Code": code, "Message": f"{NAME} {EMAIL}"}}, "Any")

            client.meta.events.register(f"before-call.{service}.*", fail, unique_id="fault")
            for form in ("sign", "manage", "subscribe"):
                visitor.post_form(form)
            client.meta.events.unregister(f"before-call.{service}.*", unique_id="fault")
    visitor.world.deliver_all()


JOURNEYS: Mapping[str, Callable[[MarkedVisitor], None]] = {
    journey.__name__.removeprefix("_"): journey
    for journey in (
        _signs_by_link,
        _signs_by_code,
        _signs_twice,
        _changes_and_withdraws,
        _ticks_news_after_signing,
        _asks_for_an_empty_own_page,
        _blocks_the_address,
        _has_the_mail_sent_again,
        _gets_an_alert_and_unsubscribes,
        _gets_a_digest,
        _accepts_the_provider_warning,
        _sends_a_proof_or_takes_the_slow_lane,
        _is_held_and_released,
        _is_shown_erased_and_unblocked_by_the_operator,
        _reads_and_shares,
        _sends_invalid_forms,
        _exceeds_the_limit,
        _uses_an_expired_link,
        _meets_aws_errors,
    )
}


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_leaves_no_personal_data(
    world: World, detector: LeakDetector, journey: str, capfd: pytest.CaptureFixture[str]
) -> None:
    visitor = MarkedVisitor(world, detector)
    in_transit: list[Any] = []
    deliver = world.deliver_messages

    def record_and_deliver() -> int:
        in_transit.extend([*_queued(world), *_stored(world)])
        return deliver()

    world.deliver_messages = record_and_deliver  # type: ignore[method-assign]

    with recorded(AwsCalls()) as calls:
        JOURNEYS[journey](visitor)

    # No metrics, traces or other services get any data.
    assert {name.partition(".")[0] for name in calls.made} <= {"dynamodb", "sqs", "sesv2", "ssm"}
    assert visitor.responses
    assert detector.written
    assert [detector.find(line) for line in detector.written if detector.find(line)] == []
    assert detector.find("".join(capfd.readouterr())) == []
    assert [detector.find(item) for item in in_transit if detector.find(item)] == []
    assert [detector.find(item) for item in _stored(world)] == [[]] * (len(TABLES) + 1)
    assert [detector.find(body) for body in _queued(world)] == [[]] * len(_queued(world))
    assert not any(token in line for token in detector.tokens for line in detector.written)
    for mail in world.mails():
        assert mail.to in (EMAIL, RISKY_EMAIL)
        assert detector.find(mail.subject) == []
        assert detector.find(re.findall(r"https?://[^\s\"<]+", mail.text + mail.html)) == []
    for response in visitor.responses:
        _check_page_shows_only_typed_values(response, detector)


def _check_page_shows_only_typed_values(response: ApiResponse, detector: LeakDetector) -> None:
    assert detector.find(str(response.headers)) == []
    if response.headers["Content-Type"].startswith("text/html"):
        page = ParsedPage(response.text)
        links = [e.get("href") or e.get("action") for e in page.all("a", "form", "link")]
        assert detector.find(" ".join(links)) == []
        typed_values = {e.get("value") for e in page.all("input")} - {""}
        # The page that asks for confirmation shows the name, and nothing else of a person.
        text = SHOWN_NAME.sub("", response.text)
        rest = text
        for value in typed_values:
            rest = rest.replace(f'value="{value}"', "")
        assert detector.find(rest) == []
        assert response.status != 200 or detector.find(text) == []


def _authentic(world: World, job: Mapping[str, Any]) -> str:
    """A message with the code of our own functions."""
    text, key = json.dumps(job), world.services.job_key
    return json.dumps({"job": text, "key": key.id, "code": jobs._code(key.raw, text)})


def _invalid_events(world: World) -> dict[str, tuple[Callable[[Any, Any], Any], dict[str, Any]]]:
    invalid_body = json.dumps({"kind": EMAIL, "detail": NAME})
    mail = {"kind": "SendMail", "id": EMAIL, "queued_at": NAME, "sealed": NAME}
    sent = {"kind": "SendMail", "id": EMAIL, "queued_at": "2026-03-08T12:00:00+00:00"}
    erasure = {"kind": "DeleteSuppression", "index": EMAIL, "reason": NAME, "since": NAME}
    return {
        "a mail that is not a job": (queues.send_mail, sqs_event("q", invalid_body)),
        "a mail that is not JSON": (queues.send_mail, sqs_event("q", EMAIL)),
        "a mail of another shape": (queues.send_mail, sqs_event("q", _authentic(world, mail))),
        "a mail that cannot be unsealed": (
            queues.send_mail,
            sqs_event("q", _authentic(world, {**sent, "sealed": base64.b64encode(b"x").decode()})),
        ),
        "an invalid job": (queues.run_job, sqs_event("q", invalid_body)),
        "a job of an unknown update": (
            queues.run_job,
            sqs_event("q", _authentic(world, {"kind": "FanOut", "alert_id": EMAIL})),
        ),
        "an invalid change": (queues.change_records, sqs_event("q", invalid_body)),
        "an erasure that nobody may queue": (
            queues.change_records,
            sqs_event("q", json.dumps({"job": json.dumps(erasure), "key": 1, "code": NAME})),
        ),
        "an invalid record of the stream": (
            streams.tally,
            stream_event([{"eventID": NAME, EMAIL: NAME}]),
        ),
    }


INVALID_EVENTS = (
    "a mail that is not a job",
    "a mail that is not JSON",
    "a mail of another shape",
    "a mail that cannot be unsealed",
    "an invalid job",
    "a job of an unknown update",
    "an invalid change",
    "an erasure that nobody may queue",
    "an invalid record of the stream",
)


@pytest.mark.parametrize("kind", INVALID_EVENTS)
def test_a_failed_handler_logs_its_place_and_no_data(
    world: World, detector: LeakDetector, kind: str
) -> None:
    events = _invalid_events(world)
    assert events.keys() == set(INVALID_EVENTS)
    handler, event = events[kind]

    with pytest.raises(errors.HandlerFailed) as failed:
        handler(event, None)

    trace = "".join(traceback.format_exception(failed.value, chain=True, limit=0))
    message = re.fullmatch(r"(\w+): (\w+) at ([\w:]+)", str(failed.value))
    assert message
    assert detector.find(trace) == []
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    assert any(all(part in line for part in message.groups()) for line in detector.written)
    assert [line for line in detector.written if detector.find(line)] == []


def _whole_events() -> Iterator[dict[str, Any]]:
    """Events of SES with an address wherever SES puts one."""
    recipient = {"emailAddress": EMAIL, "diagnosticCode": f"smtp; 550 5.1.1 {EMAIL}: no user"}
    details: dict[str, dict[str, Any]] = {
        "Send": {"send": {}},
        "Delivery": {"delivery": {"recipients": [EMAIL], "smtpResponse": f"250 ok {EMAIL}"}},
        "DeliveryDelay": {"deliveryDelay": {"delayedRecipients": [recipient]}},
        "Complaint": {"complaint": {"complainedRecipients": [recipient]}},
        "Reject": {"reject": {"reason": f"Bad content for {EMAIL}"}},
        "Rendering Failure": {"failure": {"errorMessage": f"{EMAIL} is missing"}},
        "Bounce": {
            "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [recipient],
            }
        },
    }
    tags = {
        "alert": ["0123456789abcdef"],
        "chunk": ["0"],
        "recipient": ["0"],
        "person": ["019a" + "0" * 30],
        "ses:configuration-set": [STACK_NAME],
    }
    for kind, detail in details.items():
        mail = {
            "messageId": "01000157c44f053b",
            "destination": [EMAIL],
            "headers": [{"name": "To", "value": f"{NAME} <{EMAIL}>"}],
            "commonHeaders": {"to": [EMAIL]},
            "tags": tags,
        }
        yield {
            "source": "aws.ses",
            "time": "2026-03-08T12:00:00Z",
            "detail": {"eventType": kind, "mail": mail, **detail},
        }


def test_the_address_in_an_event_of_ses_stays_behind_at_the_rule(
    world: World, detector: LeakDetector
) -> None:
    rules = EventRules()
    messages = [message for event in _whole_events() for message in rules.messages(event)]

    answer = ses_feedback.record_feedback(sqs_event("q", *messages), None)

    assert len(messages) == 7
    assert detector.find(messages) == []
    assert answer == {"batchItemFailures": []}
    assert [detector.find(item) for item in _stored(world) if detector.find(item)] == []
    assert [line for line in detector.written if detector.find(line)] == []


def test_feedback_that_cannot_be_read_is_logged_without_its_text(
    world: World, detector: LeakDetector
) -> None:
    bodies = [
        EMAIL,
        json.dumps({"kind": EMAIL, "tags": {}}),
        json.dumps({"kind": "Send", "tags": {"recipient": [EMAIL], "alert": [NAME]}}),
        json.dumps({"kind": "Send", "tags": {"person": [EMAIL]}}),
    ]

    answer = ses_feedback.record_feedback(sqs_event("q", *bodies), None)

    assert len(answer["batchItemFailures"]) == len(bodies)
    assert any("ses_events" in line for line in detector.written)
    assert [line for line in detector.written if detector.find(line)] == []


def test_a_damaged_record_of_the_stream_is_logged_without_its_data(
    world: World, detector: LeakDetector
) -> None:
    record = {"Keys": {"pk": {"S": f"{EMAIL}#00"}}, "NewImage": {"state": {"X": NAME}}}

    streams.tally(stream_event([{"dynamodb": record, "eventID": NAME}]), None)

    assert [line for line in detector.written if detector.find(line)] == []


def test_a_mail_that_ses_rejects_is_logged_without_its_address(
    world: World, detector: LeakDetector
) -> None:
    def refuse(**_: Any) -> None:
        response: Any = {
            "Error": {"Code": "MessageRejected", "Message": f"Address not verified: {EMAIL}"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        raise ClientError(response, "SendEmail")

    with intercepted(world.services.ses, "before-call.sesv2.*", refuse):
        MarkedVisitor(world, detector).post_form("sign")
        world.deliver_all()

    assert any("rejected by SES" in line for line in detector.written)
    assert [line for line in detector.written if detector.find(line)] == []


def test_the_detector_finds_plain_and_encoded_marks(detector: LeakDetector) -> None:
    hidden = base64.b64encode(f"x {EMAIL}".encode()).decode()

    assert detector.find(NAME) == ["name"]
    assert detector.find({"to": EMAIL, "from": CLIENT}) == ["address", "network"]
    assert detector.find(hidden) == ["address"]
    assert detector.find("open-door") == []


def test_no_cached_page_holds_personal_data(world: World, detector: LeakDetector) -> None:
    visitor = MarkedVisitor(world, detector)
    for journey in (
        _reads_and_shares,
        _sends_invalid_forms,
        _sends_a_proof_or_takes_the_slow_lane,
        _meets_aws_errors,
    ):
        journey(visitor)

    cached = [item for item in gc.get_objects() if isinstance(item, PublicResponse)]
    assert any(f"/en/{SLUG}/sign" in page.body for page in cached)
    assert [detector.find([page.body, page.headers]) for page in cached] == [[]] * len(cached)
