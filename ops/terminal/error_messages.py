"""Explains the errors that a person or AWS can cause: a sentence and a remedy."""

from collections.abc import Sequence

import click
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from chalicelib.config import BadSetting
from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.domain.alerts.content import AlertTooLarge
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.rendering.build_output import NotBuilt
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.secrets import MissingSecret
from ops.errors import CannotContinue, NotReady, Problem
from ops.terminal import console
from ops.terminal.command_hint import command

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
                      "UnrecognizedClientException", "InvalidSignatureException"})  # fmt: skip
_MISSING = frozenset({"ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue"})


def show(error: Exception) -> bool:
    """Print the explanation on standard error; False, and nothing printed, if there is none."""
    if isinstance(error, NotReady):
        _show_problems(error.problems)
        return True
    message = explain(error)
    if message:
        console.fault(message)
    return message is not None


def explain(error: Exception) -> str | None:
    """What is wrong and what to do about it; None for an error that is a bug."""
    if isinstance(error, CannotContinue | NotAPetitionKey | NotBuilt | AlertTooLarge):
        return str(error)
    if isinstance(error, BadSetting):
        return (
            f"{error}. For the service of `make run`, type `{command('--local …')}`. For a real "
            "one, go to the folder of its deploy.toml, or set the variables ZAKLIK_*."
        )
    if isinstance(error, MissingSecret):
        return f"A secret cannot be read: {error}. Run `{command('secrets make')}`."
    if isinstance(error, NotFound):
        return "There is nothing of that name. Is it published, and spelled like its folder?"
    if isinstance(error, ConditionFailed):
        return "Somebody else published at the same moment. Look at their version, then try again."
    if isinstance(error, Unavailable):
        return "AWS does not answer, or asks us to slow down. Try again: nothing is done twice."
    if isinstance(error, ClientError):
        return _explain_response(error)
    if isinstance(error, BotoCoreError):
        return _explain_connection(error)
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror or error}."
    return None


def _show_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        console.fault(f"{problem.file}:{problem.line}  {problem.what}")
        click.echo(f"    {problem.remedy}", err=True)
    click.echo(f"{console.counted(len(problems), 'thing')} to correct.", err=True)


def _explain_response(error: ClientError) -> str:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _EXPIRED:
        return "AWS does not accept your credentials, or they have expired. Sign in again."
    if code in _DENIED:
        return f"AWS does not allow you to call {error.operation_name}. Use the operator's role."
    if code in _MISSING:
        return (
            f"AWS knows nothing of that name ({error.operation_name}). "
            "Compare the region and the variables ZAKLIK_* with what was deployed."
        )
    return f"AWS refused {error.operation_name}: {code or 'it gave no reason'}."


def _explain_connection(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError):
        return (
            "AWS credentials are missing. Set AWS_PROFILE and sign in "
            "(docs/operating.md, “Deploy in an evening”, step 1)."
        )
    if isinstance(error, ProfileNotFound | PartialCredentialsError):
        return f"AWS credentials are incomplete. {error}."
    if isinstance(error, SSOError | TokenRetrievalError):
        return "Your sign-in to AWS has ended. Type `aws sso login`, then this command again."
    if isinstance(error, NoRegionError):
        return "No AWS region is set. Write it into deploy.toml, or set AWS_DEFAULT_REGION."
    return f"AWS cannot be reached: {error}"
