"""Turns what can go wrong between a command and AWS into a sentence and a remedy."""

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
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.rendering.build_output import NotBuilt
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.secrets import MissingSecret
from ops.terminal.command_hint import command

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
                      "UnrecognizedClientException", "InvalidSignatureException"})  # fmt: skip
_MISSING = frozenset({"ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue"})


def explain(error: Exception) -> str | None:
    """What to tell the person who typed the command; None for a fault of our own."""
    if isinstance(error, BadSetting):
        return (
            f"{error}. Commands for a real service take their settings from deploy.toml in this "
            "folder, or from the environment; "
            f"for the one of `make run`, type {command('…', local=True)}"
        )
    if isinstance(error, MissingSecret):
        return f"{error}. `{command('secrets make')}` makes what is missing."
    if isinstance(error, NotBuilt):
        return str(error)
    if isinstance(error, NotFound):
        return "There is nothing of that name. Is it published, and spelled like its folder?"
    if isinstance(error, ConditionFailed):
        return "Somebody else published at the same moment. Look at what they did, then try again."
    if isinstance(error, Unavailable):
        return "AWS does not answer, or asks us to slow down. Try again: nothing is done twice."
    if isinstance(error, ClientError):
        return _explain_answer(error)
    return _explain_connection(error) if isinstance(error, BotoCoreError) else None


def _explain_answer(error: ClientError) -> str:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _EXPIRED:
        return "AWS does not accept your credentials, or they have expired. Sign in again."
    if code in _DENIED:
        return f"AWS does not allow you to call {error.operation_name}. Use the operator's role."
    if code in _MISSING:
        return (
            f"AWS knows nothing of that name ({error.operation_name}). "
            "Compare region and ZAKLIK_* variables with what was deployed."
        )
    return f"AWS refused {error.operation_name}: {code or 'for no stated reason'}."


def _explain_connection(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError):
        return (
            "AWS credentials are missing: set AWS_PROFILE and sign in "
            "(docs/operating.md, “Deploy in an evening”, step 1)."
        )
    if isinstance(error, ProfileNotFound | PartialCredentialsError):
        return f"AWS credentials are incomplete. {error}."
    if isinstance(error, SSOError | TokenRetrievalError):
        return "Your sign-in to AWS has ended: type `aws sso login`, then this again."
    if isinstance(error, NoRegionError):
        return "No AWS region is set: write it into deploy.toml, or set AWS_DEFAULT_REGION."
    return f"AWS cannot be reached: {error}"
