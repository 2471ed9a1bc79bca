"""The engine, the deployed stack, and how the tests reach them; each is made once for a run.

Tests build on those before them, so they run in one process, in the order of their files.
"""

import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from tests.e2e.demo import (
    DOMAIN,
    ORGANISER,
    PASSPHRASE,
    PETITION,
    SIGNER,
    SLUG,
    STACK,
    SUBSCRIBER,
)
from tests.e2e.drivers import inventory
from tests.e2e.drivers.command_line import CommandLine
from tests.e2e.drivers.deployed_stack import DeployedStack
from tests.e2e.drivers.website import Website
from tests.e2e.engine import cloudfront_proxy, engine_gaps, ministack
from tests.e2e.engine.cloudfront_proxy import CloudFrontProxy
from tests.e2e.engine.mailbox import Mailbox
from tests.e2e.engine.ministack import Ministack
from tests.e2e.engine.stream_relay import StreamRelay

_ADMINISTRATOR: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """List what the engine cannot show, when these tests alone have run and passed."""
    passed = exitstatus == pytest.ExitCode.OK and "passed" in terminalreporter.stats
    if config.getoption("markexpr") != "e2e" or not passed:
        return
    terminalreporter.section("What the engine lacks, and what the tests do instead")
    for gap, instead in engine_gaps.ENGINE_GAPS.items():
        terminalreporter.line(f"• {gap}")
        terminalreporter.line(f"  {instead}")
    terminalreporter.line("This was not AWS: docs/operating.md says what only AWS can prove.")


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """An engine that runs; without one, tests are skipped, and fail under CI=true."""
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    if not ministack.PYTHON.exists():
        message = "the engine is not installed: `make rehearse` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with ministack.running(log=log) as engine:
        yield engine


@pytest.fixture(scope="session")
def root(engine: Ministack) -> Callable[[str], Any]:
    """Makes AWS clients of the account's root, whose calls IAM does not check."""
    return _clients(engine, engine.root_environment())


@pytest.fixture(scope="session")
def operator(engine: Ministack, root: Callable[[str], Any]) -> Mapping[str, str]:
    """The AWS variables of an IAM user with an administrator's policy."""
    iam = root("iam")
    iam.create_user(UserName="operator")
    iam.put_user_policy(
        UserName="operator", PolicyName="everything", PolicyDocument=json.dumps(_ADMINISTRATOR)
    )
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    return engine.environment(key=key["AccessKeyId"], secret=key["SecretAccessKey"])


@pytest.fixture(scope="session")
def client(engine: Ministack, operator: Mapping[str, str]) -> Callable[[str], Any]:
    """Makes the operator's AWS clients, one of each service."""
    return _clients(engine, operator)


def _clients(engine: Ministack, environment: Mapping[str, str]) -> Callable[[str], Any]:
    session = boto3.session.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )

    @cache
    def client(service: str) -> Any:
        make: Any = session.client
        return make(service, endpoint_url=engine.url, verify=str(engine.certificate))

    return client


@pytest.fixture(scope="session")
def proxy() -> Iterator[CloudFrontProxy]:
    """What stands in for CloudFront; it has a distribution once the stack is deployed."""
    with cloudfront_proxy.serving() as proxy:
        yield proxy


@pytest.fixture(scope="session")
def workspace(proxy: CloudFrontProxy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where operator and organiser work, with its deploy.toml."""
    folder = tmp_path_factory.mktemp("workspace")
    architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    (folder / "deploy.toml").write_text(
        f'stack = "{STACK}"\n'
        f'sender = "Petition desk <desk@{DOMAIN}>"\n'
        f'public_url = "{proxy.url}"\n'
        f'alarms_to = "operator@{DOMAIN}"\n'
        f'architecture = "{architecture}"\n',
        "utf-8",
    )
    return folder


@pytest.fixture(scope="session")
def zaklik(engine: Ministack, operator: Mapping[str, str], workspace: Path) -> CommandLine:
    """The command line of the operator and the organiser."""
    tls = {"SSL_CERT_FILE": str(engine.certificate)}
    return CommandLine(
        folder=workspace, environment={**operator, **tls, "ZAKLIK_PASSPHRASE": PASSPHRASE}
    )


@pytest.fixture(scope="session")
def account_before(client: Callable[[str], Any]) -> frozenset[str]:
    """What the account holds before the deployment."""
    return inventory.read_account(client)


@pytest.fixture(scope="session")
def stack(
    account_before: frozenset[str],
    client: Callable[[str], Any],
    engine: Ministack,
    proxy: CloudFrontProxy,
    zaklik: CommandLine,
) -> DeployedStack:
    """The stack, deployed by `zaklik deploy apply`, with the proxy in front of it."""
    zaklik("deploy", "apply", "--without-mail", "--yes")
    stack = DeployedStack(name=STACK, client=client)
    engine_gaps.set_concurrency_as_numbers(stack)
    engine_gaps.drop_what_iam_cannot_check(stack)
    proxy.distribution = cloudfront_proxy.read_distribution(
        client("cloudfront"),
        stack.outputs["DistributionId"],
        host=f"{stack.outputs['RestAPIId']}.execute-api.localhost:{engine.port}",
        origin=engine.http,
    )
    return stack


@pytest.fixture(scope="session")
def stream_relay(stack: DeployedStack) -> Iterator[StreamRelay]:
    """Hands the stream's records to Tally, from the oldest on."""
    relay = StreamRelay(stack)
    yield relay
    relay.stop()


@pytest.fixture(scope="session")
def website(proxy: CloudFrontProxy) -> Iterator[Website]:
    """The public pages, through the proxy."""
    with Website(proxy.port) as website:
        yield website


@pytest.fixture(scope="session")
def signer(engine: Ministack, proxy: CloudFrontProxy) -> Mailbox:
    """The mailbox of the person who signs."""
    return Mailbox(engine=engine, public_url=proxy.url, address=SIGNER)


@pytest.fixture(scope="session")
def subscriber(engine: Ministack, proxy: CloudFrontProxy) -> Mailbox:
    """The mailbox of the person who only subscribes."""
    return Mailbox(engine=engine, public_url=proxy.url, address=SUBSCRIBER)


@pytest.fixture(scope="session")
def organiser(engine: Ministack, proxy: CloudFrontProxy) -> Mailbox:
    """The mailbox of the first organiser."""
    return Mailbox(engine=engine, public_url=proxy.url, address=ORGANISER)


@pytest.fixture(scope="session")
def petition(workspace: Path, zaklik: CommandLine) -> Path:
    """The organiser's copy of the petition, with a key that the organiser has proven."""
    folder = workspace / "petitions" / SLUG
    shutil.copytree(PETITION, folder)
    sheet = folder / "petition.toml"
    replaced = ("placeholder", "name", "email", "website")
    lines = [
        line for line in sheet.read_text("utf-8").splitlines() if not line.startswith(replaced)
    ]
    organiser = 'name = "Organisers"\nemail = "us@mail.example"\nwebsite = "https://mail.example"'
    text = "\n".join(lines).replace("[organiser]", f"[organiser]\n{organiser}")
    sheet.write_text(text + "\n", "utf-8")
    zaklik("keys", "new", "--out", "organiser.key")
    zaklik("keys", "petition", str(folder), "--for", "organiser.key")
    zaklik("keys", "check", str(folder), "--key", "organiser.key")
    return folder
