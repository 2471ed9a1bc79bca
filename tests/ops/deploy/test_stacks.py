"""What comes next for a stack, in every state that CloudFormation has."""

import pytest

from ops.deploy.stacks import Move, Stack, next_move
from ops.errors import CannotContinue


def stack(status: str) -> Stack:
    """A stack in this state."""
    return Stack(name="zk", id="id", status=status, status_reason="", parameters={}, outputs={})


@pytest.mark.parametrize(
    ("status", "move"),
    [
        ("REVIEW_IN_PROGRESS", Move.CREATE),
        ("CREATE_IN_PROGRESS", Move.WAIT),
        ("CREATE_COMPLETE", Move.UPDATE),
        ("CREATE_FAILED", Move.START_ANEW),
        ("ROLLBACK_IN_PROGRESS", Move.WAIT),
        ("ROLLBACK_COMPLETE", Move.START_ANEW),
        ("ROLLBACK_FAILED", Move.START_ANEW),
        ("UPDATE_IN_PROGRESS", Move.WAIT),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Move.WAIT),
        ("UPDATE_COMPLETE", Move.UPDATE),
        ("UPDATE_ROLLBACK_IN_PROGRESS", Move.WAIT),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Move.WAIT),
        ("UPDATE_ROLLBACK_COMPLETE", Move.UPDATE),
        ("UPDATE_ROLLBACK_FAILED", Move.CONTINUE_ROLLBACK),
        ("IMPORT_COMPLETE", Move.UPDATE),
        ("IMPORT_ROLLBACK_COMPLETE", Move.UPDATE),
        ("DELETE_IN_PROGRESS", Move.WAIT),
        ("DELETE_FAILED", Move.START_ANEW),
    ],
)
def test_every_state_has_its_next_move(status: str, move: Move) -> None:
    assert next_move(stack(status)) is move


def test_without_a_stack_one_is_created() -> None:
    assert next_move(None) is Move.CREATE


def test_a_state_that_we_never_make_is_for_a_person() -> None:
    with pytest.raises(CannotContinue, match="UPDATE_FAILED"):
        next_move(stack("UPDATE_FAILED"))


@pytest.mark.parametrize(
    ("status", "stands"),
    [("CREATE_COMPLETE", True), ("UPDATE_ROLLBACK_FAILED", True), ("ROLLBACK_COMPLETE", False)],
)
def test_only_what_was_created_once_stands(status: str, stands: bool) -> None:
    assert stack(status).stands is stands
