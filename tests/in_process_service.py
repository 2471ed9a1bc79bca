"""The service in this process: its AWS is moto, its clock stands still, its state can be reset."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from boto3.session import Session
from botocore.config import Config

from chalicelib import wiring
from chalicelib.config import settings_from
from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.store import keys
from chalicelib.store.secrets import INDEX_KEYS, write_keyring
from chalicelib.usecases import pacing
from chalicelib.wiring import Services
from ops.local import moto_internals, ses
from ops.local.event_sources import FEEDBACK_QUEUE
from ops.local.outbox import Outbox
from ops.local.resources import TemplateResources, read_template
from ops.secrets.inventory import FIRST_USED_FROM, store_missing
from tests import builders

PUBLIC_URL: Final = "https://zaklik.example"


class CachingSession(Session):
    """Makes each client once: a client has no state, and takes longer to make than ten calls."""

    def __init__(self) -> None:
        super().__init__()
        self._clients: dict[tuple[str, int], Any] = {}

    def client(self, service_name: str, *arguments: Any, **options: Any) -> Any:
        """The client of a service, with the options of the first call for as many attempts."""
        config: Any = options.get("config", Config())
        attempts = (config.retries or {}).get("total_max_attempts", 0)
        if (service_name, attempts) not in self._clients:
            make: Any = super().client
            # botocore's own User-Agent is a quarter of a call's time.
            options.setdefault("config", Config(user_agent="tests"))
            self._clients[service_name, attempts] = make(service_name, *arguments, **options)
        return self._clients[service_name, attempts]


@cache
def sessions(_variables: frozenset[tuple[str, str]]) -> tuple[CachingSession, CachingSession]:
    """Two sessions of this process: the functions call AWS with one, AWS itself with the other.

    A session keeps its endpoint and credentials, so each set of AWS variables has its own two.
    """
    return CachingSession(), CachingSession()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = builders.NOW

    def now(self) -> datetime:
        """This moment, aware UTC."""
        return self.moment

    def advance(self, **step: float) -> None:
        """Move the clock, by the arguments of a timedelta."""
        self.moment += timedelta(**step)

    def sleep(self, seconds: float) -> None:
        """Wait, without waiting."""
        self.advance(seconds=seconds)


@dataclass
class InProcessService:
    """The real service but for its AWS and its clock.

    `environment` can be changed; it holds from the next `restart` on. `delivered_count` is the
    number of stream records that have been delivered.
    """

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.folder / "outbox.jsonl")
        variables = (pair for pair in os.environ.items() if pair[0].startswith("AWS_"))
        self._session, aws = sessions(frozenset(variables))
        self._resources = TemplateResources(
            read_template(), {"PublicUrl": PUBLIC_URL, "Sender": "Desk <desk@zaklik.example>"}, aws
        )
        self._resources.create()
        self.environment = dict(self._resources.environment())
        self.ses = ses.SimulatedSes(self.outbox, self.clock.now, FEEDBACK_QUEUE)
        ses.install(self.ses)
        self.sqs = aws.client("sqs")
        self.delivered_count = 0
        self.restart()
        # One index key and one salt for all runs: the partition of a person is the same in each.
        ring = Keyring(keys=(RingKey(id=1, raw=bytes(range(32)), used_from=FIRST_USED_FROM),))
        self.services._ssm.put_parameter(
            Name=f"{self.services.settings.secrets_path}/{INDEX_KEYS}",
            Value=write_keyring(ring),
            Type="SecureString",
            # botocore repeats a call that was slow, and then the parameter exists.
            Overwrite=True,
        )
        self._put_index_salt()
        self.grant_mails()
        store_missing(self.services._ssm, self.services.settings.secrets_path)
        self._go_to_start = self.snapshot()

    def restart(self, function: str = "") -> None:
        """Start a new process, without the caches of the old one.

        With the logical id of a function, it has that function's own variables, too.
        """
        environment = {**self._resources.environment(function), **self.environment}
        self.services = Services(
            settings=settings_from(environment), now=self.clock.now, sleep=self.clock.sleep
        )
        self.services.cache.seconds = 0
        self.services._session = self._session
        wiring.install(self.services)

    def reset(self) -> None:
        """Remove everything but the secrets: cheaper than a new service."""
        self._go_to_start()

    def grant_mails(self, *, rate: float = 1000, quota: float = 1_000_000) -> None:
        """Let SES grant this rate a second and this quota a day, and the service know it."""
        self.ses.rate, self.ses.quota, self.ses.enabled = rate, quota, True
        pacing.every_minute(self.services)

    def forget_forms(self) -> None:
        """Be a service where nobody has filled in a form: texts change freely."""
        self.services.limits.delete(keys.index_salt(builders.SLUG))
        self.services.index_salts.clear()

    def _put_index_salt(self) -> None:
        salt = {"key_id": 1, "salt": bytes(32)}
        self.services.limits.put(keys.index_salt(builders.SLUG), salt)

    def snapshot(self) -> Callable[[], None]:
        """Copy the whole state; the function returned restores it, any number of times.

        The process is a new one then.
        """
        put_back = moto_internals.copied()
        mails, moment, delivered = self.outbox.all(), self.clock.moment, self.delivered_count
        environment = dict(self.environment)
        account = {name: getattr(self.ses, name) for name in ("rate", "quota", "enabled")}

        def restore() -> None:
            put_back()
            self.outbox.restore(0)
            for mail in mails:
                self.outbox.add(mail)
            vars(self.ses).update(account)
            self.clock.moment, self.delivered_count = moment, delivered
            self.environment = dict(environment)
            self.restart()

        return restore
