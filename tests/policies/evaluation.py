"""IAM's policy evaluation, as far as these policies need it: allowed by one, denied by none.

A request has some of IAM's condition keys and lacks others. How an operator treats an absent key is
in the IAM user guide, "IAM JSON policy elements: Condition operators": `ForAllValues` and
`IfExists` pass, all others fail, and `Null` asks for just that.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from tests.policies.calls import Call
from tests.policies.documents import Statement, UnknownTerm, matches

FOR_ALL: Final = "ForAllValues:"
LEADING_KEYS: Final = ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
OTHER_LEADING_KEYS: Final = ("ForAllValues:StringNotLike", "dynamodb:LeadingKeys")
ATTRIBUTES: Final = ("ForAllValues:StringEquals", "dynamodb:Attributes")
ATTRIBUTES_LIKE: Final = ("ForAllValues:StringLike", "dynamodb:Attributes")
SELECT: Final = ("StringEquals", "dynamodb:Select")
SELECT_IF_GIVEN: Final = ("StringEqualsIfExists", "dynamodb:Select")
RETURNS: Final = ("StringEquals", "dynamodb:ReturnValues")
RETURNS_IF_GIVEN: Final = ("StringEqualsIfExists", "dynamodb:ReturnValues")
SENDER: Final = ("StringEquals", "ses:FromAddress")
SENDER_IF_GIVEN: Final = ("StringEqualsIfExists", "ses:FromAddress")

CONDITION_KEYS: Final = frozenset(
    {
        "dynamodb:LeadingKeys",
        "dynamodb:Attributes",
        "dynamodb:Select",
        "dynamodb:ReturnValues",
        "ses:FromAddress",
    }
)


def _like_one(value: str, patterns: Collection[str]) -> bool:
    return any(matches(value, pattern) for pattern in patterns)


_COMPARISONS: Final[Mapping[str, Callable[[str, Collection[str]], bool]]] = {
    "StringEquals": lambda value, allowed: value in allowed,
    "StringLike": _like_one,
    "StringNotLike": lambda value, patterns: not _like_one(value, patterns),
}


def holds(operator: str, given: Collection[str], values: Collection[str]) -> bool:
    """Whether a condition holds; `given` is empty when the request lacks the key.

    Raises UnknownTerm for an unsupported operator.
    """
    if operator == "Null":
        return [str(not given).lower()] == list(values)
    name = operator.removeprefix(FOR_ALL).removesuffix("IfExists")
    if name not in _COMPARISONS:
        raise UnknownTerm(operator)
    if not given:
        return operator.startswith(FOR_ALL) or operator.endswith("IfExists")
    return all(_COMPARISONS[name](value, values) for value in given)


def applies(statement: Statement, call: Call) -> bool:
    """Whether a statement applies to this call. Raises UnknownTerm for an unsupported condition."""
    if not statement.names(call.action, call.resource):
        return False
    for (operator, key), values in statement.conditions.items():
        if key not in CONDITION_KEYS:
            raise UnknownTerm(f"{statement.sid}: {key}")
        if not holds(operator, call.condition_values(key), values):
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
    """Each action, resource, key and attribute that a policy grants and no call needs."""
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
        named = {attribute for call in using for attribute in call.attributes}
        needless += [
            f"{statement.sid}: attribute {attribute}"
            for attribute in statement.conditions.get(ATTRIBUTES, ())
            if attribute not in named
        ]
    return needless


def _unused_keys(statement: Statement, calls: Sequence[Call]) -> list[str]:
    return [
        pattern
        for pattern in statement.conditions.get(LEADING_KEYS, ())
        if not any(matches(key, pattern) for call in calls for key in call.keys)
    ]
