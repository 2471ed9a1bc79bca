"""`zaklik organiser` and `zaklik trail`: the first organiser, lost passkeys, and a whole trail."""

import json
from pathlib import Path

import pytest

from chalicelib.domain.organisers.roles import Role
from chalicelib.store.organisers import accounts, memberships
from tests import desk_accounts
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World


def test_the_first_organiser_is_invited_by_a_link(operator: World) -> None:
    result = zaklik("organiser", "invite", "Hanna", "hanna@example.org")

    operator.deliver_all()
    [account] = accounts.list_all(operator.services.organisers)
    assert result.exit_code == 0
    assert account.id in result.stdout
    assert "example.org" not in result.stdout
    assert operator.link().startswith("/desk/invitation/")


def test_an_address_can_be_typed_where_no_history_keeps_it(operator: World) -> None:
    result = zaklik("organiser", "invite", "Hanna", typed="hanna@example.org\n")

    operator.deliver_all()
    assert result.exit_code == 0
    assert [mail.to for mail in operator.mails()] == ["hanna@example.org"]


@pytest.mark.parametrize(
    ("words", "roles"),
    [((), {Role.STEWARD}), (("--role", "editor", "--role", "sender"), {Role.EDITOR, Role.SENDER})],
)
def test_an_invitation_can_give_roles(
    operator: World, words: tuple[str, ...], roles: set[Role]
) -> None:
    zaklik("organiser", "invite", "Hanna", "h@example.org", "--petition", "open-door", *words)

    held = memberships.get(operator.services.organisers, "open-door").roles
    assert list(held.values()) == [roles]
    assert "invited" in zaklik("organiser", "list", "open-door").stdout


def test_a_wrong_invitation_is_refused(operator: World) -> None:
    assert zaklik("organiser", "invite", "Hanna", "h@e.org", "--role", "editor").exit_code == 2
    assert "name@example.org" in refused(zaklik("organiser", "invite", "Hanna", "hanna"))
    unknown = zaklik("organiser", "invite", "Hanna", "h@example.org", "--petition", "shut-door")
    assert unknown.exit_code == 1
    assert not operator.stored_items("organisers")


def test_an_invitation_is_mailed_again(operator: World) -> None:
    zaklik("organiser", "invite", "Hanna", "hanna@example.org")
    [account] = accounts.list_all(operator.services.organisers)

    assert zaklik("organiser", "resend", account.id).exit_code == 0

    operator.deliver_all()
    first, second = operator.mails()
    assert operator.link(first) != operator.link(second)


def test_a_recovery_needs_the_code_unless_the_operator_says_otherwise(operator: World) -> None:
    organiser = desk_accounts.add(operator, "Hanna", "open-door", [Role.STEWARD])

    assert "recovery code" in refused(zaklik("organiser", "recover", organiser.id))
    stopped = zaklik("organiser", "recover", organiser.id, "--without-code", typed="n\n")
    assert stopped.exit_code == 130
    assert zaklik("organiser", "recover", organiser.id, "--without-code", "--yes").exit_code == 0

    operator.deliver_all()
    assert [mail.to for mail in operator.mails()] == ["hanna@example.org"]


def test_a_closed_account_is_gone_but_for_its_trail(operator: World) -> None:
    cookie = desk_accounts.sign_in(operator, "Hanna", "open-door", [Role.STEWARD])
    organiser_id = desk_accounts.id_of("Hanna")

    result = zaklik("organiser", "close", organiser_id, "--yes")

    assert "has no steward any more" in result.stdout
    kept = {item["pk"] for item in operator.stored_items("organisers")}
    assert kept == {"people#open-door", "trail#open-door"}
    assert cookie
    assert "no such account" in refused(zaklik("organiser", "close", organiser_id, "--yes"))


@pytest.fixture
def trail(operator: World) -> World:
    """A petition with three lines on its trail."""
    for name in ("Hanna", "=Maria", "Olga"):
        zaklik("organiser", "invite", name, "h@example.org", "--petition", "open-door")
    return operator


def test_a_trail_is_shown_and_checked(trail: World) -> None:
    shown = zaklik("trail", "show", "open-door", "--last", "2").stdout.splitlines()

    assert [line.split()[0] for line in shown] == ["2", "3"]
    assert "the operator" in shown[1]
    assert "Olga as steward" in shown[1]
    assert "3 lines, none changed or missing" in zaklik("trail", "check", "open-door").stdout


def test_a_changed_line_is_named(trail: World) -> None:
    trail.services.organisers.update(
        {"pk": "trail#open-door", "sk": "00000002"}, "SET detail = :x", values={":x": "nothing"}
    )

    assert "breaks at line 2: the line was changed" in refused(
        zaklik("trail", "check", "open-door")
    )


def test_lines_that_were_cut_off_show_in_an_earlier_copy(trail: World, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    assert zaklik("trail", "export", "open-door", "--out", copy).exit_code == 0
    assert zaklik("trail", "check", "open-door", "--copy", copy).exit_code == 0

    trail.services.organisers.delete({"pk": "trail#open-door", "sk": "00000003"})

    assert zaklik("trail", "check", "open-door").exit_code == 0
    assert "breaks at line 3" in refused(zaklik("trail", "check", "open-door", "--copy", copy))


def test_an_export_holds_every_line_once(trail: World, tmp_path: Path) -> None:
    copy, table = tmp_path / "copy.jsonl", tmp_path / "trail.csv"
    zaklik("trail", "export", "open-door", "--out", copy)
    zaklik("trail", "export", "open-door", "--out", table, "--csv")

    lines = [json.loads(line) for line in copy.read_text("utf-8").splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert table.read_text("utf-8").splitlines()[0].startswith("number,at,actor_id")
    assert zaklik("trail", "export", "open-door", "--out", copy).exit_code == 1


def test_what_is_no_copy_is_refused(trail: World, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("{}", "utf-8")

    assert "no trail" in refused(zaklik("trail", "check", "open-door", "--copy", other))
