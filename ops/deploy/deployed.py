"""The service as it is deployed, for commands: its settings, asked of the web function itself."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ops.deploy import names, stacks
from ops.deploy.account import account_for
from ops.deploy.settings import DeploySettings
from ops.deploy.stacks import Stack
from ops.errors import CannotContinue
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from chalicelib.wiring import Services
    from ops.deploy.account import Account


def standing(account: "Account", settings: DeploySettings) -> Stack:
    """The stack, which has been created. Raises CannotContinue if it has not."""
    stack = stacks.find(account, settings.stack)
    if stack is None or names.WEB_FUNCTION not in stack.outputs:
        state = f"is {stack.status}" if stack else "is not there"
        raise CannotContinue(
            f"The stack {settings.stack} {state} in {account.region}. "
            f"Deploy it first: {command('deploy apply')}"
        )
    return stack


def environment(account: "Account", stack: Stack) -> Mapping[str, str]:
    """The ZAKLIK_* variables of the function that answers visitors."""
    asked = account.functions.get_function_configuration(
        FunctionName=stack.outputs[names.WEB_FUNCTION]
    )
    return asked["Environment"]["Variables"]


def services(settings: DeploySettings) -> "Services":
    """What use cases need to work on the deployed service, by the operator's own credentials.

    The clients of use cases take their region from the shell, so it is set to that of the stack.
    Raises CannotContinue when nothing is deployed.
    """
    from chalicelib.config import settings_from  # noqa: PLC0415
    from chalicelib.wiring import Services  # noqa: PLC0415

    account = account_for(settings)
    stack = standing(account, settings)
    os.environ["AWS_DEFAULT_REGION"] = account.region
    settings_of_web = settings_from(environment(account, stack))
    # A person's role may read other secrets than the function's: those that are used, one by one.
    return Services(settings=replace(settings_of_web, secret_names=""))
