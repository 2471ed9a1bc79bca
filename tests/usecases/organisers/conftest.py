"""Organisers with passkeys, for tests."""

from dataclasses import dataclass, field

import pytest

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.organiser import OrganiserAccount, Session
from chalicelib.domain.organisers.roles import Role
from chalicelib.usecases.organisers import entering, inviting, joining
from tests.authenticator import Authenticator
from tests.world import World


@dataclass
class Person:
    """Somebody with an authenticator, who follows links and signs in."""

    world: World
    authenticator: Authenticator = field(default_factory=Authenticator)

    def join(self, token: str, *, code: str = "") -> Session:
        """Use a mailed link."""
        services = self.world.services
        options = joining.passkey_options(services, joining.open_link(services, token))
        answer = self.authenticator.create(options)
        return joining.join(services, token, answer, code=code, device="a test").session

    def enter(self) -> entering.Entered:
        """Sign in."""
        options = entering.entry_options(self.world.services)
        answer = self.authenticator.get(options)
        return entering.enter(self.world.services, answer, device="a test")


def invite(world: World, name: str = "Hanna", slug: str = "open-door") -> OrganiserAccount:
    """An operator invites a steward; the mail is delivered."""
    invited = inviting.invite(
        world.services,
        by=OPERATOR,
        name=name,
        email=f"{name.lower()}@example.org",
        slug=slug,
        roles={Role.STEWARD} if slug else set(),
    )
    assert invited.mailed
    world.deliver_all()
    return invited.organiser


def mailed_token(world: World) -> str:
    """The token of the link in the last mail."""
    return world.link().rpartition("/")[2]


@pytest.fixture
def person(world: World) -> Person:
    """Somebody who has entered as the steward of the usual petition."""
    invite(world)
    one = Person(world=world)
    one.join(mailed_token(world))
    return one
