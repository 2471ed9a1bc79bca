"""Organisers for tests: accounts, roles and sessions as the use cases store them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.domain.organisers.roles import Role
from chalicelib.people import organiser_mails
from chalicelib.store.organisers import accounts, memberships, sessions
from chalicelib.usecases.organisers import entering
from tests.world import World


def id_of(name: str) -> str:
    """The id that the organiser of this name has in tests."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def add(
    world: World,
    name: str,
    slug: str = "",
    roles: Sequence[Role] = (),
    *,
    begins_petitions: bool = False,
) -> OrganiserAccount:
    """An organiser who has entered, with these roles; the account is made once."""
    table, now = world.services.organisers, world.clock.now()
    organiser = accounts.find(table, id_of(name))
    if organiser is None:
        address = email_address.parse(f"{name.lower()}@example.org")
        sealed = organiser_mails.seal_address(world.services, id_of(name), address)
        organiser = OrganiserAccount(
            id=id_of(name), name=name, sealed_address=sealed, begins_petitions=begins_petitions
        )
        table.transact([accounts.adding(organiser)])
        table.transact([accounts.entering(organiser, now=now)])
    if slug:
        old = memberships.get(table, slug)
        memberships.save(table, old, old.changed(organiser.id, set(roles)))
    return accounts.get(table, id_of(name))


def sign_in(
    world: World, name: str, slug: str = "", roles: Sequence[Role] = (), *, touched: bool = True
) -> str:
    """The cookie of a new session of an organiser with these roles on a petition."""
    organiser = add(world, name, slug, roles)
    entered = entering.begin_session(world.services, organiser, device="a test")
    if not touched:
        earlier = entered.session.touched_at - timedelta(minutes=6)
        sessions.add(world.services.organisers, replace(entered.session, touched_at=earlier))
    return entered.cookie
