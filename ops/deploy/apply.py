"""`zaklik deploy check`, `plan` and `apply`: brings the stack to the state of the sources.

Every step is safe to repeat: after a kill at any moment the next run continues.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final

from ops.deploy import artifacts, change_sets, checks, resources, ses_sender
from ops.deploy import stack as stacks
from ops.deploy.account import Account
from ops.deploy.artifacts import Package
from ops.deploy.change_sets import ChangeSet, ResourceChange
from ops.deploy.checks import CheckResult
from ops.deploy.destroy import delete_failed_stack
from ops.deploy.parameters import URL_UNKNOWN, makes_identity, stack_parameters
from ops.deploy.settings import DeploySettings
from ops.deploy.stack import CloudFormationStack, NextAction
from ops.errors import CannotContinue
from ops.secrets.inventory import KEY_BYTES, ORIGIN_SECRET, store_missing
from ops.terminal import console

Approve = Callable[[Sequence[ResourceChange]], None]
"""Gets the changes before the change set is executed. Raises to refuse."""
_SUCCESS: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What is deployed, and where."""

    account: Account
    settings: DeploySettings
    package: Package
    origin_secret: str
    mails_per_second: float
    """What SES lets the account send; 0 when it does not say."""


def check(
    account: Account, settings: DeploySettings, *, without_mail: bool
) -> Iterator[CheckResult]:
    """All results, credentials first: without them AWS answers nothing else."""
    yield checks.check_credentials(account)
    stack = stacks.find(account, settings.stack)
    yield checks.check_stack(account, settings.stack, stack)
    was_created = stack is not None and stack.was_created
    yield from checks.check_secrets(account, settings.stack, was_created=was_created)
    yield from checks.check_certificate(account, settings)
    yield checks.check_quotas(account)
    yield from ses_sender.check_mail(account, settings, without_mail=without_mail)


def prepare(
    account: Account, settings: DeploySettings, *, without_mail: bool, make_secrets: bool
) -> Deployment:
    """Check and build; with `make_secrets`, make the missing secrets.

    Raises CannotContinue, before anything changes, on a fault or if the package does not build.
    """
    results = check(account, settings, without_mail=without_mail)
    if faults := checks.print_results(results):
        raise CannotContinue(
            f"{console.counted(faults, 'fault')} to fix first. Nothing has changed."
        )
    console.note(f"Building the package for {settings.architecture} …")
    package = artifacts.build(settings)
    path = resources.secrets_path(settings.stack)
    if make_secrets and (names := store_missing(account.ssm, path)):
        console.done(f"Made in Parameter Store under {path}: {', '.join(names)}.")
    return Deployment(
        account=account,
        settings=settings,
        package=package,
        origin_secret=_origin_secret(account, path),
        mails_per_second=ses_sender.mails_per_second(account),
    )


def plan(deployment: Deployment) -> None:
    """Print what `apply` would do, and leave the stack unchanged.

    Raises CannotContinue when the stack's state allows no change set.
    """
    account, name = deployment.account, deployment.settings.stack
    stack = stacks.find(account, name)
    if stacks.next_action(stack) not in (NextAction.CREATE, NextAction.UPDATE):
        raise CannotContinue(
            f"The stack is {stack and stack.status}, so nothing can be compared with it. "
            "`zaklik deploy apply` waits for it, or deletes it."
        )
    change_set = create_change_set(deployment, stack)
    if change_set is None:
        console.done("Nothing to change: the stack matches the sources.")
        return
    console.say("Would be")
    _print_changes(change_set.changes)
    change_sets.delete(account, change_set)
    if stack is None:
        change_sets.delete_empty_stack(account, stacks.find(account, change_set.stack_id))


def apply(deployment: Deployment, approve: Approve) -> CloudFormationStack:
    """Make the stack match the sources; the stack in its new state.

    Without a domain of its own, the first deployment needs a second update, which gives the
    service CloudFront's name. Raises CannotContinue with the first reason of a failure.
    """
    stack = prepare_stack(deployment.account, deployment.settings.stack)
    stack = update_stack(deployment, stack, approve)
    if stack.parameters.get("PublicUrl") == URL_UNKNOWN:
        console.note("Setting the service's address, which CloudFront has just chosen.")
        stack = update_stack(deployment, stack, approve)
    return stack


def prepare_stack(account: Account, name: str) -> CloudFormationStack | None:
    """Bring the stack to a state in which it can be created or updated; None if there is none.

    Waits for what is in progress, continues a failed rollback, and deletes a stack whose creation
    failed. Raises CannotContinue in a state that only a person can solve.
    """
    while True:
        stack = stacks.find(account, name)
        action = stacks.next_action(stack)
        if stack is None or action in (NextAction.CREATE, NextAction.UPDATE):
            return stack
        if action is NextAction.WAIT:
            console.note(f"The stack {name} is {stack.status}: waiting until that is over.")
            stacks.wait_until_stable(account, name)
        elif action is NextAction.CONTINUE_ROLLBACK:
            console.note("The rollback of an update has failed: continuing it.")
            stacks.continue_rollback(account, stack)
        else:
            console.note("The creation of the stack has failed: deleting it to create it anew.")
            delete_failed_stack(account, stack)


def update_stack(
    deployment: Deployment, stack: CloudFormationStack | None, approve: Approve
) -> CloudFormationStack:
    """Create or update the stack by one change set; the stack in its new state."""
    change_set = create_change_set(deployment, stack)
    if change_set is None:
        if stack is None:
            raise CannotContinue("CloudFormation finds nothing in the template. Build it again.")
        console.done("Nothing to change: the stack matches the sources.")
        return stack
    _print_changes(change_set.changes)
    approve(change_set.changes)
    account, count = deployment.account, len(change_set.changes)
    with stacks.shown_progress(account, change_set.stack_id, count) as progress:
        change_sets.execute(account, change_set)
        result = stacks.wait_until_stable(account, change_set.stack_id, progress)
    if result is not None and result.status in _SUCCESS:
        return result
    reason = progress.failure or (result and result.status_reason)
    raise CannotContinue(
        f"{reason or 'CloudFormation gives no reason'}\n"
        f"The stack is {result.status if result else 'gone'}. Fix the cause and run this again."
    )


def create_change_set(
    deployment: Deployment, stack: CloudFormationStack | None
) -> ChangeSet | None:
    """Upload package and template, and create the change set; None if nothing is to change."""
    account, settings = deployment.account, deployment.settings
    bucket = artifacts.artifacts_of(account, settings.stack)
    bucket.create_bucket()
    package = bucket.upload(deployment.package.content, ".zip")
    template = artifacts.template_for(deployment.package.template, bucket.bucket, package)
    return change_sets.create(
        account,
        settings.stack,
        stacks.next_action(stack),
        template_url=bucket.url(bucket.upload(template, ".json")),
        parameters=stack_parameters(
            settings,
            stack,
            origin_secret=deployment.origin_secret,
            sender_identity=ses_sender.find_identity(account, settings),
            mails_per_second=deployment.mails_per_second,
        ),
    )


def next_steps(deployment: Deployment, stack: CloudFormationStack) -> Sequence[str]:
    """The address of the deployed service, and the DNS records to set."""
    lines = [f"Address: {stack.parameters.get('PublicUrl', '')}"]
    if domain := stack.parameters.get("DomainName"):
        lines.append(f"Set in DNS: {domain} CNAME {stack.outputs[stacks.DISTRIBUTION_DOMAIN]}")
    if makes_identity(deployment.settings, stack):
        records = ses_sender.dkim_records(deployment.account, deployment.settings)
        lines += [f"Set in DNS: {name} CNAME {value}" for name, value in records.items()]
    return lines


def _print_changes(changes: Sequence[ResourceChange]) -> None:
    for line in change_sets.summary(changes):
        console.say(f"  {line}")
    for line in change_sets.warnings(changes):
        console.fault(line)


def _origin_secret(account: Account, path: str) -> str:
    """The stored secret; before there is one, a random value that only `plan` uses."""
    name = f"{path}/{ORIGIN_SECRET}"
    try:
        return account.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except account.ssm.exceptions.ParameterNotFound:
        return token_urlsafe(KEY_BYTES)
