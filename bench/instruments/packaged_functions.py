"""The package's functions with AWS on moto's server, and real events for each of them."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from unittest import mock

import boto3

from bench.instruments import moto_service
from bench.instruments.packages import Packages
from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.signature_filter import SignatureRevision
from chalicelib.mail import jobs
from chalicelib.people import sealed_records
from chalicelib.store import keys
from chalicelib.store.integrity import breakdowns, tallies
from chalicelib.store.signatures import signatures
from chalicelib.usecases import mailing
from chalicelib.usecases.alerts import fan_out, sending, starting
from chalicelib.usecases.petitions import publishing
from chalicelib.usecases.signatures import signing
from tests import builders
from tests.event_delivery import schedule_event, sqs_event, stream_event
from tests.package.packaged_service import HANDLERS, PackagedService
from tests.package.runtime_api import Function
from tests.world import LINK as LINK_IN_MAIL

Event = Mapping[str, Any]

PAGE: Final = "petition page"
SIGN: Final = "sign form sent"
LINK: Final = "link followed (GET)"
CONFIRM: Final = "button pressed: signature kept"
SEND_MAIL: Final = "send_mail: one mail"
WORK_OFF: Final = "run_job: a chunk of an alert"
CHANGE_RECORDS: Final = "change_records: fifty signatures held"
NOTE_FEEDBACK: Final = "record_feedback: one send event"
TALLY: Final = "tally: a batch of 100"
EVERY_MINUTE: Final = "every minute: some alerts open"
RECONCILE: Final = "reconcile: a small petition"
BATCH: Final = 100
WEB: Final = "api_handler"
"""What Chalice's settings call the function behind all pages."""
_HANDLER: Final = "app.app"
_SLUG: Final = "open-door"


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one function does: its handler, and as many events as were asked for.

    `function` is its name in Chalice's settings; `before` is done before each event.
    """

    function: str
    handler: str
    events: Sequence[Event]
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True, kw_only=True)
class Environment:
    """AWS on moto's server, and the packages that run against it."""

    stage: PackagedService
    packages: Packages

    def start(self, handler: str, *, package: Path | None = None, log: Path) -> Function:
        """Start a function of a package (default: ours) in a process of its own."""
        return Function(
            handler,
            package=package or self.packages.ours,
            runtime=self.packages.runtime,
            environment=self.stage.environment(handler),
            log=log,
        )


@contextmanager
def environment(packages: Packages, folder: Path) -> Iterator[Environment]:
    """The tables, queues and secrets of the service, with one open petition and nobody on it."""
    with mock.patch.dict(os.environ):
        made = PackagedService(
            package=packages.ours,
            runtime=packages.runtime,
            folder=folder,
            setenv=os.environ.__setitem__,
        )
        with closing(made):
            yield Environment(stage=made, packages=packages)


def prepare(lambdas: Environment, count: int) -> Mapping[str, Work]:
    """Every kind of work, each with `count` events that have not been handled."""
    links = _links(lambdas.stage, count)
    return {
        PAGE: _web([moto_service.event("GET", f"/en/{_SLUG}")] * count),
        SIGN: _web([_form(number) for number in range(count)]),
        LINK: _web([moto_service.event("GET", link) for link in links]),
        CONFIRM: _web([moto_service.event("POST", link, {}) for link in links]),
        SEND_MAIL: _queued("send_mail", moto_service.MAIL_QUEUE, _mails(lambdas.stage, count)),
        **_alerts(lambdas.stage, count),
        CHANGE_RECORDS: _queued(
            "change_records", moto_service.CHANGE_QUEUE, _holds(lambdas.stage, count)
        ),
        TALLY: _behind(
            "tally", [stream_event(moto_service.changes(BATCH, _SLUG)) for _ in range(count)]
        ),
        EVERY_MINUTE: _behind("every_minute", [schedule_event()] * count),
        RECONCILE: replace(
            _behind("reconcile", [schedule_event()] * count),
            before=lambda: _settle(lambdas.stage),
        ),
    }


def refuse(answer: Any) -> None:
    """Raise Refused if an answer is a page's and not the one that was to be measured."""
    if isinstance(answer, Mapping) and answer.get("statusCode", 200) != 200:
        raise moto_service.UnexpectedAnswer(f"a page answered {answer['statusCode']}")


def _form(number: int) -> Event:
    form = builders.sign_form(email=f"asking.{number}@gmail.com")
    return moto_service.event("POST", f"/en/{_SLUG}/sign", form, client=f"10.0.{number}.1")


def _mails(made: PackagedService, count: int) -> Sequence[str]:
    """Mail jobs, as they lie on the queue, of so many people who have asked to sign."""
    for number in range(count):
        signing.request_signature(
            made.services,
            slug=_SLUG,
            language="en",
            fields=builders.sign_form(email=f"mailed.{number}@gmail.com"),
            network=f"10.1.{number}.0/24",
        )
    return moto_service.drain(boto3.client("sqs"), moto_service.MAIL_QUEUE)


def _links(made: PackagedService, count: int) -> Sequence[str]:
    """The paths of so many links that have been mailed and not been followed."""
    for body in _mails(made, count):
        job = jobs.from_body(body, made.services.secrets.job_keys)
        if not isinstance(job, jobs.SendMail):
            raise moto_service.UnexpectedAnswer(
                "something else than mails lies on the queue of mails"
            )
        mailing.send_mail(made.services, job)
    found = [LINK_IN_MAIL.search(mail.text) for mail in made.outbox.all()[-count:]]
    return [link[1] for link in found if link]


def _alerts(made: PackagedService, count: int) -> Mapping[str, Work]:
    """Chunks that are due, and send events of chunks that have been sent."""
    for number in range(count):
        sealed_records.add_subscription(
            made.services,
            slug=_SLUG,
            language="en",
            address=email_address.parse(f"subscriber.{number}@example.org"),
            requested_at=made.services.now(),
        )
    for job in _chunks(made, "sent-already"):
        sending.send_chunk(made.services, job)
    sent = moto_service.drain(boto3.client("sqs"), moto_service.FEEDBACK_QUEUE)
    due: list[str] = []
    while len(due) < count:
        due += [
            jobs.to_body(job, made.services.job_key) for job in _chunks(made, f"due-{len(due)}")
        ]
    return {
        WORK_OFF: _queued("run_job", moto_service.JOB_QUEUE, due[:count]),
        NOTE_FEEDBACK: _queued("record_feedback", moto_service.FEEDBACK_QUEUE, sent[:count]),
    }


def _chunks(made: PackagedService, name: str) -> Sequence[jobs.SendChunk]:
    """The chunks of a new update's alert, made and not yet sent."""
    update = publishing.publish_update(made.services, builders.update(name=name))
    alert_id = starting.start_update(made.services, update.id)
    if alert_id is None:
        raise moto_service.UnexpectedAnswer("the update was sent before")
    fan_out.fan_out(made.services, alert_id)
    waiting = [
        jobs.from_body(body, made.services.secrets.job_keys)
        for body in moto_service.drain(boto3.client("sqs"), moto_service.JOB_QUEUE)
    ]
    return [job for job in waiting if isinstance(job, jobs.SendChunk)]


def _holds(made: PackagedService, count: int) -> Sequence[str]:
    """Jobs of fifty writes each. Nobody has signed, so the writes fail, which costs the same."""
    seen = SignatureRevision(slug=_SLUG, index="", attestation=bytes(ATTESTATION_BYTES))
    revisions = [replace(seen, index=f"01{number:032x}") for number in range(jobs.MAX_REVISIONS)]
    job = jobs.HoldSignatures(revisions=tuple(revisions), why="a burst of one evening")
    return [jobs.to_body(job, made.services.job_key)] * count


def _settle(made: PackagedService) -> None:
    """Let the tally be what lies in the table: a drift makes the nightly count wait for minutes."""
    petitions, stored, by_day = made.services.petitions, Counter[str](), Counter[str]()
    for bucket in keys.BUCKETS:
        counted = signatures.count_in(made.services.signatures, _SLUG, bucket)
        stored.update(counted.confirmed)
        by_day.update(counted.breakdown)
    seen = tallies.get(petitions, _SLUG)
    stored.subtract(seen.countries)
    tallies.repair(petitions, seen, count=stored.total(), countries=stored)
    broken_down = breakdowns.get(petitions, _SLUG)
    by_day.subtract(broken_down.figures)
    breakdowns.repair(petitions, _SLUG, by_day, seen=broken_down)


def _web(events: Sequence[Event]) -> Work:
    return Work(function=WEB, handler=_HANDLER, events=events)


def _behind(function: str, events: Sequence[Event]) -> Work:
    return Work(function=function, handler=HANDLERS[function], events=events)


def _queued(function: str, queue: str, bodies: Sequence[str]) -> Work:
    return _behind(function, [sqs_event(queue, body) for body in bodies])
