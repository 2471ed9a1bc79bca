"""The whole service in one process, on moto, with a clock, a postman and faults at will.

A test signs, confirms and reads pages as a browser would, and says when queues, stream and clock
are worked off. Nothing of the service is replaced but `services`.
"""

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from boto3.session import Session
from chalice.test import Client, HTTPResponse
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

import app
from chalicelib import wiring
from chalicelib.config import settings_from
from chalicelib.crypto.sealing import SIGNATURE, info
from chalicelib.crypto.unsealing import unseal
from chalicelib.domain.petition import Petition
from chalicelib.domain.update import Update
from chalicelib.routes.events import errors, queues, schedules, ses_feedback, streams
from chalicelib.store import keys, tallies
from chalicelib.store.dynamodb.items import deserialize
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.secrets import INDEX_KEY
from chalicelib.usecases.petitions import publishing
from chalicelib.wiring import Services
from ops.keys.secrets import store_missing
from ops.local import ses
from ops.local.aws import ACCOUNT, REGION
from ops.local.outbox import Outbox, SentMail
from ops.local.resources import TemplateResources, read_template
from tests import builders

PUBLIC_URL = "https://zaklik.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
LINK = re.compile(re.escape(PUBLIC_URL) + r"(/\S+)")


class OneOfEach(Session):
    """Makes each client once: it remembers nothing, and making it takes longer than ten calls."""

    def __init__(self) -> None:
        super().__init__()
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, *arguments: Any, **options: Any) -> Any:
        """The client of a service, as it was first asked for."""
        if service_name not in self._clients:
            make: Any = super().client
            self._clients[service_name] = make(service_name, *arguments, **options)
        return self._clients[service_name]


@cache
def sessions(_variables: frozenset[tuple[str, str]]) -> tuple[OneOfEach, OneOfEach]:
    """Those of this process: what the functions call AWS with, and what AWS itself works with.

    Endpoint and credentials stay with a session, so each set of AWS variables has its own two.
    """
    return OneOfEach(), OneOfEach()


class Crash(BaseException):
    """The process dies: nothing after this line of it runs, and no `except Exception` helps."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = builders.NOW

    def now(self) -> datetime:
        """The moment at which the world is."""
        return self.moment

    def advance(self, **step: float) -> None:
        """Move on, by the arguments of a timedelta."""
        self.moment += timedelta(**step)


@dataclass
class World:
    """Everything: see the module's docstring."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.folder / "outbox.jsonl")
        variables = (pair for pair in os.environ.items() if pair[0].startswith("AWS_"))
        self._session, aws = sessions(frozenset(variables))
        self.stack = TemplateResources(
            read_template(), {"PublicUrl": PUBLIC_URL, "Sender": "Desk <desk@zaklik.example>"}, aws
        )
        self.stack.create()
        self.environment = dict(self.stack.environment())
        self._feedback = "zaklik-feedback"
        # The clock of the local run and the one of tests are alike as far as mails go.
        ses.install(ses.SimulatedSes(self.outbox, self.clock.now, self._feedback))
        self.sqs = aws.client("sqs")
        self.counted = 0
        self.restart()
        # One index key for all runs: in which part of a table somebody is filed is then no dice.
        self.services._ssm.put_parameter(
            Name=f"{self.services.settings.secrets_path}/{INDEX_KEY}",
            Value=b64encode(bytes(range(32))).decode(),
            Type="SecureString",
            # A slow engine is asked again, and has it already.
            Overwrite=True,
        )
        store_missing(self.services._ssm, self.services.settings.secrets_path)

    def restart(self, function: str = "") -> None:
        """A new process: what the old one remembered is gone.

        With the logical id of a function, it has the variables that only this one is given, too.
        """
        environment = {**self.stack.environment(function), **self.environment}
        self.services = Services(settings=settings_from(environment), now=self.clock.now)
        self.services.cache.seconds = 0
        self.services._session = self._session
        wiring.install(self.services)

    def wipe(self) -> None:
        """Forget all that has happened, but not the secrets: cheaper than a new world."""
        for table in dynamodb_backends[ACCOUNT][REGION].tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()
        for queue in sqs_backends[ACCOUNT][REGION].queues.values():
            queue._messages.clear()
            queue.pending_messages.clear()
        self.outbox.restore(0)
        self.clock.moment = builders.NOW
        self.counted = 0
        self.environment = dict(self.stack.environment())
        self.restart()

    def remember(self) -> Callable[[], None]:
        """Remember how all is at this moment; what is returned brings it back, any number of times.

        The process is a new one then.
        """
        tables = dynamodb_backends[ACCOUNT][REGION].tables
        queues = sqs_backends[ACCOUNT][REGION].queues
        items = deepcopy({name: table.items for name, table in tables.items()})
        records = {name: [*t.stream_shard.items] for name, t in tables.items() if t.stream_shard}
        messages = deepcopy({name: queue._messages for name, queue in queues.items()})
        mails, moment, counted = self.outbox.all(), self.clock.moment, self.counted
        environment = dict(self.environment)

        def bring_back() -> None:
            self.wipe()
            for name, table in tables.items():
                table.items = deepcopy(items[name])
                if table.stream_shard:
                    table.stream_shard.items.extend(records[name])
            for name, queue in queues.items():
                queue._messages.extend(deepcopy(messages[name]))
            for mail in mails:
                self.outbox.add(mail)
            self.clock.moment, self.counted, self.environment = moment, counted, dict(environment)
            self.restart()

        return bring_back

    # What an organiser does.

    def publish(self, petition: Petition | None = None) -> Petition:
        """Publish a petition."""
        return publishing.publish_petition(self.services, petition or builders.petition())

    def publish_update(self, update: Update | None = None) -> Update:
        """Publish an update."""
        return publishing.publish_update(self.services, update or builders.update())

    # What a visitor does.

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        """Read a page."""
        with Client(app.app) as client:
            return client.http.get(path, headers=dict(headers or {}))

    def post(
        self, path: str, fields: Mapping[str, str] | bytes, headers: Mapping[str, str] = FORM
    ) -> HTTPResponse:
        """Send a form."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        with Client(app.app) as client:
            return client.http.post(path, headers=dict(headers), body=body)

    def sign(self, *, language: str = "en", **changes: str) -> HTTPResponse:
        """Send the sign form of the usual petition."""
        return self.post(f"/{language}/open-door/sign", builders.sign_form(**changes))

    def sign_and_confirm(self, **changes: str) -> None:
        """Sign, find the mail, follow its link, press the button; then let everything settle."""
        self.sign(**changes)
        self.settle()
        self.post(self.link(), {})
        self.settle()

    def ask_for_own_page(self, email: str = "hanna@example.org") -> str:
        """Ask for the link to one's own page; its path."""
        self.post("/en/open-door/manage", {"email": email})
        self.settle()
        return self.link()

    def withdraw(self, email: str = "hanna@example.org") -> HTTPResponse:
        """Ask for the link, follow it, press the button that withdraws; the news end with it."""
        answer = self.post(self.ask_for_own_page(email), {"do": "withdraw", "news": "stop"})
        self.settle()
        return answer

    def mails(self, to: str | None = None) -> list[SentMail]:
        """The mails sent so far, oldest first; only those to one address, if it is given."""
        return [mail for mail in self.outbox.all() if to in (None, mail.to)]

    def link(self, mail: SentMail | None = None) -> str:
        """The path of the first link in a mail (default: the last mail)."""
        found = LINK.search((mail or self.mails()[-1]).text)
        assert found, "no link in the mail"
        return found[1]

    def link_to(self, door: str, mail: SentMail | None = None) -> str:
        """The path of the link in a mail (default: the last one) to this kind of page."""
        paths: list[str] = LINK.findall((mail or self.mails()[-1]).text)
        return next(path for path in paths if path.split("/")[2] == door)

    # What AWS does.

    def invoke(self, handler: Callable[..., Any], event: dict[str, Any]) -> None:
        """Run a function of the back door on an event."""
        handler(event, None)

    def settle(self, rounds: int = 30) -> None:
        """Deliver messages and stream records until nothing is left that can be delivered now."""
        for _ in range(rounds):
            if not (self.deliver_messages() + self.deliver_stream()):
                return
        raise AssertionError("it does not settle")

    def deliver_messages(self) -> int:
        """Deliver every visible message once; how many were handled. Failed ones stay."""
        handled = 0
        for queue, handler in {
            "zaklik-mail": queues.send_mail,
            "zaklik-jobs": queues.run_job,
            self._feedback: ses_feedback.record_feedback,
        }.items():
            if not sqs_backends[ACCOUNT][REGION].queues[queue]._messages:
                # Not asked for: moto's many answers that there is nothing cost the suite minutes.
                continue
            url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            while messages := self.sqs.receive_message(QueueUrl=url).get("Messages"):
                for message in messages:
                    try:
                        self.invoke(handler, sqs_event(queue, message["Body"]))
                    except errors.HandlerFailed:
                        continue
                    self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    handled += 1
        return handled

    def release_messages(self) -> None:
        """Let failed and delayed messages be received again, as time would."""
        for queue in sqs_backends[ACCOUNT][REGION].queues.values():
            for message in queue._messages:
                message.delayed_until = 0
                message.visible_at = 0

    def at_rest(self) -> bool:
        """Whether no message waits, no record is uncounted and no alert is open."""
        queues = sqs_backends[ACCOUNT][REGION].queues.values()
        petitions_table = dynamodb_backends[ACCOUNT][REGION].tables[
            self.services.settings.petitions_table
        ]
        return (
            not any(queue._messages for queue in queues)
            and len(self.stream_records()) == self.counted
            and not any(
                items for pk, items in petitions_table.items.items() if pk.value == keys.ALERTS
            )
        )

    def stream_records(self) -> list[dict[str, Any]]:
        """Every record of the signatures' stream, as Lambda is given them."""
        table = dynamodb_backends[ACCOUNT][REGION].tables[self.services.settings.signatures_table]
        assert table.stream_shard, "the table has no stream"
        return [
            json.loads(json.dumps(item.to_json(), default=str)) for item in table.stream_shard.items
        ]

    def deliver_stream(self) -> int:
        """Deliver the records that have not been delivered; how many. A failure keeps them."""
        records = self.stream_records()[self.counted :]
        if not records:
            return 0
        self.invoke(streams.tally, stream_event(records))
        self.counted += len(records)
        return len(records)

    def have_counted(self, *, unsaid: int = 0, **countries: int) -> None:
        """Let the tally be higher by these, as after a busy week; `unsaid` named no country."""
        figures = {**countries, "": unsaid}
        seen = tallies.get(self.services.petitions, "open-door")
        count = sum(figures.values())
        tallies.repair(self.services.petitions, seen, count=count, countries=figures)

    def tick(self) -> None:
        """The clock strikes the minute."""
        self.invoke(schedules.every_minute, schedule_event())

    # What can be seen from outside.

    def count(self, slug: str = "open-door") -> int:
        """How many have been counted, exactly; the public is shown less."""
        return tallies.get(self.services.petitions, slug).count

    def signatures(self, slug: str = "open-door") -> list[dict[str, Any]]:
        """The items of a petition's signatures, tombstones too."""
        return [item for item in self.everything("signatures") if item["pk"].startswith(slug)]

    def everything(self, table: str) -> list[dict[str, Any]]:
        """Every item of `signatures`, `subscribers` or `petitions`, from moto's memory.

        Scans through moto's API took a good part of the suite's time.
        """
        opened: Table = getattr(self.services, table)
        kept = dynamodb_backends[ACCOUNT][REGION].tables[opened.name]
        return [deserialize(item.to_json()["Attributes"]) or {} for item in kept.all_items()]

    def unsealed(self, slug: str = "open-door") -> list[dict[str, Any]]:
        """The signatures as the organisers read them."""
        context = info(SIGNATURE, slug)
        return [
            json.loads(unseal(item["sealed"], self.organiser_key, context))
            for item in self.signatures(slug)
            if "sealed" in item
        ]

    @property
    def organiser_key(self) -> X25519PrivateKey:
        """The key that organisers keep offline."""
        return builders.ORGANISER_KEY

    def subscriptions(self, slug: str = "open-door") -> list[dict[str, Any]]:
        """The items of a petition's subscribers."""
        return [item for item in self.everything("subscribers") if item["pk"].startswith(slug)]


def sqs_event(queue: str, body: str) -> dict[str, Any]:
    """An event as Lambda gets it from a queue."""
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-central-1:123456789012:{queue}",
        "awsRegion": "eu-central-1",
    }
    return {"Records": [record]}


def stream_event(
    records: list[dict[str, Any]], shard: str = "shardId-00000001541626099285-f35f62ef"
) -> dict[str, Any]:
    """An event as Lambda gets it from a stream with a tumbling window."""
    return {
        "Records": records,
        "window": {"start": "2026-03-08T12:00:00Z", "end": "2026-03-08T12:01:00Z"},
        "state": {},
        "shardId": shard,
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/s/stream/x",
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def schedule_event() -> dict[str, Any]:
    """An event as Lambda gets it from a schedule."""
    return {
        "version": "0",
        "account": "123456789012",
        "region": "eu-central-1",
        "detail": {},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": "2026-03-08T12:00:00Z",
        "id": "event",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/tick"],
    }
