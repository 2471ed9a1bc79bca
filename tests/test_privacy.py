"""Marked personal data goes on every journey; afterwards it is nowhere that it must not be."""

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

from chalicelib.domain import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes
from chalicelib.routes import logs
from chalicelib.routes.events import errors, queues, ses_feedback, streams
from chalicelib.routes.http.responses import PublicResponse
from chalicelib.store import subscribers
from chalicelib.usecases.alerts import fan_out
from ops.local.aws import ACCOUNT, REGION
from tests.faults import Calls, intercepted, watched
from tests.ops.pseudo_terminal import zaklik
from tests.proving import easy_proof, press
from tests.routes.markup import ParsedPage
from tests.routes.requests import SAME_ORIGIN, SLUG, ApiResponse, call
from tests.world import PUBLIC_URL, World, sqs_event, stream_event

NAME = "Zmicer Mark-Name"
LOCAL_PART = "mark.local-part"
EMAIL = f"{LOCAL_PART}@example.org"
READABLE = f"{LOCAL_PART}@mail.ru"
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
TOKEN = re.compile(r"[A-Za-z0-9_-]{60,}")
"""Sealed tokens: what is in them cannot be read, so they may stand in links."""


class Witness:
    """Keeps all that could give somebody away."""

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
def witness() -> Iterator[Witness]:
    """Hears every log line of ours, as it is written, and of all libraries, as Lambda would."""
    made = Witness()

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            made.written.append(self.format(record))
            # What a careless formatter could make of the record.
            made.written.append(repr({**record.__dict__, "args": record.args}))

    ours, root = Keep(), Keep()
    ours.setFormatter(logs._JsonLines())
    root.setLevel(logging.INFO)
    watched = [(logging.getLogger("chalicelib"), ours), (logging.getLogger(), root)]
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    for logger, handler in watched:
        logger.addHandler(handler)
    yield made
    for logger, handler in watched:
        logger.removeHandler(handler)
    logging.getLogger().setLevel(level)


class Person:
    """Somebody at a browser whose every trace is marked."""

    def __init__(self, world: World, witness: Witness) -> None:
        self.world = world
        self.witness = witness
        self.answers: list[ApiResponse] = []

    def goes(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> ApiResponse:
        """Makes a request."""
        headers = {
            **SAME_ORIGIN,
            "User-Agent": AGENT,
            "X-Forwarded-For": CLIENT,
            "Cookie": NAME,
            "Referer": EMAIL,
        }
        body = "&".join(f"{name}={value}" for name, value in (fields or {}).items())
        answer = call(
            method,
            path,
            body=body.replace(" ", "+").encode(),
            headers=headers,
            client=CLIENT,
        )
        self.answers.append(answer)
        self.witness.tokens |= set(TOKEN.findall(path))
        return answer

    def asks(self, form: str, fields: Mapping[str, str] = FORM) -> ApiResponse:
        """Sends a form of the petition."""
        return self.goes("POST", f"/en/{SLUG}/{form}", fields)

    def types(self, *words: str, typed: str | None = None) -> None:
        """Has the operator type a command."""
        result = zaklik(*words, typed=typed)
        assert result.exit_code == 0, result.output
        self.witness.written.append(result.output)

    def opens_and_presses(self) -> ApiResponse:
        """Follows the link of the last mail and presses the button."""
        self.world.settle()
        link = self.world.link()
        self.goes("GET", link)
        answer = self.goes("POST", link)
        self.world.settle()
        return answer


def _stored(world: World) -> list[Any]:
    tables = [world.everything(table) for table in ("signatures", "subscribers", "petitions")]
    return [*tables, world.stream_records()]


def _queued(world: World) -> list[str]:
    queues = sqs_backends[ACCOUNT][REGION].queues.values()
    return [message.body for queue in queues for message in queue._messages]


def _signs_by_link(person: Person) -> None:
    person.asks("sign")
    person.opens_and_presses()


def _signs_by_code(person: Person) -> None:
    page = person.asks("sign").text
    person.world.settle()
    pending, code = PENDING.search(page), CODE.search(person.world.mails()[-1].text)
    assert pending
    assert code
    person.asks("code", {"pending": pending[1], "code": "AAAA AAAA"})
    person.asks("code", {"pending": pending[1], "code": code[1]})
    person.world.settle()


def _signs_twice(person: Person) -> None:
    _signs_by_link(person)
    person.asks("sign")
    person.world.settle()


def _looks_changes_and_withdraws(person: Person) -> None:
    _signs_by_link(person)
    person.asks("manage", {"email": EMAIL})
    person.world.settle()
    link = person.world.link()
    person.goes("GET", link)
    choice = {"do": "change", "language": "be", "frequency": "weekly"}
    for deed in (choice, {"do": "withdraw"}, {"do": "stop"}, {"do": "delete"}, {"do": NAME}):
        person.goes("POST", link, deed)
    person.world.settle()


def _has_nothing_to_look_at(person: Person) -> None:
    person.asks("manage", {"email": EMAIL})
    person.world.settle()


def _wants_no_mails(person: Person) -> None:
    person.asks("sign")
    person.world.settle()
    never = person.world.link_to("block")
    person.goes("GET", never)
    person.goes("POST", never)
    for form in ("sign", "subscribe", "manage"):
        person.asks(form)
    person.world.settle()


def _has_it_sent_again(person: Person) -> None:
    pending = PENDING.search(person.asks("sign").text)
    assert pending
    person.asks("again", {"pending": pending[1]})
    person.world.settle()
    link = person.world.link()
    person.world.clock.advance(days=8)
    person.goes("GET", link)
    person.goes("POST", f"{link}/again")
    person.opens_and_presses()


def _gets_an_alert_and_leaves(person: Person) -> None:
    person.asks("subscribe", {"email": EMAIL})
    person.opens_and_presses()
    fan_out.start_alert(person.world.services, person.world.publish_update().id)
    person.world.settle()
    header = person.world.mails()[-1].headers["List-Unsubscribe"]
    person.goes("POST", header[1:-1].removeprefix(PUBLIC_URL))


def _gets_a_digest(person: Person) -> None:
    world = person.world
    person.asks("subscribe", {"email": EMAIL})
    person.opens_and_presses()
    index = blind_indexes.subscriber_index(world.services, SLUG, email_address.parse(EMAIL))
    assert subscribers.change(
        world.services.subscribers, SLUG, index, language="en", frequency=Frequency.WEEKLY
    )
    fan_out.start_alert(world.services, world.publish_update().id)
    world.settle()
    world.clock.advance(days=1)
    world.tick()
    world.settle()
    assert world.mails()[-1].subject == "The news of the week"


def _is_warned_of_a_provider_and_goes_on(person: Person) -> None:
    for form in ("sign", "subscribe", "manage"):
        person.asks(form, {**FORM, "email": READABLE})
        person.asks(form, {**FORM, "email": READABLE, "despite": READABLE.rpartition("@")[2]})
    person.opens_and_presses()


def _works_for_it_or_waits(person: Person) -> None:
    press(person.world, proof_posts_per_network=1, proof_posts_per_minute=1)
    for _ in range(12):
        person.asks("sign")
    person.goes("GET", "/api/challenge")
    person.asks("sign", {**FORM, "proof": easy_proof(person.world).replace("+", "%2B")})
    person.asks("sign", {**FORM, "proof": LOCAL_PART})
    person.asks("subscribe", {"email": EMAIL, "slow": "yes"})
    person.world.tick()
    person.goes("GET", f"/en/{SLUG}")
    person.world.release_messages()
    person.opens_and_presses()


def _is_held_and_released(person: Person) -> None:
    person.asks("sign", {**FORM, "website": EMAIL})
    person.opens_and_presses()
    assert [item["state"] for item in person.world.signatures()] == ["held"]
    with _operated(person):
        person.types("signature", "held", SLUG)
        person.types("signature", "release", SLUG, "--yes")
    person.world.settle()


def _asks_the_operator_and_is_erased(person: Person) -> None:
    _signs_by_link(person)
    receipts = person.world.folder / "receipts"
    receipts.mkdir(exist_ok=True)
    with _operated(person):
        for deed, *more in (["show"], ["erase", "--yes"], ["unblock"]):
            receipt = receipts / deed
            for file in (receipt.with_suffix(".json"), receipt.with_suffix(".txt")):
                file.unlink(missing_ok=True)
            person.types("person", deed, *more, "-", "--receipt", str(receipt), typed=EMAIL)
    person.world.settle()
    written = [file.read_text() for file in receipts.iterdir()]
    assert len(written) == 6
    person.witness.written.extend(written)


def _passes_it_on(person: Person) -> None:
    person.world.publish_update()
    for path in (
        "share",
        "poster",
        "feed.atom",
        "feed.json",
        "updates/first-news",
        f"updates/{LOCAL_PART}",
    ):
        person.goes("GET", f"/en/{SLUG}/{path}?from={EMAIL}")
    for path in ("/", f"/embed/{SLUG}", f"/api/petitions/{SLUG}/count", f"/static/{LOCAL_PART}"):
        person.goes("GET", f"{path}?from={EMAIL}")


@contextmanager
def _operated(person: Person) -> Iterator[None]:
    """Let commands find the service."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in person.world.environment.items():
            patch.setenv(name, value)
        yield


def _is_refused(person: Person) -> None:
    for wrong in ({"email": f"{LOCAL_PART}@"}, {"name": NAME + "\u202e"}, {"country": "XX"}):
        person.asks("sign", {**FORM, **wrong})
    person.asks("subscribe", {"email": LOCAL_PART})
    person.goes("GET", f"/en/{LOCAL_PART}")
    person.goes("GET", f"/en/confirm/{LOCAL_PART}")
    person.goes("POST", f"/en/unsubscribe/{LOCAL_PART}")
    person.goes("GET", f"/en?email={EMAIL}")


def _floods(person: Person) -> None:
    person.world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "1"
    person.world.restart()
    for _ in range(3):
        person.asks("sign")
    person.world.settle()


def _comes_too_late(person: Person) -> None:
    person.asks("sign")
    person.world.settle()
    person.world.clock.advance(days=30)
    person.goes("POST", person.world.link())


def _meets_a_fault(person: Person) -> None:
    """AWS fails in every way in which it quotes what it was sent."""
    services = person.world.services
    clients = {"dynamodb": services.petitions.client, "sqs": services.sqs, "ssm": services._ssm}
    for service, client in clients.items():
        for code in ("ThrottlingException", "ValidationException"):

            def fail(code: str = code, **_: Any) -> None:
                raise ClientError({"Error": {"Code": code, "Message": f"{NAME} {EMAIL}"}}, "Any")

            client.meta.events.register(f"before-call.{service}.*", fail, unique_id="fault")
            for form in ("sign", "manage", "subscribe"):
                person.asks(form)
            client.meta.events.unregister(f"before-call.{service}.*", unique_id="fault")
    person.world.settle()


JOURNEYS: Mapping[str, Callable[[Person], None]] = {
    journey.__name__.removeprefix("_"): journey
    for journey in (
        _signs_by_link,
        _signs_by_code,
        _signs_twice,
        _looks_changes_and_withdraws,
        _has_nothing_to_look_at,
        _wants_no_mails,
        _has_it_sent_again,
        _gets_an_alert_and_leaves,
        _gets_a_digest,
        _is_warned_of_a_provider_and_goes_on,
        _works_for_it_or_waits,
        _is_held_and_released,
        _asks_the_operator_and_is_erased,
        _passes_it_on,
        _is_refused,
        _floods,
        _comes_too_late,
        _meets_a_fault,
    )
}


@pytest.mark.parametrize("journey", JOURNEYS)
def test_who_goes_this_way_leaves_nothing_behind_that_can_be_read(
    world: World, witness: Witness, journey: str, capfd: pytest.CaptureFixture[str]
) -> None:
    person = Person(world, witness)
    on_the_way: list[Any] = []
    deliver = world.deliver_messages

    def look_first() -> int:
        on_the_way.extend([*_queued(world), *_stored(world)])
        return deliver()

    world.deliver_messages = look_first  # type: ignore[method-assign]

    with watched(Calls()) as calls:
        JOURNEYS[journey](person)

    # There is nobody else whom anything could be told: no metrics, no traces, no alarms.
    assert {name.partition(".")[0] for name in calls.made} <= {"dynamodb", "sqs", "sesv2", "ssm"}
    assert person.answers
    assert witness.written
    assert [witness.find(line) for line in witness.written if witness.find(line)] == []
    assert witness.find("".join(capfd.readouterr())) == []
    assert [witness.find(item) for item in on_the_way if witness.find(item)] == []
    assert [witness.find(item) for item in _stored(world)] == [[]] * 4
    assert [witness.find(body) for body in _queued(world)] == [[]] * len(_queued(world))
    assert not any(token in line for token in witness.tokens for line in witness.written)
    for mail in world.mails():
        assert mail.to in (EMAIL, READABLE)
        assert witness.find(mail.subject) == []
        assert witness.find(re.findall(r"https?://[^\s\"<]+", mail.text + mail.html)) == []
    for answer in person.answers:
        _shows_only_what_was_typed(answer, witness)


def _shows_only_what_was_typed(answer: ApiResponse, witness: Witness) -> None:
    assert witness.find(str(answer.headers)) == []
    if answer.headers["Content-Type"].startswith("text/html"):
        page = ParsedPage(answer.text)
        links = [e.get("href") or e.get("action") for e in page.all("a", "form", "link")]
        assert witness.find(" ".join(links)) == []
        typed = {e.get("value") for e in page.all("input")} - {""}
        without = answer.text
        for value in typed:
            without = without.replace(f'value="{value}"', "")
        assert witness.find(without) == []
        assert answer.status != 200 or witness.find(answer.text) == []


def _poisoned() -> dict[str, tuple[Callable[[Any, Any], Any], dict[str, Any]]]:
    poison = json.dumps({"kind": EMAIL, "detail": NAME})
    record = {"Keys": {"pk": {"S": f"{EMAIL}#00"}}, "NewImage": {"state": {"X": NAME}}}
    mail = {"kind": "SendMail", "id": EMAIL, "queued_at": NAME, "sealed": NAME}
    sent = {"kind": "SendMail", "id": EMAIL, "queued_at": "2026-03-08T12:00:00+00:00"}
    feedback = {"detail": {"eventType": "Send", "mail": {"tags": {"recipient": [EMAIL]}}}}
    return {
        "a mail that is no job": (queues.send_mail, sqs_event("q", poison)),
        "a mail that is no json": (queues.send_mail, sqs_event("q", EMAIL)),
        "a mail of another shape": (queues.send_mail, sqs_event("q", json.dumps(mail))),
        "a mail that does not open": (
            queues.send_mail,
            sqs_event("q", json.dumps({**sent, "sealed": base64.b64encode(b"x").decode()})),
        ),
        "a job that is none": (queues.run_job, sqs_event("q", poison)),
        "a job for no update": (
            queues.run_job,
            sqs_event("q", json.dumps({"kind": "FanOut", "alert_id": EMAIL})),
        ),
        "feedback that is none": (ses_feedback.record_feedback, sqs_event("q", poison)),
        "feedback about nobody": (
            ses_feedback.record_feedback,
            sqs_event("q", json.dumps(feedback)),
        ),
        "a change that is none": (
            streams.tally,
            stream_event([{"dynamodb": record, "eventID": NAME}]),
        ),
    }


@pytest.mark.parametrize("kind", _poisoned())
def test_a_handler_that_fails_says_where_and_nothing_of_what_it_was_given(
    world: World, witness: Witness, kind: str
) -> None:
    handler, event = _poisoned()[kind]

    with pytest.raises(errors.HandlerFailed) as failed:
        handler(event, None)

    told = "".join(traceback.format_exception(failed.value, chain=True, limit=0))
    said = re.fullmatch(r"(\w+): (\w+) at ([\w:]+)", str(failed.value))
    assert said
    assert witness.find(told) == []
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    assert any(all(part in line for part in said.groups()) for line in witness.written)
    assert [line for line in witness.written if witness.find(line)] == []


def test_a_mail_that_ses_refuses_is_logged_without_its_reader(
    world: World, witness: Witness
) -> None:
    def refuse(**_: Any) -> None:
        response: Any = {
            "Error": {"Code": "MessageRejected", "Message": f"Address not verified: {EMAIL}"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        raise ClientError(response, "SendEmail")

    with intercepted(world.services.ses, "before-call.sesv2.*", refuse):
        Person(world, witness).asks("sign")
        world.settle()

    assert any("rejected by SES" in line for line in witness.written)
    assert [line for line in witness.written if witness.find(line)] == []


def test_the_witness_would_see_what_is_not_hidden(witness: Witness) -> None:
    hidden = base64.b64encode(f"x {EMAIL}".encode()).decode()

    assert witness.find(NAME) == ["name"]
    assert witness.find({"to": EMAIL, "from": CLIENT}) == ["address", "network"]
    assert witness.find(hidden) == ["address"]
    assert witness.find("open-door") == []


def test_no_page_that_is_kept_for_everybody_holds_what_somebody_typed(
    world: World, witness: Witness
) -> None:
    person = Person(world, witness)
    for journey in (_passes_it_on, _is_refused, _works_for_it_or_waits, _meets_a_fault):
        journey(person)

    kept = [each for each in gc.get_objects() if isinstance(each, PublicResponse)]
    assert any(f"/en/{SLUG}/sign" in each.body for each in kept)
    assert [witness.find([each.body, each.headers]) for each in kept] == [[]] * len(kept)
