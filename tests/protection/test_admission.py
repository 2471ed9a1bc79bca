"""Admission: without pressure, under pressure by one network, and by all networks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, current_thread, main_thread
from typing import Any

import pytest

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.domain.errors import ProofRequired, TooManyRequests
from chalicelib.domain.fraud_signals import Signal
from chalicelib.protection import admission, rate_limits
from chalicelib.store import keys
from chalicelib.store.petitions import petitions
from chalicelib.usecases import pressure
from tests import builders
from tests.faults import AwsCalls, Fault, intercepted, recorded
from tests.proving import challenge, easy_proof, press, solved
from tests.world import World

CALLS_WITHOUT_PRESSURE = ["dynamodb.UpdateItem", "dynamodb.BatchGetItem", "sqs.SendMessage"]


@pytest.fixture
def open_door(world: World) -> World:
    """A world with a petition and with the key of its day."""
    world.publish()
    world.sign()
    world.deliver_all()
    return world


@pytest.fixture
def pressed(open_door: World) -> World:
    """A network whose next form needs a proof."""
    press(open_door, proof_posts_per_network=1)
    return open_door


@contextmanager
def calls_of(world: World) -> Iterator[AwsCalls]:
    """The AWS calls of the block, in a process that has cached the petition."""
    world.services.cache.seconds = 1000
    with recorded(AwsCalls()) as calls:
        yield calls


def signals(world: World) -> list[set[str]]:
    """The signals of each stored signature."""
    return [set(item.get("signals", ())) for item in world.signatures()]


def delivered_mails(world: World) -> int:
    """How many mails are delivered now; delayed ones are not."""
    before = len(world.mails())
    world.deliver_all()
    return len(world.mails()) - before


def delayed_mails(world: World) -> int:
    """How many mails are delayed."""
    attributes = world.services.sqs.get_queue_attributes(
        QueueUrl=world.services.settings.mail_queue_url,
        AttributeNames=["ApproximateNumberOfMessagesDelayed"],
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessagesDelayed"])


def test_without_pressure_a_form_costs_three_calls(open_door: World) -> None:
    with calls_of(open_door) as calls:
        for number in range(8):
            calls.made.clear()
            assert open_door.sign(email=f"person{number}@example.org").status_code == 200

            assert calls.made == CALLS_WITHOUT_PRESSURE


def test_only_every_tenth_form_of_a_minute_costs_a_fourth_call(open_door: World) -> None:
    counts = []
    with calls_of(open_door) as calls:
        for number in range(21):
            calls.made.clear()
            open_door.sign(email=f"many{number}@example.org")
            counts.append(len(calls.made))

    # The fixture has sent one form in this minute.
    assert [place for place, count in enumerate(counts) if count == 4] == [8, 18]
    assert set(counts) == {3, 4}


def test_posts_during_a_write_belong_to_the_next_write(
    open_door: World,
) -> None:
    open_door.clock.advance(minutes=1)
    services = open_door.services
    begun, may_end = Event(), Event()

    def hold(**_: Any) -> None:
        if current_thread() is not main_thread():
            begun.set()
            may_end.wait()

    for _ in range(9):
        rate_limits.count_admitted_post(services)
    held = intercepted(services.limits.client, "before-call.dynamodb.UpdateItem", hold)
    with held, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(rate_limits.count_admitted_post, services)
        begun.wait()
        for _ in range(9):
            rate_limits.count_admitted_post(services)
        may_end.set()
        writing.result()
    counted = [rate_limits.busiest_minute(services)]
    rate_limits.count_admitted_post(services)
    counted.append(rate_limits.busiest_minute(services))

    assert counted == [10, 20]


def test_ten_forms_in_different_minutes_are_never_written(
    open_door: World,
) -> None:
    for number in range(12):
        open_door.clock.advance(minutes=1)
        open_door.sign(email=f"slowly{number}@example.org")

    assert not [item for item in open_door.stored_items("limits") if "limit#all" in item["pk"]]


def test_a_form_that_needs_a_proof_comes_back_with_its_fields(pressed: World) -> None:
    answer = pressed.sign(name="Ada", email="ada@example.org", country="PL", alerts="yes")

    page = answer.body.decode()
    assert answer.status_code == 429
    assert 'value="Ada"' in page
    assert 'value="ada@example.org"' in page
    assert '<option value="PL" selected' in page
    assert "<altcha-widget" in page
    assert 'name="slow"' in page
    assert "aria-invalid" not in page
    assert delivered_mails(pressed) == 0


def test_a_form_without_the_required_proof_is_not_counted(pressed: World) -> None:
    for _ in range(5):
        pressed.sign()

    assert counted(pressed) == 1


def counted(world: World) -> int:
    """The counted posts of all networks."""
    posts = [item for item in world.stored_items("limits") if item["pk"].startswith("limit#posts#")]
    return sum(int(item["post_count"]) for item in posts)


def test_a_solved_challenge_admits_the_form(pressed: World) -> None:
    proof = solved(challenge(pressed))

    answer = pressed.sign(email="proven@example.org", proof=proof)

    assert answer.status_code == 200
    assert delivered_mails(pressed) == 1


def test_a_proof_admits_one_form_only(pressed: World) -> None:
    proof = easy_proof(pressed)

    answers = [pressed.sign(email=f"{n}@example.org", proof=proof).status_code for n in range(3)]

    assert answers == [200, 429, 429]


def test_a_repeated_proof_uses_up_no_quota(pressed: World) -> None:
    proof = easy_proof(pressed)
    for number in range(5):
        pressed.sign(email=f"{number}@example.org", proof=proof)

    assert counted(pressed) == 2


def test_a_form_beyond_the_cap_spends_no_proof(pressed: World) -> None:
    press(pressed, posts_per_network=1)
    proof = easy_proof(pressed)

    assert pressed.sign(proof=proof).status_code == 429
    press(pressed, posts_per_network=600)
    assert pressed.sign(proof=proof).status_code == 200


def test_only_a_network_at_its_cap_is_told_to_wait(pressed: World) -> None:
    unproven = pressed.sign()
    press(pressed, posts_per_network=1)
    beyond_cap = pressed.sign()

    assert (unproven.status_code, beyond_cap.status_code) == (429, 429)
    assert "Retry-After" not in unproven.headers
    assert beyond_cap.headers["Retry-After"] == "3600"


def test_without_pressure_a_proof_costs_no_call_and_is_not_spent(open_door: World) -> None:
    proof = easy_proof(open_door)

    with calls_of(open_door) as calls:
        open_door.sign(email="early@example.org", proof=proof)

    assert calls.made == CALLS_WITHOUT_PRESSURE


@pytest.mark.parametrize(
    "forged",
    [
        lambda world: easy_proof(world, key=b"another key, of another service!"),
        lambda world: easy_proof(world, age_seconds=31 * 60),
        lambda world: easy_proof(world)[:-8] + "AAAAAAA=",
        lambda world: "no base64 at all",
        lambda world: "e30=",
        lambda world: "W10=",
        lambda world: "A" * 5000,
    ],
)
def test_a_foreign_expired_or_broken_proof_admits_nothing(
    pressed: World, forged: Callable[[World], str]
) -> None:
    assert pressed.sign(proof=forged(pressed)).status_code == 429


def test_a_proof_is_valid_after_a_change_of_keys(pressed: World) -> None:
    proof = easy_proof(pressed)
    secrets, now = pressed.services.secrets, pressed.clock.now()
    new = RingKey(id=9, raw=b"\x09" * 32, used_from=now)
    renewed = Keyring(keys=(*secrets.token_keys.keys, new))
    secrets._rings["token-keys"] = (now + timedelta(days=1), renewed)

    assert pressed.sign(proof=proof).status_code == 200


def test_the_slow_lane_admits_a_form_and_delays_its_mail(pressed: World) -> None:
    answer = pressed.sign(email="patient@example.org", slow="yes")

    assert answer.status_code == 200
    assert "10 minutes" in answer.body.decode()
    assert delivered_mails(pressed) == 0
    assert delayed_mails(pressed) == 1
    pressed.make_messages_visible()
    assert delivered_mails(pressed) == 1


def test_the_slow_lane_alone_holds_no_signature(pressed: World) -> None:
    pressed.sign(email="patient@example.org", slow="yes")
    pressed.make_messages_visible()
    pressed.deliver_all()
    pressed.post(pressed.link(), {})

    assert [item["state"] for item in pressed.signatures()] == ["confirmed"]


def test_the_slow_lane_of_a_busy_network_holds_the_signature(
    pressed: World,
) -> None:
    press(pressed, posts_per_network=2)
    pressed.sign(email="patient@example.org", slow="yes")
    pressed.make_messages_visible()
    pressed.deliver_all()
    pressed.post(pressed.link(), {})

    assert [item["state"] for item in pressed.signatures()] == ["held"]
    assert signals(pressed) == [{Signal.SLOW_LANE, Signal.BUSY_NETWORK}]


def test_the_slow_lane_has_a_cap_for_each_network_and_hour(pressed: World) -> None:
    press(pressed, slow_posts_per_network=2)

    answers = [pressed.sign(email=f"{n}@example.org", slow="yes").status_code for n in range(4)]
    pressed.clock.advance(hours=1)
    pressed.sign(email="first@example.org")

    assert answers == [200, 200, 429, 429]
    assert pressed.sign(email="next@example.org", slow="yes").status_code == 200


def test_without_pressure_the_slow_lane_delays_nothing(open_door: World) -> None:
    open_door.sign(email="quick@example.org", slow="yes")

    assert delivered_mails(open_door) == 1


def test_a_school_gets_through_up_to_the_cap_within_the_hour(open_door: World) -> None:
    press(open_door, proof_posts_per_network=5, posts_per_network=60)
    for number in range(59):
        address = f"pupil{number}@example.org"
        # The cached page has no challenge for one network: each form comes back first.
        if open_door.sign(email=address).status_code == 429:
            proof = easy_proof(open_door)
            assert open_door.sign(email=address, proof=proof).status_code == 200

    assert len({mail.to for mail in settled(open_door).mails()}) == 60
    assert open_door.sign(proof=easy_proof(open_door)).status_code == 429


def settled(world: World) -> World:
    """The world after all deliveries."""
    world.deliver_all(rounds=500)
    return world


def test_a_network_at_its_cap_is_not_asked_for_a_proof(pressed: World) -> None:
    press(pressed, posts_per_network=1)

    page = pressed.sign().body.decode()

    assert "Please try again in an hour" in page


def test_a_confirmation_needs_no_proof(pressed: World) -> None:
    pressed.post(pressed.link(), {})
    petitions.require_proofs(
        pressed.services.petitions, "open-door", until=pressed.clock.now() + timedelta(hours=1)
    )
    link = pressed.link()

    assert pressed.post(link, {}).status_code == 200
    assert [item["state"] for item in pressed.signatures()] == ["confirmed"]


# Pressure by all networks.


def flood(world: World, forms: int) -> None:
    """So many admitted forms in one minute."""
    for _ in range(forms):
        rate_limits.count_admitted_post(world.services)


def requires_proof(world: World) -> bool:
    """Whether the public page of the petition asks for a proof."""
    return b"<altcha-widget" in world.get("/en/open-door").body


@pytest.mark.parametrize("form", ["subscribe", "manage"])
def test_every_form_that_sends_mail_needs_a_proof(pressed: World, form: str) -> None:
    pressed.post(f"/en/open-door/{form}", {"email": "first@example.org"})
    path, fields = f"/en/open-door/{form}", {"email": "second@example.org"}

    refused = pressed.post(path, fields)
    slow = pressed.post(path, fields | {"slow": "yes"})

    assert refused.status_code == 429
    assert b'name="slow"' in refused.body
    assert b"second@example.org" in refused.body
    assert slow.status_code == 200
    assert b"10 minutes" in slow.body
    assert delayed_mails(pressed) == 1


def test_pressure_begins_with_the_tick_after_a_flood_and_ends_ten_minutes_later(
    open_door: World,
) -> None:
    press(open_door, proof_posts_per_minute=50)
    flood(open_door, 60)
    before = requires_proof(open_door)
    open_door.run_every_minute()
    during = requires_proof(open_door)
    open_door.clock.advance(minutes=9)
    open_door.run_every_minute()
    still = requires_proof(open_door)
    open_door.clock.advance(minutes=1, seconds=1)
    open_door.run_every_minute()

    assert [before, during, still, requires_proof(open_door)] == [False, True, True, False]


def test_pressure_lasts_as_long_as_the_flood(open_door: World) -> None:
    press(open_door, proof_posts_per_minute=50)
    for _ in range(15):
        flood(open_door, 60)
        open_door.run_every_minute()
        open_door.clock.advance(minutes=1)
        assert requires_proof(open_door)


def test_refused_forms_do_not_prolong_the_pressure(open_door: World) -> None:
    press(open_door, proof_posts_per_minute=10)
    flood(open_door, 20)
    open_door.run_every_minute()
    for _ in range(9):
        open_door.clock.advance(minutes=1)
        for number in range(12):
            assert open_door.sign(email=f"{number}@example.org").status_code == 429
    open_door.run_every_minute()
    open_door.clock.advance(minutes=1, seconds=1)

    assert not requires_proof(open_door)


@pytest.mark.parametrize("field", ["", "slow"])
def test_a_thousand_forms_of_one_network_put_no_pressure_on_the_others(
    open_door: World, field: str
) -> None:
    petition = petitions.get(open_door.services.petitions, "open-door")
    admitted = 0
    for _ in range(1000):
        with suppress(ProofRequired, TooManyRequests):
            admission.admit(
                open_door.services, petition, network="203.0.113.0/24", fields={field: "yes"}
            )
            admitted += 1
    open_door.run_every_minute()

    assert admitted == {"": 60, "slow": 80}[field]
    assert rate_limits.busiest_minute(open_door.services) <= admitted + 1
    assert not requires_proof(open_door)


def test_a_late_tick_counts_the_last_minutes_and_no_earlier_ones(
    open_door: World,
) -> None:
    press(open_door, proof_posts_per_minute=50)
    flood(open_door, 60)
    open_door.clock.advance(minutes=2)
    open_door.run_every_minute()
    late = requires_proof(open_door)
    flood(open_door, 60)
    open_door.clock.advance(hours=1)
    open_door.run_every_minute()

    assert late
    assert not requires_proof(open_door)


def test_under_pressure_a_form_without_a_proof_costs_no_call(
    open_door: World,
) -> None:
    pressure.require_proofs(
        open_door.services, "open-door", until=open_door.clock.now() + timedelta(hours=1)
    )
    open_door.sign()

    with calls_of(open_door) as calls:
        answer = open_door.sign()

    assert answer.status_code == 429
    assert calls.made == []


def test_posts_of_a_failed_write_are_written_with_the_next_form(open_door: World) -> None:
    with recorded(AwsCalls(at="dynamodb.UpdateItem", fault=Fault.THROTTLED)):
        flood(open_door, 9)
    flood(open_door, 1)

    assert rate_limits.busiest_minute(open_door.services) == 11


def test_a_tick_that_cannot_read_the_counts_logs_it_and_goes_on(
    open_door: World, log_lines: list[dict[str, Any]]
) -> None:
    with recorded(AwsCalls(at="dynamodb.BatchGetItem", fault=Fault.THROTTLED)):
        open_door.run_every_minute()

    assert any("could not be read" in str(line) for line in log_lines)


def test_a_new_version_neither_ends_nor_contains_the_pressure(open_door: World) -> None:
    until = open_door.clock.now() + timedelta(hours=1)
    pressure.require_proofs(open_door.services, "open-door", until=until)

    same = open_door.publish()
    amended = open_door.publish(builders.petition(goals=(20,)))

    assert (same.version, amended.version) == (1, 2)
    assert petitions.get(open_door.services.petitions, "open-door").proof_until == until
    version = open_door.services.petitions.find(keys.petition_version("open-door", 2))
    assert version
    assert "proof_until" not in version


def test_pressure_that_begins_during_a_publication_is_not_lost(open_door: World) -> None:
    amended = builders.petition(version=2, goals=(20,))
    until = open_door.clock.now() + timedelta(minutes=10)
    petitions.require_proofs(open_door.services.petitions, "open-door", until=until)
    # The new version was made from the petition as it was before the pressure.
    petitions.save(open_door.services.petitions, amended)

    petition = petitions.get(open_door.services.petitions, "open-door")
    assert (petition.version, petition.proof_until) == (2, until)


def test_a_flood_does_not_shorten_the_pressure_that_the_operator_has_set(open_door: World) -> None:
    until = open_door.clock.now() + timedelta(hours=5)
    press(open_door, proof_posts_per_minute=10)
    pressure.require_proofs(open_door.services, "open-door", until=until)
    flood(open_door, 20)
    open_door.run_every_minute()

    assert petitions.get(open_door.services.petitions, "open-door").proof_until == until


def test_pressure_on_a_missing_petition_creates_nothing(open_door: World) -> None:
    petitions_table = open_door.services.petitions

    assert not petitions.require_proofs(petitions_table, "no-door", until=open_door.clock.now())
    assert not petitions.stop_requiring_proofs(petitions_table, "no-door")
    assert petitions_table.find(keys.petition("no-door")) is None


# Faults and privacy.


@pytest.mark.parametrize("place", range(5))
def test_a_form_comes_back_whole_whichever_call_is_throttled(pressed: World, place: int) -> None:
    pressed.services.cache.seconds = 1000
    with recorded(AwsCalls(at=place, fault=Fault.THROTTLED)):
        answer = pressed.sign(email="again@example.org", proof=easy_proof(pressed))

    assert answer.status_code == 503
    assert 'value="again@example.org"' in answer.body.decode()
    assert pressed.sign(email="again@example.org", proof=easy_proof(pressed)).status_code == 200


def test_after_a_lost_answer_another_proof_is_accepted(pressed: World) -> None:
    world, proof = pressed, easy_proof(pressed)
    lost = AwsCalls(at="dynamodb.PutItem", fault=Fault.ANSWER_LOST)
    with recorded(lost):
        answer = world.sign(proof=proof)

    assert answer.status_code == 503
    assert world.sign(proof=easy_proof(world)).status_code == 200


def test_limits_store_no_network_and_no_address(pressed: World) -> None:
    pressed.sign(email="marked-person@example.org", proof=easy_proof(pressed))
    pressed.sign(email="marked-person@example.org", slow="yes")
    flood(pressed, 20)

    limits = str([item for item in pressed.stored_items("limits") if "limit" in item["pk"]])
    assert "marked-person" not in limits
    assert "127.0.0" not in limits
    assert "limit#proof#" in limits
    assert "limit#all#" in limits
