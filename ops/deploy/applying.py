"""`zaklik deploy plan` and `apply`: what it takes to bring the stack to the sources, and doing it.

Each step can be repeated: whatever moment a run is killed at, the next one finds what is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ops.deploy import (
    change_sets,
    changes,
    names,
    senders,
    stacks,
    starting_anew,
    template,
    watching,
)
from ops.deploy.account import Account
from ops.deploy.artifacts import artifacts_of
from ops.deploy.change_sets import ChangeSet
from ops.deploy.changes import Change
from ops.deploy.packing import Package
from ops.deploy.parameters import NOT_KNOWN_YET, makes_identity, parameters
from ops.deploy.settings import DeploySettings
from ops.deploy.stacks import Move, Stack
from ops.errors import CannotContinue
from ops.terminal import console

_DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is to be deployed, and where."""

    account: Account
    settings: DeploySettings
    package: Package
    origin_secret: str
    mails_per_second: float
    """What SES lets the account send; 0 when it does not say."""


def make_ready(account: Account, name: str) -> Stack | None:
    """Bring the stack to where it can be created or updated; None when there is none.

    Waits for what is in progress, ends a rollback that got stuck, and clears away a creation that
    never succeeded. Raises CannotContinue when a person must look.
    """
    while True:
        stack = stacks.find(account, name)
        move = stacks.next_move(stack)
        if stack is None or move in (Move.CREATE, Move.UPDATE):
            return stack
        if move is Move.WAIT:
            console.note(f"The stack {name} is {stack.status}: waiting until that is over.")
            stacks.settle(account, name)
        elif move is Move.CONTINUE_ROLLBACK:
            console.note("An update could not be taken back the first time: trying again.")
            stacks.continue_rollback(account, stack)
        else:
            console.note("The stack was never made whole: clearing it away to start anew.")
            starting_anew.clear(account, stack)


def work_out(target: Target, stack: Stack | None) -> ChangeSet | None:
    """Upload package and template, and ask for the change set; None if nothing is to change."""
    artifacts = artifacts_of(target.account, target.settings.stack)
    artifacts.make()
    package = artifacts.upload(target.package.content, ".zip")
    text = template.pointed_at(target.package.template, artifacts.bucket, package)
    return change_sets.make(
        target.account,
        target.settings.stack,
        stacks.next_move(stack),
        template_url=artifacts.url(artifacts.upload(text, ".json")),
        parameters=parameters(
            target.settings,
            stack,
            origin_secret=target.origin_secret,
            sender_identity=senders.find_identity(target.account, target.settings),
            mails_per_second=target.mails_per_second,
        ),
    )


def show_plan(planned: Sequence[Change]) -> None:
    """Say what would happen, in plain words."""
    for line in changes.in_words(planned):
        console.say(f"  {line}")
    for line in changes.warnings(planned):
        console.fault(line)


def apply(target: Target, approve: Callable[[Sequence[Change]], None]) -> Stack:
    """Bring the stack to the sources; the stack as it stands then.

    `approve` is asked before anything changes, and raises to refuse. The first time without an
    address of its own, a second update tells the service CloudFront's name.
    Raises CannotContinue with the first reason when CloudFormation fails.
    """
    name = target.settings.stack
    stack = _bring_up(target, make_ready(target.account, name), approve)
    if stack.parameters.get("PublicUrl") == NOT_KNOWN_YET:
        console.note("Telling the service its address, which CloudFront has just chosen.")
        stack = _bring_up(target, stack, approve)
    return stack


def _bring_up(
    target: Target, stack: Stack | None, approve: Callable[[Sequence[Change]], None]
) -> Stack:
    change_set = work_out(target, stack)
    if change_set is None:
        if stack is None:
            raise CannotContinue("CloudFormation finds nothing in the template. Build it again.")
        console.done("Nothing to change: the stack is as the sources want it.")
        return stack
    show_plan(change_set.changes)
    approve(change_set.changes)
    account = target.account
    with watching.watched(account, change_set.stack_id, len(change_set.changes)) as watch:
        change_sets.execute(account, change_set)
        ended = stacks.settle(
            account, change_set.stack_id, look=watch.look, begun=lambda stack: watch.begun
        )
    if ended is None or ended.status not in _DONE:
        raise CannotContinue(_failed(ended, watch.failure))
    return ended


def _failed(ended: Stack | None, failure: str | None) -> str:
    status = ended.status if ended else "gone"
    reason = failure or (ended.status_reason if ended else "") or "CloudFormation gives no reason"
    return f"{reason}\nThe stack is {status}. Mend the cause and run this again."


def outputs_in_words(target: Target, stack: Stack) -> Sequence[str]:
    """What a person needs to know of a stack that stands: its address, and what to set in DNS."""
    lines = [f"Address: {stack.parameters.get('PublicUrl', '')}"]
    if domain := stack.parameters.get("DomainName"):
        lines.append(f"Set in DNS: {domain} CNAME {stack.outputs[names.DISTRIBUTION_DOMAIN]}")
    if makes_identity(target.settings, stack):
        records = senders.dkim_records(target.account, target.settings)
        lines += [f"Set in DNS: {name} CNAME {value}" for name, value in records.items()]
    return lines
