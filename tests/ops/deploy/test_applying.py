"""apply and destroy on moto's CloudFormation, whole and cut off at every step."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ops.deploy import applying, change_sets, destroying, names, planning, preparing, stacks, tables
from ops.deploy.account import Account
from ops.deploy.applying import Target
from ops.deploy.artifacts import Artifacts
from ops.deploy.changes import Change, Effect
from ops.errors import CannotContinue
from ops.keys.secrets import store_missing
from tests.ops.deploy.conftest import STACK, without


class Killed(BaseException):
    """The process is gone at this point."""


def agree(changes: Sequence[Change]) -> None:
    """Whatever it is."""


def cut_after(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> None:
    """Kill the process just after `place.name` has done its work."""
    done: Callable[..., Any] = getattr(place, name)

    def cut(*args: Any, **named: Any) -> Any:
        done(*args, **named)
        raise Killed

    monkeypatch.setattr(place, name, cut)


@pytest.fixture
def asked(account: Account) -> list[str]:
    """The address in every change set that is asked for.

    moto sees no change in parameters and gives no outputs; which address comes second is seen in
    `test_parameters.py`, and in the rehearsal.
    """
    found: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        values = {each["ParameterKey"]: each["ParameterValue"] for each in params["Parameters"]}
        found.append(values["PublicUrl"])

    account.cloudformation.meta.events.register(
        "provide-client-params.cloudformation.CreateChangeSet", note
    )
    return found


def test_without_an_address_of_its_own_there_is_a_second_update(
    target: Target, asked: list[str]
) -> None:
    applying.apply(target, agree)

    assert len(asked) == 2


def test_an_address_of_its_own_needs_no_second_update(target: Target, asked: list[str]) -> None:
    own = replace(target, settings=replace(target.settings, public_url="https://c.example.org"))

    stack = applying.apply(own, agree)

    assert asked == ["https://c.example.org"]
    assert applying.outputs_in_words(own, stack) == ["Address: https://c.example.org"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Artifacts, "make"),
        (Artifacts, "upload"),
        # Not between making a change set and executing it: moto cannot make a second one then.
        (change_sets, "execute"),
        (applying, "_bring_up"),
    ],
)
def test_killed_anywhere_it_goes_on(
    target: Target, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    with monkeypatch.context() as patched:
        cut_after(patched, place, name)
        with pytest.raises(Killed):
            applying.apply(target, agree)

    stack = applying.apply(target, agree)

    assert stack.status == "CREATE_COMPLETE"
    assert all(tables.exists(target.account, table) for table in names.tables(STACK))


def test_who_does_not_agree_changes_nothing(target: Target) -> None:
    applying.apply(target, agree)
    asked: list[Change] = []

    def refuse(changes: Sequence[Change]) -> None:
        asked.extend(changes)
        raise CannotContinue("no")

    with pytest.raises(CannotContinue, match="no"):
        applying.apply(without(target, "PetitionsTable"), refuse)

    assert [change.effect for change in asked if change.is_loud] == [Effect.REMOVED]
    assert tables.exists(target.account, "zk-petitions")


def test_a_plan_leaves_nothing(target: Target, monkeypatch: pytest.MonkeyPatch,
                               capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setattr(preparing, "prepare", lambda *_, **__: target)

    planning.plan(target.account, target.settings, without_mail=False)

    assert "made: 1 queue, 3 tables" in capsys.readouterr().out
    assert stacks.find(target.account, STACK) is None


def test_destroy_leaves_nothing(target: Target, account: Account) -> None:
    store_missing(account.ssm, "/zk")
    applying.apply(target, agree)
    account.logs.create_log_group(logGroupName="/zaklik/zk/web")
    account.s3.create_bucket(
        Bucket="zk-exportbucket-abc123",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )
    account.s3.put_object(Bucket="zk-exportbucket-abc123", Key="x", Body=b"x")

    assert destroying.destroy(account, STACK) == []

    assert stacks.find(account, STACK) is None
    assert account.dynamodb.list_tables()["TableNames"] == []
    assert account.s3.list_buckets()["Buckets"] == []
    assert account.logs.describe_log_groups()["logGroups"] == []
    assert account.ssm.describe_parameters()["Parameters"] == []


@pytest.mark.parametrize(
    ("place", "name"), [(tables, "lift_protection"), (stacks, "delete"), (tables, "delete")]
)
def test_destroy_killed_anywhere_goes_on(
    target: Target, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    applying.apply(target, agree)
    with monkeypatch.context() as patched:
        cut_after(patched, place, name)
        with pytest.raises(Killed):
            destroying.destroy(target.account, STACK)

    assert destroying.destroy(target.account, STACK) == []


def test_data_is_counted_and_refused(target: Target) -> None:
    applying.apply(target, agree)
    put = target.account.dynamodb.put_item
    put(TableName="zk-signatures", Item={"pk": {"S": "a"}})
    put(TableName="zk-petitions", Item={"pk": {"S": "limit"}, "expires_at": {"N": "1"}})

    with pytest.raises(CannotContinue, match="--with-all-data"):
        destroying.refuse_data(target.account, STACK, allowed=False)
    destroying.refuse_data(target.account, STACK, allowed=True)


def test_what_expires_by_itself_is_no_data(target: Target) -> None:
    applying.apply(target, agree)
    target.account.dynamodb.put_item(
        TableName="zk-signatures", Item={"pk": {"S": "a"}, "expires_at": {"N": "1"}}
    )

    destroying.refuse_data(target.account, STACK, allowed=False)
