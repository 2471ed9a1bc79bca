"""The smoke test on the whole service: it passes, or names what is broken, and cleans up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from urllib3 import BaseHTTPResponse, HTTPResponse
from urllib3.exceptions import HTTPError

from chalicelib.store import keys
from ops.deploy import account
from ops.deploy import smoke as smoking
from ops.deploy.smoke import SmokeTest
from ops.deploy.smoke_client import SmokeClient, SmokeStepFailed
from ops.errors import CannotContinue
from tests import builders
from tests.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
Spoil = Callable[[BaseHTTPResponse], BaseHTTPResponse]


@dataclass(frozen=True, kw_only=True)
class WorldClient(SmokeClient):
    """A client of the world, which delivers queues and stream around each request."""

    world: World
    spoil: Mapping[str, Spoil] = field(default_factory=dict)
    """What happens to responses, by a part of their path."""

    def request(self, path: str, fields: Mapping[str, str] | None = None) -> BaseHTTPResponse:
        self.world.deliver_all()
        answer = self.world.get(path) if fields is None else self.world.post(path, fields, FORM)
        self.world.deliver_all()
        headers = {name: str(value) for name, value in answer.headers.items()}
        response: BaseHTTPResponse = HTTPResponse(answer.body, headers, answer.status_code)
        for part, spoil in self.spoil.items():
            if part in path:
                response = spoil(response)
        return response


class QuietQueues:
    """Queues as the smoke test asks them."""

    def __init__(self, *counts: int) -> None:
        self.counts = list(counts or (0, 0))
        self.drains = True

    def dead_letters(self) -> Mapping[str, int]:
        return {"MailDeadLettersUrl": self.counts.pop(0)}

    def mail_is_sent(self) -> bool:
        return self.drains


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoking, "COUNT_SECONDS", 0.2)
    monkeypatch.setattr(smoking, "DNS_SECONDS", 0.0)
    monkeypatch.setattr(account, "POLL_SECONDS", 0.01)


def smoke(
    world: World,
    spoil: Mapping[str, Spoil] | None = None,
    *,
    queues: QuietQueues | None = None,
    api: int = 403,
) -> SmokeTest:
    """A smoke test of the world."""
    logs = "/zaklik/zk/"
    site = WorldClient(
        url="https://zaklik.example", log_prefix=logs, world=world, spoil=spoil or {}
    )
    fixed = {"/": lambda response: HTTPResponse(response.data, status=api)}
    return SmokeTest(
        site=site,
        api=WorldClient(url="https://api.example", log_prefix=logs, world=world, spoil=fixed),
        services=world.services,
        queues=queues or QuietQueues(),  # type: ignore[arg-type]
        petition=builders.petition(),
        address=smoking.simulator_address(),
    )


def states(world: World) -> list[str]:
    return [str(item["state"]) for item in world.signatures()]


def test_it_signs_confirms_withdraws_and_leaves_a_tombstone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    smoke(world).run()

    assert states(world) == ["withdrawn"]
    assert world.count() == 0
    printed = capsys.readouterr().out
    assert "The public count answers: 0." in printed
    assert "The count has risen to 1." in printed
    assert [mail.to.rpartition("@")[2] for mail in world.mails()] == ["simulator.amazonses.com"]


def broken(response: BaseHTTPResponse) -> BaseHTTPResponse:
    return HTTPResponse(b"", response.headers, 500)


def bare(response: BaseHTTPResponse) -> BaseHTTPResponse:
    return HTTPResponse(response.data, status=response.status)


def empty(response: BaseHTTPResponse) -> BaseHTTPResponse:
    return HTTPResponse(b"{}", response.headers, response.status)


def silent(response: BaseHTTPResponse) -> BaseHTTPResponse:
    raise HTTPError("connection refused")


@pytest.mark.parametrize(
    ("part", "spoil", "step"),
    [
        ("/en/open-door", broken, "The page: expected status 200, came 500"),
        ("/en/open-door", bare, "The page: expected the header"),
        ("/en/open-door", silent, "none came (connection refused)"),
        ("/api/", empty, "The count: expected JSON"),
        ("/sign", empty, "Signing: expected a page that waits"),
        ("/confirm/", broken, "The link of the mail: expected status 200"),
        ("/manage/", broken, "The withdrawal link: expected status 200"),
        ("/manage/", silent, "The withdrawal link: expected an answer"),
    ],
)
def test_a_broken_step_is_named_and_nothing_stays_signed(
    world: World, part: str, spoil: Spoil, step: str
) -> None:
    with pytest.raises(SmokeStepFailed) as failed:
        smoke(world, {part: spoil}).run()

    assert step in str(failed.value)
    assert "/zaklik/zk/" in str(failed.value)
    assert "confirmed" not in states(world)


def test_a_count_that_stands_still_is_named_and_the_signature_withdrawn(world: World) -> None:
    def lost(response: BaseHTTPResponse) -> BaseHTTPResponse:
        # The stream stands still: the counting of what has been signed is undone.
        world.services.petitions.delete(keys.tally("open-door"))
        return response

    with pytest.raises(SmokeStepFailed, match="expected more than 0"):
        smoke(world, {"/confirm/": lost}).run()

    assert states(world) == ["withdrawn"]


def test_an_api_that_lets_everybody_in_is_named(world: World) -> None:
    with pytest.raises(SmokeStepFailed, match="expected status 403, came 200"):
        smoke(world, api=200).run()


def test_a_new_dead_letter_is_named(world: World) -> None:
    with pytest.raises(SmokeStepFailed, match="MailDeadLettersUrl"):
        smoke(world, queues=QuietQueues(1, 2)).run()


def test_mail_that_waits_is_named(world: World) -> None:
    queues = QuietQueues()
    queues.drains = False

    with pytest.raises(SmokeStepFailed, match="mail that waits"):
        smoke(world, queues=queues).run()

    assert states(world) == ["withdrawn"]


def test_the_petition_is_chosen_or_asked_for(world: World) -> None:
    assert smoking.choose_petition(world.services, None).slug == "open-door"
    world.publish(builders.petition(slug="other-door"))

    with pytest.raises(CannotContinue, match="--petition"):
        smoking.choose_petition(world.services, None)
    assert smoking.choose_petition(world.services, "other-door").slug == "other-door"
    with pytest.raises(CannotContinue, match="No petition “nowhere” is open"):
        smoking.choose_petition(world.services, "nowhere")


def test_a_closed_petition_cannot_be_signed(world: World) -> None:
    world.clock.advance(days=500)

    with pytest.raises(CannotContinue, match="No petition is open"):
        smoking.choose_petition(world.services, None)
