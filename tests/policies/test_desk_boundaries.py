"""What the function of the desk may not do, whatever its code needs."""

from collections.abc import Sequence

from tests.policies.documents import Statement, arn, functions, policies
from tests.policies.evaluation import ATTRIBUTES, LEADING_KEYS

ORGANISERS = arn("dynamodb", "table/zaklik-organisers")


def desk() -> Sequence[Statement]:
    return policies()["desk"]


def reaching(table: str) -> list[Statement]:
    """The desk's statements on a table."""
    start = arn("dynamodb", f"table/zaklik-{table}")
    return [
        statement
        for statement in desk()
        if any(resource.startswith(start) for resource in statement.resources)
    ]


def test_the_desk_reaches_no_record_of_a_person() -> None:
    assert reaching("signatures") == []
    assert reaching("subscribers") == []


def test_the_desk_sees_whether_there_is_an_index_salt_and_not_what_it_is() -> None:
    for statement in reaching("limits"):
        assert statement.actions == ["dynamodb:GetItem"]
        assert statement.conditions[LEADING_KEYS] == ["index-salt"]
        assert statement.conditions[ATTRIBUTES] == ["pk", "sk"]


def test_the_desk_opens_nothing_that_is_sealed() -> None:
    secrets = {
        resource.rpartition("/")[2]
        for statement in desk()
        for resource in statement.resources
        if resource.startswith(arn("ssm", ""))
    }

    assert not secrets & {"mailer-private-keys", "index-keys", "token-keys", "attestation-keys"}
    assert not [statement.sid for statement in desk() if "kms" in str(statement.actions)]


def test_the_desk_sends_no_mail_itself_and_reads_no_queue() -> None:
    for statement in desk():
        assert not any(action.startswith("ses:") for action in statement.actions)
        assert not {"sqs:ReceiveMessage", "sqs:DeleteMessage"} & set(statement.actions)


def test_the_desk_adds_lines_to_a_trail_and_neither_changes_nor_deletes_one() -> None:
    actions = {
        action
        for statement in desk()
        if ORGANISERS in statement.resources
        and "trail#*" in statement.conditions.get(LEADING_KEYS, ())
        for action in statement.actions
    }

    assert actions == {"dynamodb:PutItem", "dynamodb:Query"}


def test_other_functions_reach_only_the_kinds_of_items_that_they_work_with() -> None:
    reached = {
        (name, key)
        for name, statements in functions().items()
        for statement in statements
        if ORGANISERS in statement.resources and name != "desk"
        for key in statement.conditions[LEADING_KEYS]
    }

    assert reached <= {
        ("change-records", "job#*"),
        ("every-minute", "approval#*"),
        ("run-job", "organiser"),
        ("run-export", "job#*"),
        ("run-export", "approval#*"),
        ("run-export", "export-link#*"),
        ("run-export", "draft#*"),
        ("run-export", "update-drafts#*"),
        ("run-export", "key#*"),
        ("run-job", "organiser"),
    }


def test_the_desk_lists_chunks_without_their_recipients() -> None:
    key = ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
    [attributes] = [
        statement.conditions[("ForAllValues:StringEquals", "dynamodb:Attributes")]
        for statement in desk()
        if "alert#*" in statement.conditions.get(key, ()) and "dynamodb:Query" in statement.actions
    ]

    assert "recipients" not in attributes
