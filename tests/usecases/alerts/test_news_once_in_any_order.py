"""Alerts, digests, changes of the frequency, crashes and redeliveries in any order: news once."""

import itertools
import re
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.schedule import DEFAULT_TIMES
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Confirmed, Frequency
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.routes.events import errors
from chalicelib.store import keys, preferences, subscribers
from chalicelib.store.alerts import alerts, digests
from chalicelib.usecases.alerts import controlling, fan_out, starting
from ops.local import moto_internals
from ops.local.event_sources import FEEDBACK_QUEUE, QUEUE_HANDLERS
from tests import builders
from tests.event_delivery import sqs_event
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.world import World

SLUG: Final = builders.SLUG
READERS: Final = ("one@example.org", "two@example.org", "three@example.org", "four@example.org")
GUEST: Final = "guest@example.org"
"""Leaves and comes back; the readers stay throughout."""
JOB_QUEUE: Final = "zaklik-jobs"
MAX_UPDATES: Final = 4
NAMED: Final = re.compile(r"/updates/(news-\d+)")

readers = st.sampled_from([*READERS, GUEST])
frequencies = st.sampled_from(list(Frequency))
steps = st.one_of(
    st.tuples(st.just("start")),
    st.tuples(st.just("change"), readers, frequencies),
    st.tuples(st.just("deliver"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("deliver_all")),
    st.tuples(st.just("change_as_an_alert_starts"), readers, frequencies),
    st.tuples(st.just("pause_or_go_on"), st.integers(0, 5)),
    st.tuples(st.just("crash"), st.integers(0, 5), st.integers(0, 9), st.sampled_from(list(Fault))),
    st.tuples(st.just("minutes"), st.integers(0, 20)),
    st.tuples(st.just("digest"), st.sampled_from(digest.DIGESTS)),
    st.tuples(st.just("leave_and_come_back"), st.booleans(), frequencies),
)


class Weeks:
    """Some weeks of a petition, step by step."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.reset()
        world.publish()
        world.grant_mails(rate=0.25)
        world.restart()
        self.names: list[str] = []
        self.frequencies = dict.fromkeys((*READERS, GUEST), Frequency.EACH)
        for address in self.frequencies:
            self._subscribe(address)
        for address, frequency in zip(READERS, Frequency, strict=False):
            self.change(address, frequency)

    def start(self) -> None:
        """Publish the next update and start its alert."""
        if len(self.names) == MAX_UPDATES:
            return
        name = f"news-{len(self.names)}"
        self.names.append(name)
        self.world.publish_update(builders.update(name=name))
        assert starting.start_update(self.world.services, f"{SLUG}/{name}")

    def deliver(self, place: int, again: bool) -> None:
        """Deliver one job out of turn, and leave it on the queue if it comes `again`."""
        waiting = moto_internals.messages_of(moto_internals.queues()[JOB_QUEUE])
        if not waiting:
            return
        message = waiting[place % len(waiting)]
        if not again:
            waiting.remove(message)
        with suppress(errors.HandlerFailed):
            self.world.invoke(QUEUE_HANDLERS[JOB_QUEUE], sqs_event(JOB_QUEUE, message.body))

    def crash(self, place: int, at: int, fault: Fault) -> None:
        """Deliver one job, and let one of its AWS calls fail. It comes again."""
        with recorded(AwsCalls(at=at, fault=fault)), suppress(Crash):
            self.deliver(place, again=True)
        self.world.restart()

    def deliver_all(self) -> None:
        """Deliver every message."""
        self.world.deliver_all(rounds=200)

    def change(self, address: str, frequency: Frequency) -> None:
        """Change how often somebody is mailed."""
        self.frequencies[address] = frequency
        assert preferences.save(
            self.world.services.subscribers,
            self.world.services.petitions,
            SLUG,
            self._index(address),
            language="en",
            frequency=self.frequencies[address],
        )

    def pause_or_go_on(self, place: int) -> None:
        """Pause an open alert, or let a paused one go on."""
        petitions = self.world.services.petitions
        open_ids = alerts.list_open(petitions)
        if not open_ids:
            return
        alert = alerts.get(petitions, open_ids[place % len(open_ids)])
        change = controlling.pause if alert.is_open else controlling.resume
        assert change(self.world.services, alert.alert_id)

    def change_as_an_alert_starts(self, address: str, frequency: Frequency) -> None:
        """The same; an alert starts between its read and its write."""
        numbers = itertools.count()

        def start_at_first(**_: Any) -> None:
            if next(numbers) == 0:
                self.start()

        client = self.world.services.subscribers.client
        with intercepted(client, "before-call.dynamodb.TransactWriteItems", start_at_first):
            self.change(address, frequency)

    def minutes(self, count: int) -> None:
        """Let time pass. What SES reports arrives before."""
        self._deliver_feedback()
        self.world.clock.advance(minutes=count)
        self.world.make_messages_visible()
        self.world.run_every_minute()

    def digest(self, frequency: Frequency) -> None:
        """Go to the next moment at which such digests are due."""
        self._deliver_feedback()
        self.world.clock.moment = DEFAULT_TIMES.following(frequency, self.world.clock.now())
        self.minutes(0)

    def leave_and_come_back(self, work_between: bool, frequency: Frequency) -> None:
        """End the guest's subscription, and start it anew."""
        assert subscribers.mark_unsubscribed(
            self.world.services.subscribers,
            SLUG,
            self._index(GUEST),
            now=self.world.clock.now(),
            link_lifetime=timedelta(days=7),
        )
        if work_between:
            self.deliver_all()
        self.world.clock.advance(seconds=1)
        self._subscribe(GUEST, frequency)
        self.frequencies[GUEST] = frequency

    def end(self) -> None:
        """Let every alert go on, and work everything off, past the last Monday."""
        for alert_id in alerts.list_open(self.world.services.petitions):
            controlling.resume(self.world.services, alert_id)
        self._work_off()
        self.digest(Frequency.WEEKLY)
        self._work_off()
        [pending] = digests.list_pending(self.world.services.petitions)
        assert not any(pending.updates_for(each).names for each in digest.DIGESTS)

    def _work_off(self) -> None:
        for _ in range(60):
            self.deliver_all()
            self.minutes(3)
            if self.world.is_idle():
                return
        raise AssertionError("there is always something left")

    def received(self, address: str) -> Counter[str]:
        """How often each update came to an address, by name."""
        return Counter(
            name for mail in self.world.mails(address) for name in set(NAMED.findall(mail.text))
        )

    def _deliver_feedback(self) -> None:
        waiting = moto_internals.messages_of(moto_internals.queues()[FEEDBACK_QUEUE])
        while waiting:
            body = waiting.pop(0).body
            self.world.invoke(QUEUE_HANDLERS[FEEDBACK_QUEUE], sqs_event(FEEDBACK_QUEUE, body))

    def _subscribe(self, address: str, frequency: Frequency = Frequency.EACH) -> None:
        confirmed = sealed_records.add_subscription(
            self.world.services,
            slug=SLUG,
            language="en",
            address=email_address.parse(address),
            requested_at=self.world.clock.now(),
            frequency=frequency,
        )
        assert confirmed is not Confirmed.ENDED

    def _index(self, address: str) -> str:
        return blind_indexes.subscriber_index(
            self.world.services, SLUG, email_address.parse(address)
        )


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fan-out goes on from job to job, over two shards."""
    monkeypatch.setattr(fan_out, "_PAGES_PER_JOB", 1)
    monkeypatch.setattr(fan_out, "MAX_GROUP_CHUNKS", 1)
    monkeypatch.setattr(keys, "SHARDS", ("0", "1"))
    shard = {"0": "0", "1": "1"}
    monkeypatch.setattr(
        keys,
        "subscriber",
        lambda slug, index: keys._key(keys.shard(slug, shard[str(int(index[2], 16) % 2)]), index),
    )


@pytest.mark.usefixtures("small_steps")
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=st.lists(steps, min_size=8, max_size=20))
def test_every_subscriber_gets_every_update_once(
    shared_world: World, plan: list[tuple[Any, ...]]
) -> None:
    weeks = Weeks(shared_world)

    for step, *arguments in plan:
        getattr(weeks, step)(*arguments)
    weeks.end()

    for address in READERS:
        assert weeks.received(address) == Counter(weeks.names)
    assert all(count == 1 for count in weeks.received(GUEST).values())
