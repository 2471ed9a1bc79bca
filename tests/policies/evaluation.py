"""IAM's policy evaluation, as far as these policies need it: allowed by one, denied by none."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from tests.policies.calls import Call
from tests.policies.documents import Statement, UnknownTerm, matches

LEADING_KEYS: Final = ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
ATTRIBUTES: Final = ("ForAllValues:StringEquals", "dynamodb:Attributes")
SELECT: Final = ("StringEqualsIfExists", "dynamodb:Select")
RETURNS: Final = ("StringEqualsIfExists", "dynamodb:ReturnValues")
SENDER: Final = ("StringEquals", "ses:FromAddress")
SENDER_IF_GIVEN: Final = ("StringEqualsIfExists", "ses:FromAddress")


def _fits_keys(call: Call, allowed: Collection[str]) -> bool:
    # IAM allows a request without keys: such actions are never granted with a condition.
    return all(any(matches(key, pattern) for pattern in allowed) for key in call.keys)


def _fits_attributes(call: Call, allowed: Collection[str]) -> bool:
    return call.attributes <= set(allowed)


def _fits_select(call: Call, allowed: Collection[str]) -> bool:
    # DynamoDB fills in what a request leaves out.
    return ("SPECIFIC_ATTRIBUTES" if call.attributes else "ALL_ATTRIBUTES") in allowed


def _fits_returns(call: Call, allowed: Collection[str]) -> bool:
    return call.returns in allowed


def _fits_sender(call: Call, allowed: Collection[str]) -> bool:
    return call.sender in allowed


_CONDITIONS: Final[Mapping[tuple[str, str], Callable[[Call, Collection[str]], bool]]] = {
    LEADING_KEYS: _fits_keys,
    ATTRIBUTES: _fits_attributes,
    SELECT: _fits_select,
    RETURNS: _fits_returns,
    SENDER: _fits_sender,
    SENDER_IF_GIVEN: _fits_sender,
}


def applies(statement: Statement, call: Call) -> bool:
    """Whether a statement applies to this call. Raises UnknownTerm for an unsupported condition."""
    if not statement.names(call.action, call.resource):
        return False
    for condition, values in statement.conditions.items():
        if condition not in _CONDITIONS:
            raise UnknownTerm(f"{statement.sid}: {condition}")
        if not _CONDITIONS[condition](call, values):
            return False
    return True


def allows(statements: Sequence[Statement], call: Call) -> bool:
    """Whether a policy allows this call; statements for Lambda itself do not count."""
    effects = {
        statement.effect
        for statement in statements
        if not statement.for_lambda and applies(statement, call)
    }
    return effects == {"Allow"}


def unused(statements: Sequence[Statement], calls: Collection[Call]) -> list[str]:
    """Each action, resource and key that a policy grants to the function and no call needs."""
    needless = []
    for statement in statements:
        if statement.for_lambda:
            continue
        using = [call for call in calls if applies(statement, call)]
        for action in statement.actions:
            for resource in statement.resources:
                calls_of_grant = [
                    call
                    for call in using
                    if call.action == action and matches(call.resource, resource)
                ]
                grant = f"{statement.sid}: {action} on {resource}"
                if not calls_of_grant:
                    needless.append(grant)
                needless += [
                    f"{grant} under {key}" for key in _unused_keys(statement, calls_of_grant)
                ]
    return needless


def _unused_keys(statement: Statement, calls: Sequence[Call]) -> list[str]:
    return [
        pattern
        for pattern in statement.conditions.get(LEADING_KEYS, ())
        if not any(matches(key, pattern) for call in calls for key in call.keys)
    ]
