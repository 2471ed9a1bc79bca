"""Approvals: a second organiser, for exactly what was asked for."""

from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.approval import Approval, ApprovalKind
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.organisers import approvals
from tests.builders import NOW

HANNA, MARIA = Actor(id="a1", name="Hanna"), Actor(id="a2", name="Maria")
WHAT = ("open-door", ApprovalKind.SENDING, "first-news")


def ask(table: Table, digest: str = "d1", by: Actor = HANNA) -> Approval:
    return approvals.ask(table, *WHAT, digest, by=by, now=NOW)


def approve(table: Table, digest: str = "d1", by: Actor = MARIA) -> bool:
    return approvals.mark_approved(table, *WHAT, digest, by=by, now=NOW)


def test_what_was_asked_for_waits_until_a_second_organiser_approves_it(
    organisers_table: Table,
) -> None:
    asked = ask(organisers_table)
    assert list(approvals.list_waiting(organisers_table, "open-door")) == [asked]

    assert approve(organisers_table)

    found = approvals.find(organisers_table, *WHAT)
    assert found
    assert found.covers("d1")
    assert (found.asked_by, found.approved_by, found.approved_at) == (HANNA, MARIA, NOW)
    assert not approvals.list_waiting(organisers_table, "open-door")


def test_nobody_approves_what_they_have_asked_for(organisers_table: Table) -> None:
    asked = ask(organisers_table)

    assert not approve(organisers_table, by=HANNA)
    assert not asked.may_be_approved_by(HANNA.id)
    assert asked.may_be_approved_by(MARIA.id)


def test_a_change_voids_the_approval(organisers_table: Table) -> None:
    ask(organisers_table)
    approve(organisers_table)

    asked_again = ask(organisers_table, digest="d2")

    assert not asked_again.covers("d1")
    assert not asked_again.covers("d2")
    assert not approve(organisers_table, digest="d1")


def test_who_has_approved_cannot_change_the_thing_and_approve_it_again(
    organisers_table: Table,
) -> None:
    ask(organisers_table)
    approve(organisers_table)

    ask(organisers_table, digest="d2", by=MARIA)

    assert not approve(organisers_table, digest="d2", by=MARIA)


def test_asking_again_for_the_same_changes_nothing(organisers_table: Table) -> None:
    ask(organisers_table)
    approve(organisers_table)

    again = ask(organisers_table, by=MARIA)

    assert again.covers("d1")
    assert again.asked_by == HANNA


def test_a_second_approval_changes_nothing(organisers_table: Table) -> None:
    ask(organisers_table)
    approve(organisers_table)

    assert approve(organisers_table, by=Actor(id="a3", name="Olga"))

    found = approvals.find(organisers_table, *WHAT)
    assert found
    assert found.approved_by == MARIA


def test_what_nobody_asked_for_is_not_approved(organisers_table: Table) -> None:
    assert not approve(organisers_table)
    assert approvals.find(organisers_table, *WHAT) is None


def test_what_is_withdrawn_is_asked_for_no_more(organisers_table: Table) -> None:
    ask(organisers_table)

    approvals.withdraw(organisers_table, *WHAT)

    assert not approve(organisers_table)
    assert not approvals.list_waiting(organisers_table, "open-door")
