"""The mailbox that a form names: whether it can exist, and whether its sender means it."""

from collections.abc import Mapping

from chalicelib.domain.errors import N_, InvalidForm, Message
from chalicelib.domain.mailboxes import domain_typos, mailbox_risk
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.wiring import Services


def settle(services: Services, address: EmailAddress, fields: Mapping[str, str]) -> EmailAddress:
    """The address to write to, once the sender of the form has answered what we ask about it.

    Raises InvalidForm, MistypedDomain, RiskyMailbox.
    """
    if address.is_reserved and not services.settings.is_tryout:
        raise InvalidForm(
            {
                "email": Message(
                    text=N_(
                        "Nobody can have a mailbox at {domain}: it is reserved for examples and "
                        "tests. Please enter your own address."
                    ),
                    values={"domain": address.domain},
                )
            }
        )
    meant = domain_typos.settle(address, fields)
    mailbox_risk.refuse_unacknowledged(meant, fields)
    return meant
