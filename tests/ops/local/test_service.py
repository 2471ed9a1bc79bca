"""The whole local service in a process of its own, used as a developer uses it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from ops.keys.development_keys import PASSPHRASE
from tests.ops.local.conftest import ROOT, LocalRun, eventually

PETITION = "/en/belarus-mothers"
EIGHT_DAYS = str(8 * 86400)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """One run for the tests that do not end it."""
    running = LocalRun(tmp_path_factory.mktemp("shared"), "0")
    yield running
    running.end(signal.SIGKILL)


def sign(run: LocalRun, email: str) -> str:
    """Fill in the form; the path of the link that is mailed."""
    form = {"name": "Алеся Ёўга", "email": email, "country": "PL"}
    assert run.post(f"{PETITION}/sign", form).status == 200
    mails = eventually(lambda: [mail for mail in run.outbox() if mail["to"] == email])
    link = re.search(r"http://127\.0\.0\.1:\d+(/\S*/confirm/\S+)", mails[-1]["text"])
    assert link is not None
    return link[1]


def test_signatures_survive_a_kill_and_a_signal_and_are_counted_once(
    start: Callable[[], LocalRun],
) -> None:
    first = start()
    link = sign(first, "alesia@example.org")
    assert first.post(link, {}).status == 200
    eventually(lambda: first.count() == 1)
    pending = sign(first, "vera@example.org")
    time.sleep(3)
    first.end(signal.SIGKILL)

    second = start()
    assert second.count() == 1
    signers = [mail["to"] for mail in second.outbox() if mail["to"] != "organiser@example.org"]
    assert signers == ["alesia@example.org", "vera@example.org"]
    second.post(pending, {})
    second.post(link, {})
    assert second.end(signal.SIGTERM) == 0

    third = start()
    eventually(lambda: third.count() == 2)
    assert third.end(signal.SIGINT) == 0
    assert third.error_lines == []
    assert third.lines == [
        f"Zaklik is ready: {third.url}",
        f"Mails that it sends are kept at {third.url}_local/outbox",
        f"Organisers work at {third.url.replace('127.0.0.1', 'localhost')}desk",
        f"Lists open with {third.folder / 'organiser.key'}, passphrase “{PASSPHRASE}”",
        f"For `zaklik --local` in another window: export STATE_DIR={third.folder}",
    ]


def test_no_mail_waits_for_the_first_minute_to_learn_the_pace_of_ses(
    start: Callable[[], LocalRun],
) -> None:
    running = start()
    environment = json.loads((running.folder / "local.json").read_text("utf-8"))["environment"]
    tables = boto3.client(
        "dynamodb",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )

    pace = tables.get_item(
        TableName=environment["ZAKLIK_PETITIONS_TABLE"],
        Key={"pk": {"S": "pacing"}, "sk": {"S": "account"}},
    )

    assert int(pace["Item"]["mail_rate"]["N"]) > 1_000


def test_the_state_folder_is_for_its_owner_alone(run: LocalRun) -> None:
    modes = {file.name: file.stat().st_mode & 0o077 for file in run.folder.iterdir()}

    assert modes.keys() >= {"local.json", "organiser.key", "state.json"}
    assert run.folder.stat().st_mode & 0o077 == 0
    private = ("local.json", "organiser.key", "state.json", "service.log")
    assert not any(modes[name] for name in private)
    assert (run.folder / ".gitignore").read_text("utf-8") == "*\n"


def test_mails_are_kept_for_the_owner_alone(run: LocalRun) -> None:
    sign(run, "quiet@example.org")
    outbox = run.folder / "outbox.jsonl"

    eventually(outbox.exists)

    assert outbox.stat().st_mode & 0o077 == 0


def test_a_link_expires_when_the_clock_has_moved(run: LocalRun) -> None:
    link = sign(run, "late@example.org")
    before = run.get("/_local/health").json()["now"]

    moved = run.post("/_local/clock", {"advance_seconds": EIGHT_DAYS})

    assert moved.json()["now"] > before
    now = run.get("/_local/clock").json()["now"]
    assert now >= moved.json()["now"]
    assert f"{now[:10]} {now[11:15]}" in run.get("/_local/outbox").data.decode()
    assert run.get(link).status == 410


def test_the_public_count_moves_when_the_clock_has_moved_by_an_hour(run: LocalRun) -> None:
    for number in range(12):
        run.post(sign(run, f"citizen{number}@example.org"), {})
    exact = eventually(lambda: run.count() >= 12 and run.count())
    assert run.public_count() == 0

    for hour in range(50):
        run.post("/_local/clock", {"advance_seconds": "3600"})
        time.sleep(1.1)  # for which a page is cached
        assert run.public_count() <= exact
        if hour == 0:
            assert run.public_count() >= 5
        if run.public_count() == exact // 5 * 5:
            return
    raise AssertionError("the count never comes near the truth")


@pytest.mark.parametrize("fields", [{}, {"advance_seconds": "-1"}, {"advance_seconds": "soon"}])
def test_the_clock_refuses_what_is_no_step(run: LocalRun, fields: dict[str, str]) -> None:
    assert run.post("/_local/clock", fields).status == 400


def test_an_unknown_address_gets_a_page_in_the_visitors_language(run: LocalRun) -> None:
    answer = run.get("/en/no/such/page", headers={"accept-language": "be"})

    assert answer.status == 404
    assert 'lang="be"' in answer.data.decode()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", PETITION, 405),
        ("HEAD", PETITION, 200),
        ("GET", PETITION + "/", 200),
        ("GET", "/%D0%B5", 404),
        ("GET", "/_local/nothing", 404),
        ("POST", "/_local/outbox", 405),
    ],
)
def test_the_http_server_answers_as_api_gateway_does(
    run: LocalRun, method: str, path: str, status: int
) -> None:
    assert run.ask(method, path).status == status


def test_a_body_that_api_gateway_would_not_take_is_refused(run: LocalRun) -> None:
    assert run.post(f"{PETITION}/sign", {"name": "x" * 11_000_000}).status == 413


def test_pages_are_compressed_for_those_who_take_it(run: LocalRun) -> None:
    assert run.get(PETITION, {"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in run.get(PETITION).headers


def refused(folder: Path, port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.local"],
        cwd=ROOT,
        env={**os.environ, "STATE_DIR": str(folder), "PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_port_that_is_taken_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ended = refused(tmp_path / "state", port)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(rf"Port {port} is taken\..* PORT=\d+\n", ended.stderr)
    assert not (tmp_path / "state").exists()


def test_a_state_folder_serves_one_process_at_a_time(run: LocalRun) -> None:
    ended = refused(run.folder, "0")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"Another Zaklik works with .* STATE_DIR .*\n", ended.stderr)


def test_a_damaged_state_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"format": "zakl', "utf-8")

    ended = refused(tmp_path, "0")

    assert ended.returncode == 1
    assert "Move it away to start afresh." in ended.stderr
    assert (tmp_path / "state.json").read_text("utf-8") == '{"format": "zakl'


def test_organisers_reach_the_desk_by_its_name_and_scripts_sign_in(run: LocalRun) -> None:
    entrance = run.get("/desk", {"Host": "127.0.0.1"})
    given = run.post("/_local/sign-in", {"name": "Vera", "petition": "belarus-mothers"})
    cookie = json.loads(given.data)["cookie"]
    home = run.get("/desk", {"Host": "localhost", "Cookie": cookie})

    assert entrance.status == 303
    assert entrance.headers["Location"].startswith("http://localhost:")
    assert (home.status, "/desk/petitions/belarus-mothers" in home.data.decode()) == (200, True)


def test_the_first_organiser_is_invited_once(run: LocalRun) -> None:
    mails = eventually(
        lambda: [mail for mail in run.outbox() if "/desk/invitation/" in mail["text"]]
    )

    assert len(mails) == 1
