"""A process reads its secrets every ten minutes, and continues with the old ones meanwhile."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.domain.errors import Unavailable
from chalicelib.store.secrets import (
    ACTIVATION,
    INDEX_KEYS,
    JOB_KEYS,
    REFRESH,
    RETRY,
    TOKEN_KEYS,
    MissingSecret,
    Secrets,
    read_keyring,
    write_keyring,
)
from tests.builders import NOW
from tests.faults import intercepted
from tests.in_process_service import Clock

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATH = "/zaklik/test"
WEB = (TOKEN_KEYS, INDEX_KEYS)
"""What this process reads in one call."""


def ring(*ids: int) -> Keyring:
    return Keyring(keys=tuple(RingKey(id=i, raw=bytes([i]) * 32, used_from=NOW) for i in ids))


def entry(**changes: Any) -> str:
    """The text of a ring of one key, with changes."""
    values = json.loads(write_keyring(ring(1)))["keys"][0]
    return json.dumps({"keys": [{**values, **changes}]})


class ParameterStoreOfTest:
    """Parameter Store with the two secrets of a process, and the calls that read it."""

    def __init__(self, ssm: "SSMClient", clock: Clock) -> None:
        self.ssm, self.clock = ssm, clock
        self.reads: list[list[str]] = []
        for name in WEB:
            self.put(name, write_keyring(ring(1)))

    def put(self, name: str, text: str) -> None:
        self.ssm.put_parameter(
            Name=f"{PATH}/{name}", Value=text, Type="SecureString", Overwrite=True
        )

    def delete(self, name: str) -> None:
        self.ssm.delete_parameter(Name=f"{PATH}/{name}")

    def process(self) -> Secrets:
        """The secrets of a new process."""
        return Secrets(ssm=lambda: self.ssm, path=PATH, now=self.clock.now, together=WEB)

    def record(self, params: Any, **_: Any) -> None:
        self.reads.append([name.rpartition("/")[2] for name in json.loads(params["body"])["Names"]])


@pytest.fixture
def store() -> Iterator[ParameterStoreOfTest]:
    with mock_aws():
        store = ParameterStoreOfTest(boto3.client("ssm"), Clock())
        with intercepted(store.ssm, "before-call.ssm.GetParameters", store.record):
            yield store


@pytest.fixture
def failing(store: ParameterStoreOfTest) -> Callable[[str], Any]:
    """Lets every read fail with an error of this code."""

    def fail_with(code: str) -> Any:
        def fail(**_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "…"}}, "GetParameters")

        return intercepted(store.ssm, "before-call.ssm.GetParameters", fail)

    return fail_with


def ids(keyring: Keyring) -> list[int]:
    return [key.id for key in keyring.keys]


def test_all_secrets_of_a_process_are_read_in_one_call(store: ParameterStoreOfTest) -> None:
    process = store.process()

    assert ids(process.token_keys) == ids(process.index_keys) == [1]
    assert store.reads == [list(WEB)]


def test_a_secret_outside_the_policy_is_read_alone(store: ParameterStoreOfTest) -> None:
    process = store.process()
    store.put(JOB_KEYS, write_keyring(ring(7)))
    _ = process.token_keys

    assert ids(process.job_keys) == [7]
    assert store.reads == [list(WEB), [JOB_KEYS]]


def test_a_process_reads_again_after_ten_minutes(store: ParameterStoreOfTest) -> None:
    process = store.process()
    _ = process.token_keys
    for name in WEB:
        store.put(name, write_keyring(ring(1, 2)))

    store.clock.advance(minutes=9, seconds=59)
    before = ids(process.token_keys)
    store.clock.advance(seconds=1)

    assert before == [1]
    assert ids(process.token_keys) == ids(process.index_keys) == [1, 2]
    assert store.reads == [list(WEB), list(WEB)]


def test_a_new_key_is_read_three_times_before_it_is_used() -> None:
    assert ACTIVATION >= 3 * REFRESH


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_an_old_ring_is_used_while_it_cannot_be_read(
    store: ParameterStoreOfTest, failing: Callable[[str], Any], code: str
) -> None:
    process = store.process()
    _ = process.token_keys
    store.put(TOKEN_KEYS, write_keyring(ring(1, 2)))
    store.clock.advance(minutes=10)

    with failing(code):
        first = [ids(process.token_keys) for _ in range(5)]
    tried = len(store.reads)
    still = ids(process.token_keys)
    store.clock.moment += RETRY

    assert first == [[1]] * 5
    assert tried == 2, "the first read, and one try in a minute"
    assert still == [1]
    assert ids(process.token_keys) == [1, 2]


def test_without_an_old_ring_a_throttled_read_is_unavailable(
    store: ParameterStoreOfTest, failing: Callable[[str], Any]
) -> None:
    process = store.process()

    with failing("ThrottlingException"), pytest.raises(Unavailable):
        _ = process.token_keys

    assert ids(process.token_keys) == [1], "the next request tries again"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "null",
        "7",
        '{"keys": []}',
        '{"keys": {}}',
        entry(id=0),
        entry(id=256),
        entry(id="one"),
        entry(key="c2hvcnQ="),
        entry(key="ключ"),
        entry(key=None),
        entry(used_from="soon"),
        entry(used_from="2026-03-08T12:00:00"),
        '{"keys": [{"id": 1}]}',
    ],
)
def test_an_invalid_text_is_named_and_not_shown(store: ParameterStoreOfTest, text: str) -> None:
    running = store.process()
    _ = running.token_keys
    store.put(TOKEN_KEYS, text or " ")
    store.clock.advance(minutes=10)

    with pytest.raises(MissingSecret, match=f"^the secret {PATH}/{TOKEN_KEYS} is invalid$") as it:
        _ = store.process().token_keys

    assert it.value.__cause__ is None
    assert it.value.__context__ is None
    assert ids(running.token_keys) == [1], "who has a valid one continues with it"
    assert ids(store.process().index_keys) == [1], "the others can be used"


def test_ids_that_are_doubled_or_out_of_order_are_invalid() -> None:
    for wrong in ((1, 1), (2, 1)):
        keys = [json.loads(write_keyring(ring(number)))["keys"][0] for number in wrong]
        with pytest.raises(ValueError, match="different ids"):
            read_keyring(json.dumps({"keys": keys}))


def test_a_repaired_secret_is_read_at_the_next_request(store: ParameterStoreOfTest) -> None:
    store.put(TOKEN_KEYS, "x")
    process = store.process()
    with pytest.raises(MissingSecret):
        _ = process.token_keys

    store.put(TOKEN_KEYS, write_keyring(ring(1)))

    assert ids(process.token_keys) == [1]


def test_a_deleted_secret_is_named_and_the_old_one_stays_in_use(
    store: ParameterStoreOfTest,
) -> None:
    running = store.process()
    _ = running.token_keys
    store.delete(TOKEN_KEYS)
    store.clock.advance(minutes=10)

    assert ids(running.token_keys) == [1]
    with pytest.raises(MissingSecret, match=f"{TOKEN_KEYS} is not in Parameter Store"):
        _ = store.process().token_keys


def test_a_text_comes_back_as_it_was_written() -> None:
    written = Keyring(
        keys=(
            RingKey(id=1, raw=bytes(32), used_from=datetime(2000, 1, 1, tzinfo=UTC)),
            RingKey(id=9, raw=b"\xff" * 1216, used_from=NOW),
        )
    )

    assert read_keyring(write_keyring(written)) == written


def test_no_text_of_ours_shows_a_key(store: ParameterStoreOfTest) -> None:
    process = store.process()
    key = process.token_keys.keys[0]

    shown = f"{process!r} {key!r} {process.token_keys!r}"

    assert repr(key.raw) not in shown
    assert "AQEB" not in shown


def test_threads_never_see_half_a_change(store: ParameterStoreOfTest) -> None:
    process = store.process()
    _ = process.token_keys
    begin = Barrier(8)

    def read() -> list[list[int]]:
        begin.wait()
        return [ids(process.token_keys) for _ in range(200)]

    for newest in range(2, 6):
        store.put(TOKEN_KEYS, write_keyring(ring(*range(1, newest + 1))))
        store.clock.advance(minutes=10)
        old, new = list(range(1, newest)), list(range(1, newest + 1))
        with ThreadPoolExecutor(8) as pool:
            seen = [future.result() for future in [pool.submit(read) for _ in range(8)]]

        for of_thread in seen:
            assert all(it in (old, new) for it in of_thread)
            assert of_thread == sorted(of_thread), "nobody goes back to the old ring"
        assert ids(process.token_keys) == new
