"""Whether the account has room: Lambda's quota, the stack's state, tables of a former stack."""

from collections.abc import Iterator
from typing import Final

from ops.deploy import names, stacks, tables
from ops.deploy.account import Account
from ops.deploy.findings import Finding, fault, note, ok
from ops.deploy.stacks import Move
from ops.errors import CannotContinue
from ops.terminal.command_hint import command

ENOUGH_FUNCTIONS: Final = 100
"""At once: pages, mails and alerts of a busy day, with some left for others in the account."""


def check_credentials(account: Account) -> Finding:
    """Who we are. Raises what botocore raises when AWS does not know us."""
    return ok(f"AWS knows you: account {account.id}, region {account.region}.")


def check_quotas(account: Account) -> Finding:
    """How many functions may run at once; new accounts begin with ten."""
    limit = account.functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < ENOUGH_FUNCTIONS:
        return note(
            f"Lambda lets only {limit} functions run at once in this account.",
            "Enough to try things out. Before many come, ask for 1,000 in the Service Quotas "
            "console: Lambda, Concurrent executions. It is free.",
        )
    return ok(f"Lambda lets {limit:,} functions run at once.")


def check_stack(account: Account, name: str) -> Iterator[Finding]:
    """Whether the stack is in a state from which `apply` can go on."""
    stack = stacks.find(account, name)
    if stack is None:
        yield from _check_former(account, name)
        return
    try:
        move = stacks.next_move(stack)
    except CannotContinue as error:
        yield fault(f"The stack {name} is {stack.status}.", str(error))
        return
    if move in (Move.CREATE, Move.UPDATE):
        yield ok(f"The stack {name} is there: {stack.status}.")
    else:
        remedies = {
            Move.WAIT: "waits until that is over.",
            Move.CONTINUE_ROLLBACK: "takes the failed update back first.",
            Move.START_ANEW: "clears it away and starts anew, if its tables are empty.",
        }
        yield note(f"The stack {name} is {stack.status}.", f"`apply` {remedies[move]}")


def _check_former(account: Account, name: str) -> Iterator[Finding]:
    left = [table for table in names.tables(name) if tables.exists(account, table)]
    if left:
        yield fault(
            f"There is no stack {name}, but tables of a former one: {', '.join(left)}.",
            f"Take them away with `{command('deploy destroy')}`, or choose another name in "
            'deploy.toml: stack = "…"',
        )
    else:
        yield ok(f"The name {name} is free: `apply` makes the stack.")
