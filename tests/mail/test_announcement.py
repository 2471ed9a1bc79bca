"""What the page says of the mail is what then stands in the inbox."""

from email.message import EmailMessage

import pytest

from chalicelib.mail.announcement import announcement
from tests import builders
from tests.world import World


@pytest.mark.parametrize("language", ["en", "be", "ru"])
@pytest.mark.parametrize("discreet", [True, False])
def test_the_mail_has_the_announced_sender_and_subject(
    world: World, language: str, discreet: bool
) -> None:
    petition = world.publish(builders.petition(discreet=discreet))

    world.sign(language=language)
    world.deliver_all()

    announced = announcement(petition, language, world.services.settings)
    (mail,) = world.mails()
    message = EmailMessage()
    message["From"] = mail.sender
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        announced.sender_name,
        announced.sender_address,
    )
    assert mail.subject == announced.subject


def test_a_discreet_mail_announces_nothing_of_the_petition(world: World) -> None:
    announced = announcement(builders.petition(), "en", world.services.settings)

    assert announced.sender_name == "Desk"
    assert announced.sender_address == "desk@zaklik.example"
    assert announced.subject == "Please confirm"


def test_any_other_mail_announces_organiser_and_title(world: World) -> None:
    petition = builders.petition(discreet=False)

    announced = announcement(petition, "en", world.services.settings)

    assert announced.sender_name == "Door Watch"
    assert announced.sender_address == "desk@zaklik.example"
    assert announced.subject == "Confirm your signature: Open the door"
