"""Journeys at the desk that together reach every line with an AWS call, as those of visitors do."""

from chalicelib.domain.organisers.roles import Role
from chalicelib.routes.desk import access
from tests import desk_accounts
from tests.desk_client import DeskClient
from tests.desk_paths import filled
from tests.policies.recording import RecordedWorld


def reading(world: RecordedWorld) -> None:
    """Every page, and every form with nothing in it, of a steward and of a stranger."""
    desk_accounts.add(world, "Vera", "open-door", [Role.STEWARD])
    for rule in access.RULES:
        sent: dict[str, dict[str, str]] = {"fields": {}} if "POST" in rule.methods else {}
        steward = DeskClient.signed_in(world, roles=list(Role))
        for client in (steward, DeskClient.signed_in(world, roles=[Role.VIEWER], name="Anna")):
            world.at_desk(filled(rule.path), client=client, **sent)
    stale = DeskClient.signed_in(world, roles=list(Role), touched=False)
    world.at_desk("/desk/you/code", client=stale, fields={})
    stewards = DeskClient.signed_in(world, roles=list(Role))
    world.at_desk(
        "/desk/petitions/open-door/hand-in", client=stewards, fields={"day": "2026-01-02"}
    )
