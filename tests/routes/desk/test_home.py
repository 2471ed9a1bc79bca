"""The home of the desk."""

from datetime import date

import pytest

from chalicelib.domain.organisers.approval import ApprovalKind
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.petitions.switches import Switch
from chalicelib.store.organisers import approvals
from chalicelib.usecases.alerts import switching
from tests import builders, desk_accounts
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, recorded
from tests.world import World


def page(client: DeskClient) -> str:
    return client.get("/desk").body.decode()


def test_who_has_no_petition_reads_what_to_do_first(world: World) -> None:
    desk_accounts.add(world, "Hanna", begins_petitions=True)
    client = DeskClient(cookie=desk_accounts.sign_in(world, "Hanna"))

    assert "You have no petition yet" in page(client)
    assert 'href="/desk/new"' in page(client)


def test_who_may_begin_none_is_not_led_there(world: World) -> None:
    nobody = DeskClient(cookie=desk_accounts.sign_in(world, "Hanna"))
    viewer = DeskClient.signed_in(world, roles=[Role.VIEWER], name="Olga")

    assert "You have no petition yet" in page(nobody)
    for client in (nobody, viewer):
        assert "/desk/new" not in page(client)


def test_a_petition_shows_its_state_its_count_and_the_role(world: World) -> None:
    world.raise_tally(PL=1234)
    shown = page(DeskClient.signed_in(world, roles=[Role.VIEWER, Role.SENDER]))

    assert 'href="/desk/petitions/open-door">Open the door' in shown
    assert ">Open</span>" in shown
    assert "<strong>1,234</strong> signatures" in shown
    assert "Your role: sender, viewer" in shown


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"closes_on": date(2026, 2, 1)}, "Closed"),
        ({"opens_on": date(2026, 5, 1)}, "Not open yet"),
        ({"key_proven": False}, "Not open yet"),
    ],
)
def test_a_state_is_shown(changes: dict[str, object], state: str, world: World) -> None:
    world.publish(builders.petition(version=2, **changes))

    assert f">{state}</span>" in page(DeskClient.signed_in(world))


def test_a_petition_that_is_not_published_is_a_draft(world: World) -> None:
    shown = page(DeskClient.signed_in(world, slug="new-door"))

    assert "Draft, not published" in shown
    assert 'href="/desk/petitions/new-door/write"' in shown
    assert "signatures" not in shown


def test_an_approval_waits_for_others_than_who_asked(world: World) -> None:
    hanna = DeskClient.signed_in(world, name="Hanna")
    anna = DeskClient.signed_in(world, name="Anna")
    asked_by = desk_accounts.add(world, "Hanna").actor
    approvals.ask(
        world.services.organisers,
        "open-door",
        ApprovalKind.SENDING,
        "first-news",
        digest="digest",
        by=asked_by,
        now=world.clock.now(),
    )

    viewer = DeskClient.signed_in(world, name="Ivan", roles=[Role.VIEWER])

    assert "Waits for another’s approval: update “first-news”; you asked for it" in page(hanna)
    assert 'updates/first-news/send">Waits for your approval: update “first-news”' in page(anna)
    assert "Hanna asked for it" in page(anna)
    assert "Waits for approval: update “first-news”; Hanna asked for it" in page(viewer)


def test_a_petition_whose_signing_is_switched_off_says_so(world: World) -> None:
    switching.switch(world.services, "open-door", Switch.SIGNING, on=False)

    assert "Open, signing paused" in page(DeskClient.signed_in(world))


def test_a_petition_of_others_is_not_shown(world: World) -> None:
    DeskClient.signed_in(world, name="Anna")

    assert "open-door" not in page(DeskClient.signed_in(world, slug="other-door"))


def test_the_home_costs_the_same_with_many_signatures(world: World) -> None:
    client = DeskClient.signed_in(world)
    made = []
    for count in (0, 1_000_000):
        world.raise_tally(PL=count)
        with recorded(AwsCalls()) as calls:
            page(client)
        made.append(calls.made)

    assert made[0] == made[1]
