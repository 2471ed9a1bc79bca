"""What an inbox shows of the mail that asks to confirm a signature, before it is opened.

The page after the form says the same, so that people find that mail and believe it.
"""

from dataclasses import dataclass

from chalicelib.config import Settings
from chalicelib.domain.petitions.petition import Petition
from chalicelib.mail import from_field, petition_mails
from chalicelib.mail.messages import ConfirmSignature
from chalicelib.mail.petition_mails import PetitionMail


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """The sender's name ("" for none) and address, and the subject."""

    sender_name: str
    sender_address: str
    subject: str


def announcement(petition: Petition, language: str, settings: Settings) -> Announcement:
    """The announcement of the mail of confirmation in this language.

    An address that has signed before gets another subject from the same sender. The page must not
    tell which, so it says the same to everybody.
    """
    mail = PetitionMail(**petition_mails.about(petition, language))
    field = from_field.from_field(settings.sender, mail.sender_name)
    name, address = from_field.parsed(field)
    return Announcement(
        sender_name=name,
        sender_address=address,
        subject=petition_mails.render_subject(language, ConfirmSignature.name, mail),
    )
