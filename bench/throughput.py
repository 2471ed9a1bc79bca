"""How much work does one core do in a second? Pages, signatures, and their smallest parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Final

from chalice.app import Chalice

from bench.instruments import moto_service, replaying, reporting, single_operations, timing
from bench.instruments.reporting import Chapter, Progress, figure, ratio, table
from bench.instruments.timing import Prepare
from chalicelib.routes.events import queues, streams
from chalicelib.routes.http import responses
from tests.event_delivery import sqs_event, stream_event
from tests.world import World

HELLO: Final = "a bare Chalice route that says hello"
PAGE: Final = "petition page, cache warm"
PAGE_COLD: Final = "petition page, cache cold"
PAGE_CHANGED: Final = "petition page, rendered after a change"
SIGN: Final = "sign form sent"
MAIL: Final = "its mail sent (mailer)"
CONFIRM: Final = "button pressed: signature kept"
TALLY: Final = "tally of a batch of 100"
BATCH: Final = 100
_COUNT: Final = 30
_ON_MOTO: Final = 10

_people: Final[Iterator[int]] = count(1000)


@dataclass(frozen=True, kw_only=True)
class Costs:
    """CPU seconds of one piece of work: alone, with moto behind it, and of the smallest parts."""

    own: Mapping[str, float]
    on_moto: Mapping[str, float]
    parts: Mapping[str, float]

    @property
    def signature(self) -> float:
        """Our own CPU seconds for one confirmed signature, its share of the tally included."""
        return self.own[SIGN] + self.own[MAIL] + self.own[CONFIRM] + self.own[TALLY] / BATCH


def measure(progress: Progress) -> Costs:
    """Time every piece of work beside the bare route."""
    with moto_service.published_petition() as world:
        pieces = _pieces(world)
        progress("on moto")
        on_moto = timing.cpu_seconds({HELLO: _hello(), **pieces}, count=_ON_MOTO, rounds=3)
        progress("without AWS")
        ready = {name: prepare(_COUNT) for name, prepare in pieces.items()}
        # All of them: what only every tenth form of a minute asks must have been asked, too.
        heard = replaying.recorded(lambda: [act() for acts in ready.values() for act in acts])
        again = {name: timing.again(acts) for name, acts in ready.items()}
        with replaying.replaying(heard):
            own = timing.cpu_seconds({HELLO: _hello(), **again}, count=_COUNT)
        progress("the smallest parts")
        parts = timing.cpu_seconds(single_operations.parts(world), count=_COUNT)
    return Costs(own=own, on_moto=on_moto, parts=parts)


def chapter(costs: Costs) -> Chapter:
    """What the times say."""
    hello = costs.own[HELLO]
    rows = [
        (
            name,
            figure(1 / seconds),
            ratio(seconds / hello),
            figure(1 / costs.on_moto[name]),
            ratio(costs.on_moto[name] / costs.on_moto[HELLO]),
        )
        for name, seconds in costs.own.items()
    ]
    whole = costs.signature
    rows.append(
        ("**one confirmed signature, all of it**", figure(1 / whole), ratio(whole / hello), "", "")
    )
    parts = [
        (name, figure(1 / seconds), ratio(seconds / hello)) for name, seconds in costs.parts.items()
    ]
    text = f"""
CPU time of one core, in one process, through the real app and the real handlers with the events
that API Gateway, SQS and the stream hand over; no network. Two measurements of the same work:

- **our own**: every AWS call is answered from memory instead of by botocore. This is what our code
  and Chalice cost.
- **on moto**: every AWS call goes through botocore to moto in the same process. Nearly all of that
  is the emulator; it says what the local run and the tests can do, and nothing about AWS.

{table(("work", "own, per second", "own ÷ hello", "on moto, per second", "on moto ÷ hello"), rows)}
The ratios hold from machine to machine; the times do not. A Lambda with 1,769 MB has one core like
this one; what a call costs there beside our own work is botocore's share, below, and the wait for
the answer.

{table(("part", "per second", "÷ hello"), parts)}"""
    return Chapter(
        title="What one core does in a second", command=reporting.command("throughput"), text=text
    )


def _pieces(world: World) -> Mapping[str, Prepare]:
    page = moto_service.event("GET", moto_service.path())

    def cold() -> str:
        world.services.cache.clear()
        return moto_service.answer(page)

    def changed() -> str:
        responses.rendered_once.cache_clear()
        return moto_service.answer(page)

    return {
        PAGE: timing.same(lambda: moto_service.answer(page)),
        PAGE_COLD: timing.same(cold),
        PAGE_CHANGED: timing.same(changed),
        SIGN: _signs,
        MAIL: lambda number: _mails(world, number),
        CONFIRM: lambda number: _confirmations(world, number),
        TALLY: _tallies,
    }


def _hello() -> Prepare:
    app = Chalice(app_name="hello")
    app.route("/")(lambda: "hello")
    event: Any = {**moto_service.event("GET", "/"), "pathParameters": None}
    if app(event, None)["body"] != "hello":
        raise moto_service.UnexpectedAnswer("the bare route does not say hello")
    return timing.same(lambda: app(event, None))


def _signs(number: int) -> Sequence[Callable[[], object]]:
    return [
        partial(moto_service.answer, moto_service.sign_event(next(_people))) for _ in range(number)
    ]


def _mails(world: World, number: int) -> Sequence[Callable[[], object]]:
    moto_service.take(world, moto_service.MAIL_QUEUE)
    for sign in _signs(number):
        sign()
    bodies = moto_service.take(world, moto_service.MAIL_QUEUE)
    return [
        _on_event(queues.send_mail, sqs_event(moto_service.MAIL_QUEUE, body)) for body in bodies
    ]


def _confirmations(world: World, number: int) -> Sequence[Callable[[], object]]:
    mailed = len(world.outbox)
    for send in _mails(world, number):
        send()
    links = [world.link(mail) for mail in world.mails()[mailed:]]
    return [partial(moto_service.answer, moto_service.event("POST", link, {})) for link in links]


def _tallies(number: int) -> Sequence[Callable[[], object]]:
    return [
        _on_event(streams.tally, stream_event(moto_service.changes(BATCH))) for _ in range(number)
    ]


def _on_event(handler: Callable[[Any, Any], object], event: Any) -> Callable[[], object]:
    return partial(handler, event, None)


if __name__ == "__main__":
    reporting.show("throughput", lambda say: chapter(measure(say)))
