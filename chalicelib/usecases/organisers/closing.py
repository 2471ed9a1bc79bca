"""An operator closes the account of an organiser who has left, or whose device was taken."""

from collections.abc import Sequence

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.store.organisers import accounts, memberships
from chalicelib.usecases.organisers import assigning
from chalicelib.wiring import Services


def list_accounts(services: Services) -> Sequence[OrganiserAccount]:
    """Every organiser, by id."""
    return accounts.list_all(services.organisers)


def close_account(services: Services, organiser: OrganiserAccount) -> Sequence[str]:
    """Take the roles of an account, then delete it with its passkeys and sessions.

    Nobody asks whether a steward stays: returns the petitions that have none any more. The account
    goes last, so that this can be repeated after a fault.
    """
    table = services.organisers
    slugs = memberships.list_slugs(table, organiser.id)
    for slug in slugs:
        assigning.change_roles(services, by=OPERATOR, slug=slug, organiser=organiser, roles=set())
    accounts.delete_records(table, organiser.id)
    accounts.delete(table, organiser.id)
    return [slug for slug in slugs if not assigning.has_steward(services, slug)]
