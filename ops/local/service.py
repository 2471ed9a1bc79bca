"""All parts of the service, wired together: AWS, its contents, its event sources, the web."""

import http.client
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import app as chalice_app
from chalicelib import wiring
from chalicelib.config import settings_from
from chalicelib.domain import countries
from chalicelib.rendering import templates, translations, urls
from chalicelib.rendering.build_output import COMPILED
from chalicelib.routes.http import responses
from chalicelib.routes.http.router import READ
from chalicelib.usecases import pacing
from chalicelib.wiring import Services
from ops import compiling
from ops.errors import CannotContinue
from ops.local import moto_internals, moto_patches, organisers, petition_folders, ses
from ops.local.api_gateway import ApiGateway, HttpResponse, from_proxy, is_of_desk
from ops.local.aws import MotoServer, aws_environment, replace_environment
from ops.local.controls import PREFIX, Controls
from ops.local.event_sources import FEEDBACK_QUEUE, EventSources
from ops.local.http_server import HttpServer
from ops.local.lambda_events import HttpRequest
from ops.local.outbox import Outbox
from ops.local.resources import TemplateResources, read_template
from ops.local.state import AdjustableClock, Snapshots, StateFolder
from ops.secrets.inventory import store_missing

SENDER: Final = "desk@zaklik.local"
OUTBOX_FILE: Final = "outbox.jsonl"

_PAGE_CACHE_SECONDS: Final = "1"
"""Short, so that a change shows at the next look."""
_POLL_SECONDS: Final = 0.2
_CLIENTS: Final = (
    "signatures",
    "subscribers",
    "petitions",
    "limits",
    "organisers",
    "cache",
    "sqs",
    "ses",
)
_SECRETS: Final = ("token_keys", "index_keys", "mailer_public_keys", "mailer_private_keys")


class LocalService:
    """The service of one state folder, behind an HTTP server."""

    def __init__(self, state: StateFolder, http_server: HttpServer) -> None:
        """Make AWS, fill it with what the folder holds, publish. Raises CannotContinue."""
        compile_if_stale()
        self._state = state
        self._http_server = http_server
        self.url = f"http://127.0.0.1:{http_server.server_port}"
        self.desk_url = f"http://localhost:{http_server.server_port}"
        self._clock = AdjustableClock()
        self._outbox = Outbox(state.path / OUTBOX_FILE)
        moto_patches.install()
        self._aws = _moto_server(state)
        self._aws.start()
        self._environment = self._create_resources()
        self._snapshots = Snapshots(state.path, self._aws, self._outbox, self._clock)
        backlog = self._snapshots.restore()
        self._services = self._make_services()
        self._slugs = petition_folders.publish_all(self._services, state.path)
        self.invited = organisers.invite_first(self._services, self._slugs)
        self._events = EventSources(self._aws, self._services, self._clock, backlog)
        self._saver = threading.Thread(
            target=self._snapshots.keep_saving, args=(self._events.uncounted,), daemon=True
        )
        self._api_gateway = ApiGateway(chalice_app.app)
        self._controls = Controls(self._services, self._outbox, self._clock, self._events)
        http_server.respond = self._respond

    def start(self) -> None:
        """Begin to answer and to work; returns when the petition's page can be read.

        Raises CannotContinue when it cannot.
        """
        self._write_details()
        self._events.start()
        self._saver.start()
        threading.Thread(
            target=self._http_server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        ).start()
        status = self._status_of_first_page()
        if status != 200:
            raise CannotContinue(f"The first page answers {status}: the log says why.")

    def stop(self) -> None:
        """Finish the calls that have begun, save and end."""
        self._http_server.shutdown()
        self._events.stop()
        self._snapshots.stop()
        self._saver.join()
        self._snapshots.save(self._events.uncounted)
        self._aws.stop()

    def _respond(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PREFIX):
            return self._controls.respond(request)
        if is_of_desk(request.path) and request.method in READ and self._is_by_number(request):
            return from_proxy(responses.see_other(f"{self.desk_url}{request.path}").to_dict())
        return self._api_gateway.respond(request)

    @staticmethod
    def _is_by_number(request: HttpRequest) -> bool:
        """Whether the browser came by the number of this machine, to which no passkey belongs."""
        return str(request.headers.get("host", "")).startswith("127.0.0.1")

    def _create_resources(self) -> dict[str, str]:
        """Create tables, queues and the bucket; the environment in which they are found."""
        aws = aws_environment(self._aws.url)
        replace_environment(aws)
        resources = TemplateResources(read_template(), {"PublicUrl": self.url, "Sender": SENDER})
        resources.create()
        ses.install(ses.SimulatedSes(self._outbox, self._clock.now, FEEDBACK_QUEUE))
        return {
            **aws,
            **resources.environment(),
            "ZAKLIK_PAGE_CACHE_SECONDS": _PAGE_CACHE_SECONDS,
            "ZAKLIK_DESK_URL": self.desk_url,
        }

    def _make_services(self) -> Services:
        """The services, complete before threads start: two of them could make one client twice."""
        replace_environment(self._environment)
        services = Services(settings=settings_from(), now=self._clock.now)
        wiring.install(services)
        store_missing(services.secrets.ssm(), services.settings.secrets_path)
        for client in _CLIENTS:
            getattr(services, client)
        for secret in _SECRETS:
            getattr(services.secrets, secret)
        # Before SES is asked, mails go at the pace of its sandbox: one a second. And the first call
        # to it costs moto half a second. No signer is to wait for either.
        pacing.every_minute(services)
        with self._aws.lock:
            moto_internals.begin_shard(moto_internals.tables()[services.settings.signatures_table])
        return services

    def _write_details(self) -> None:
        """Tell `zaklik --local` where this run is and how far its clock is ahead."""
        self._state.write_details(
            {
                "url": self.url,
                "environment": self._environment,
                "aws_port": self._aws.port,
                "clock_offset_seconds": self._clock.offset.total_seconds(),
            }
        )

    def _status_of_first_page(self) -> int:
        code = translations.SOURCE_LANGUAGE
        path = urls.petition(code, self._slugs[0]) if self._slugs else urls.petitions(code)
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._http_server.server_port, timeout=30
        )
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


def compile_if_stale() -> None:
    """Compile templates and catalogues, unless the last build is newer than all of them."""
    code = [Path(str(module.__file__)) for module in (compiling, countries, templates)]
    sources = [compiling.TEMPLATES, compiling.LOCALE, *code]
    if not COMPILED.exists() or _newest(sources) >= COMPILED.stat().st_mtime:
        compiling.compile_all()


def _newest(folders: Iterable[Path]) -> float:
    files = [file for folder in folders for file in [folder, *folder.rglob("*")]]
    return max(file.stat().st_mtime for file in files)


def _moto_server(state: StateFolder) -> MotoServer:
    """A server on the port of the last run if that is free, so that queue URLs stay valid."""
    try:
        return MotoServer(state.details().get("aws_port", 0))
    except OSError:
        return MotoServer(0)
