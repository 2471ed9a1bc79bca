"""All parts of the service, wired together: AWS, what it holds, who works on it, who answers."""

import http.client
import threading
from typing import Final

import app as chalice_app
from chalicelib import wiring
from chalicelib.config import settings_from
from chalicelib.rendering import translations, urls
from chalicelib.wiring import Services
from ops.errors import CannotContinue
from ops.local import environment, first_run, moto_internals, ses
from ops.local.api_gateway import Front
from ops.local.aws import Engine
from ops.local.clock import Clock
from ops.local.controls import Controls
from ops.local.event_sources import FEEDBACK, Pump
from ops.local.http_server import Gateway
from ops.local.outbox import Outbox
from ops.local.resources import Stack, read_template
from ops.local.snapshots import Snapshots
from ops.local.state import StateFolder

SENDER: Final = "desk@zaklik.local"
OUTBOX_FILE: Final = "outbox.jsonl"

_PAGE_CACHE_SECONDS: Final = "1"
"""Short, so that a change shows when one looks."""
_POLL_SECONDS: Final = 0.2
_PARTS: Final = ("signatures", "subscribers", "petitions", "cache", "sqs", "ses")
_SECRETS: Final = ("token_keys", "index_key", "mailer_public_key", "mailer_private_key")


class Service:
    """The service of one state folder, behind `gateway`."""

    def __init__(self, state: StateFolder, gateway: Gateway) -> None:
        """Make AWS, fill it with what the folder holds, publish. Raises CannotContinue."""
        first_run.compile_if_stale()
        self._state = state
        self._gateway = gateway
        self.url = f"http://127.0.0.1:{gateway.server_port}"
        self._clock = Clock()
        self._outbox = Outbox(state.path / OUTBOX_FILE)
        self._engine = _engine(state)
        self._engine.start()
        self._environment = self._make_resources()
        self._snapshots = Snapshots(state.path, self._engine, self._outbox, self._clock)
        backlog = self._snapshots.restore()
        self._services = self._make_services()
        key = first_run.development_key(state.path)
        self._slugs = first_run.publish_all(self._services, key)
        self._pump = Pump(self._engine, self._services, self._clock, backlog)
        self._saver = threading.Thread(
            target=self._snapshots.keep_saving, args=(self._pump.uncounted,), daemon=True
        )
        gateway.front = Front(chalice_app.app)
        gateway.controls = Controls(self._outbox, self._clock, self._pump).answer

    def start(self) -> None:
        """Begin to answer and to work; returns when the petition's page is there.

        Raises CannotContinue when it is not.
        """
        self._write_details()
        self._pump.start()
        self._saver.start()
        threading.Thread(
            target=self._gateway.serve_forever, args=(_POLL_SECONDS,), daemon=True
        ).start()
        status = self._status_of_first_page()
        if status != 200:
            raise CannotContinue(f"The first page answers {status}: the log says why.")

    def stop(self) -> None:
        """Finish what is in hand, save and end."""
        self._gateway.shutdown()
        self._pump.stop()
        self._snapshots.stop()
        self._saver.join()
        self._snapshots.save(self._pump.uncounted)
        self._engine.stop()

    def _make_resources(self) -> dict[str, str]:
        """Make tables, queues and the bucket; the environment in which they are found."""
        aws = environment.aws_environment(self._engine.url)
        environment.enter(aws)
        stack = Stack(read_template(), {"PublicUrl": self.url, "Sender": SENDER})
        stack.create()
        ses.install(ses.Post(outbox=self._outbox, clock=self._clock, feedback_queue=FEEDBACK))
        return {**aws, **stack.environment(), "ZAKLIK_PAGE_CACHE_SECONDS": _PAGE_CACHE_SECONDS}

    def _make_services(self) -> Services:
        """Services, whole before there are threads: two of them could make one part twice."""
        environment.enter(self._environment)
        services = Services(settings=settings_from(), now=self._clock.now)
        wiring.install(services)
        first_run.store_secrets(self._state.path, services.settings.secrets_path)
        for part in _PARTS:
            getattr(services, part)
        for secret in _SECRETS:
            getattr(services.secrets, secret)
        # The first call to SES costs the engine half a second; no signer is to wait for it.
        services.ses.list_email_identities()
        with self._engine.lock:
            moto_internals.begin_shard(moto_internals.tables()[services.settings.signatures_table])
        return services

    def _write_details(self) -> None:
        """For `zaklik --local`: where this is, and how far its clock is ahead."""
        self._state.write_details(
            {
                "url": self.url,
                "environment": self._environment,
                "aws_port": self._engine.port,
                "clock_offset_seconds": self._clock.offset.total_seconds(),
            }
        )

    def _status_of_first_page(self) -> int:
        code = translations.SOURCE_LANGUAGE
        path = urls.petition(code, self._slugs[0]) if self._slugs else urls.petitions(code)
        connection = http.client.HTTPConnection("127.0.0.1", self._gateway.server_port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


def _engine(state: StateFolder) -> Engine:
    """On the port of the last run if that is free, so that addresses of queues stay true."""
    try:
        return Engine(state.details().get("aws_port", 0))
    except OSError:
        return Engine(0)
