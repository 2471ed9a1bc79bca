"""The deployed service, for commands: its settings are those of the web function."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chalicelib.config import settings_from
from chalicelib.wiring import Services
from ops.deploy import stack as stacks
from ops.deploy.account import Account, account_for
from ops.deploy.settings import DeploySettings
from ops.deploy.stack import CloudFormationStack
from ops.errors import CannotContinue
from ops.terminal.command_hint import command

MAX_ATTEMPTS: Final = 9
"""Attempts of an AWS call by a command. Botocore waits up to 91 seconds between them in all."""


def get_stack(account: Account, settings: DeploySettings) -> CloudFormationStack:
    """The stack, once it has been created. Raises CannotContinue before that."""
    stack = stacks.find(account, settings.stack)
    if stack is None or stacks.WEB_FUNCTION not in stack.outputs:
        state = f"is {stack.status}" if stack else "does not exist"
        raise CannotContinue(
            f"The stack {settings.stack} {state} in {account.region}. "
            f"Deploy it first: {command('deploy apply')}"
        )
    return stack


def environment(account: Account, stack: CloudFormationStack) -> Mapping[str, str]:
    """The ZAKLIK_* variables of the web function."""
    configuration = account.functions.get_function_configuration(
        FunctionName=stack.outputs[stacks.WEB_FUNCTION]
    )
    return configuration["Environment"]["Variables"]


def services(settings: DeploySettings) -> Services:
    """The deployed service for use cases, which run with the operator's own credentials.

    Sets the shell's region to that of the stack, since the clients of use cases read it there.
    Raises CannotContinue when nothing is deployed.
    """
    account = account_for(settings)
    stack = get_stack(account, settings)
    os.environ["AWS_DEFAULT_REGION"] = account.region
    web_settings = settings_from(environment(account, stack))
    # IAM refuses a call for one secret too many, so a person's role reads them one at a time.
    return Services(settings=replace(web_settings, secret_names=""), max_attempts=MAX_ATTEMPTS)
