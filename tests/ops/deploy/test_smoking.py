"""The smoke test on the whole service: it passes, or names what is broken, and cleans up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from chalice.test import HTTPResponse

from chalicelib.store import keys
from ops.deploy import smoking
from ops.deploy.expecting import Expectant, StepFailed
from ops.deploy.smoking import Smoke
from ops.deploy.visiting import Answer, NoAnswer, Visitor
from ops.errors import CannotContinue
from tests import builders
from tests.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


def answered(response: HTTPResponse) -> Answer:
    headers = {name.lower(): str(value) for name, value in response.headers.items()}
    return Answer(status=response.status_code, headers=headers, text=response.body.decode("utf-8"))


@dataclass(frozen=True, kw_only=True)
class InWorld(Visitor):
    """A visitor of the world, in which queues and stream are worked off between two visits."""

    world: World
    spoil: Mapping[str, Callable[[Answer], Answer]] = field(default_factory=dict)
    """What happens to answers, by a part of their path."""

    def get(self, path: str) -> Answer:
        self.world.deliver_all()
        return self._spoilt(path, answered(self.world.get(path)))

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        answer = answered(self.world.post(path, fields, FORM))
        self.world.deliver_all()
        return self._spoilt(path, answer)

    def _spoilt(self, path: str, answer: Answer) -> Answer:
        for part, spoil in self.spoil.items():
            if part in path:
                answer = spoil(answer)
        return answer


@dataclass(frozen=True, kw_only=True)
class Refusing(Visitor):
    """A back door."""

    status: int = 403

    def get(self, path: str) -> Answer:
        return Answer(status=self.status, headers={}, text=path)


class QuietQueues:
    """Queues as the smoke test asks them."""

    def __init__(self, *counts: int) -> None:
        self.counts = list(counts or (0, 0))
        self.drains = True

    def dead(self) -> Mapping[str, int]:
        return {"MailDeadLettersUrl": self.counts.pop(0)}

    def wait_until_mail_is_gone(self) -> bool:
        return self.drains


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoking, "COUNT_SECONDS", 0.2)
    monkeypatch.setattr(smoking, "FIRST_ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(smoking, "_SECONDS_BETWEEN_LOOKS", 0.01)


def smoke(
    world: World,
    spoil: Mapping[str, Callable[[Answer], Answer]] | None = None,
    *,
    queues: QuietQueues | None = None,
    back: int = 403,
) -> Smoke:
    """A smoke test of the world."""
    front = InWorld(url="https://zaklik.example", world=world, spoil=spoil or {})
    return Smoke(
        front=Expectant(visitor=front, logs="/zaklik/zk/"),
        back=Expectant(
            visitor=Refusing(url="https://api.example", status=back), logs="/zaklik/zk/"
        ),
        services=world.services,
        queues=queues or QuietQueues(),  # type: ignore[arg-type]
        petition=builders.petition(),
        address=smoking.marked_address(),
    )


def states(world: World) -> list[str]:
    return [str(item["state"]) for item in world.signatures()]


def test_it_signs_confirms_withdraws_and_leaves_a_tombstone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    smoke(world).run()

    assert states(world) == ["withdrawn"]
    assert world.count() == 0
    told = capsys.readouterr().out
    assert "The public count answers: 0." in told
    assert "The count has risen to 1." in told
    assert [mail.to.rpartition("@")[2] for mail in world.mails()] == ["simulator.amazonses.com"]


def broken(answer: Answer) -> Answer:
    return Answer(status=500, headers=answer.headers, text="")


def bare(answer: Answer) -> Answer:
    return Answer(status=answer.status, headers={}, text=answer.text)


def empty(answer: Answer) -> Answer:
    return Answer(status=answer.status, headers=answer.headers, text="{}")


def silent(answer: Answer) -> Answer:
    raise NoAnswer("connection refused")


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
    world: World, part: str, spoil: Callable[[Answer], Answer], step: str
) -> None:
    with pytest.raises(StepFailed) as failed:
        smoke(world, {part: spoil}).run()

    assert step in str(failed.value)
    assert "/zaklik/zk/" in str(failed.value)
    assert "confirmed" not in states(world)


def test_a_count_that_stands_still_is_named_and_the_signature_withdrawn(world: World) -> None:
    def lost(answer: Answer) -> Answer:
        # The stream stands still: the counting of what has been signed is undone.
        world.services.petitions.delete(keys.tally("open-door"))
        return answer

    with pytest.raises(StepFailed, match="expected more than 0"):
        smoke(world, {"/confirm/": lost}).run()

    assert states(world) == ["withdrawn"]


def test_an_api_that_lets_everybody_in_is_named(world: World) -> None:
    with pytest.raises(StepFailed, match="expected status 403, came 200"):
        smoke(world, back=200).run()


def test_a_new_dead_letter_is_named(world: World) -> None:
    with pytest.raises(StepFailed, match="MailDeadLettersUrl"):
        smoke(world, queues=QuietQueues(1, 2)).run()


def test_mail_that_waits_is_named(world: World) -> None:
    queues = QuietQueues()
    queues.drains = False

    with pytest.raises(StepFailed, match="mail that waits"):
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
