"""`zaklik deploy plan`: the change set in plain words, and then nothing left of it."""

from ops.deploy import applying, change_sets, preparing, stacks
from ops.deploy.account import Account
from ops.deploy.settings import DeploySettings
from ops.deploy.stacks import Move
from ops.errors import CannotContinue
from ops.terminal import console


def plan(account: Account, settings: DeploySettings, *, without_mail: bool) -> None:
    """Show what `apply` would do, and leave the stack as it was.

    Raises CannotContinue when the stack is in a state that has no plan.
    """
    target = preparing.prepare(account, settings, without_mail=without_mail, make_secrets=False)
    stack = stacks.find(account, settings.stack)
    if stack is not None and stacks.next_move(stack) not in (Move.CREATE, Move.UPDATE):
        raise CannotContinue(
            f"The stack is {stack.status}, so there is nothing to compare with. "
            "`zaklik deploy apply` waits for it, or clears it away."
        )
    change_set = applying.work_out(target, stack)
    if change_set is None:
        console.done("Nothing to change: the stack is as the sources want it.")
        return
    console.say("Would be")
    applying.show_plan(change_set.changes)
    change_sets.discard(account, change_set)
    if stack is None:
        change_sets.discard_empty_stack(account, stacks.find(account, change_set.stack_id))
