"""What the function of the desk may not do, whatever its code needs."""

from collections.abc import Sequence

from tests.policies.documents import Statement, arn, policies

ORGANISERS = arn("dynamodb", "table/zaklik-organisers")


def desk() -> Sequence[Statement]:
    return policies()["desk"]


def test_the_desk_reaches_no_record_of_a_person_and_no_limit() -> None:
    for statement in desk():
        for table in ("signatures", "subscribers", "limits"):
            assert not any(
                resource.startswith(arn("dynamodb", f"table/zaklik-{table}"))
                for resource in statement.resources
            ), statement.sid


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
    key = ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
    actions = {
        action
        for statement in desk()
        if ORGANISERS in statement.resources and "trail#*" in statement.conditions.get(key, ())
        for action in statement.actions
    }

    assert actions == {"dynamodb:PutItem", "dynamodb:Query"}


def test_visitors_and_their_events_do_not_reach_organisers() -> None:
    reaching = {
        name
        for name, statements in policies().items()
        for statement in statements
        if ORGANISERS in statement.resources
    }

    assert "desk" in reaching
    assert not reaching & {"web", "change-records", "record-feedback", "tally", "reconcile"}


def test_the_desk_lists_chunks_without_their_recipients() -> None:
    key = ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
    [attributes] = [
        statement.conditions[("ForAllValues:StringEquals", "dynamodb:Attributes")]
        for statement in desk()
        if "alert#*" in statement.conditions.get(key, ()) and "dynamodb:Query" in statement.actions
    ]

    assert "recipients" not in attributes
