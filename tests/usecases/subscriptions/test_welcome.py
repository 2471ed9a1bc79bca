"""The welcome: one mail when news by mail starts, and none when it came already."""

import re
from collections.abc import Mapping

import pytest

from ops.local import moto_internals
from ops.local.outbox import SentMail
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

ADDRESS = "hanna@example.org"
CODE = re.compile(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", re.MULTILINE)
SIGNED_WITH_NEWS = {"shown": "yes", "alerts": "yes"}
QUEUEING = "sqs.SendMessage"


def asked(world: World, *, language: str = "en", frequency: str = "each") -> str:
    """Send the form for news; the mailed link."""
    world.clock.advance(minutes=1)
    form = {"email": ADDRESS, "frequency": frequency}
    world.post(f"/{language}/open-door/subscribe", form)
    world.deliver_all()
    return world.link_to("confirm-alerts")


def press(world: World, link: str, fields: Mapping[str, str] | None = None) -> int:
    """Press the button of a mailed link, a minute later; the status of the answer."""
    world.clock.advance(minutes=1)
    status = world.post(link, fields or {}).status_code
    world.deliver_all()
    return status


def signing_link(world: World) -> str:
    world.clock.advance(minutes=1)
    world.sign()
    world.deliver_all()
    return world.link_to("confirm")


def welcomes(world: World) -> list[SentMail]:
    return [mail for mail in world.mails() if mail.subject.startswith("Your news is set up")]


def in_one_line(mail: SentMail) -> str:
    return " ".join(mail.text.split())


def test_confirmed_news_is_welcomed_once(world: World) -> None:
    link = asked(world)

    press(world, link)
    press(world, link)

    [welcome] = welcomes(world)
    assert welcome.to == ADDRESS


def test_the_welcome_names_a_language_that_the_petition_has(world: World) -> None:
    world.publish(builders.petition(texts={"en": builders.petition_text()}))

    press(world, asked(world, language="be"))

    welcome = world.mails()[-1].text
    assert "English" in welcome
    assert "беларуская" not in welcome


def test_news_that_starts_with_a_signature_is_welcomed_once(world: World) -> None:
    link = signing_link(world)

    press(world, link, SIGNED_WITH_NEWS)
    press(world, link, SIGNED_WITH_NEWS)

    assert len(welcomes(world)) == 1


def test_news_that_starts_by_the_code_is_welcomed(world: World) -> None:
    page = world.sign(alerts="yes").body.decode()
    world.deliver_all()
    pending = re.findall(r'name="pending" value="([^"]+)"', page)[0]
    code = CODE.findall(world.mails()[-1].text)[0]

    world.post("/en/open-door/code", {"pending": pending, "code": code})
    world.deliver_all()

    assert len(welcomes(world)) == 1


def test_news_that_came_already_is_not_welcomed_again(world: World) -> None:
    press(world, asked(world))

    press(world, asked(world, language="be"))
    press(world, signing_link(world), SIGNED_WITH_NEWS)

    assert len(welcomes(world)) == 1


def test_news_that_starts_again_is_welcomed_again(world: World) -> None:
    press(world, asked(world))
    world.clock.advance(minutes=1)
    world.post(world.ask_for_own_page(), {"do": "stop"})

    press(world, asked(world))

    assert len(welcomes(world)) == 2


def test_a_signature_without_news_is_not_welcomed(world: World) -> None:
    press(world, signing_link(world), {"shown": "yes"})

    assert welcomes(world) == []


def test_nobody_is_welcomed_at_a_blocked_address(world: World) -> None:
    news, signature = asked(world), signing_link(world)
    press(world, world.link_to("block"))

    press(world, news)
    press(world, signature, SIGNED_WITH_NEWS)

    assert welcomes(world) == []


def test_a_welcome_says_what_was_chosen_and_leads_to_the_page_of_the_news(world: World) -> None:
    press(world, asked(world, frequency="weekly"))

    [welcome] = welcomes(world)
    page = world.get(world.link(welcome)).body.decode()
    assert "- Once a week, all the news in one email" in welcome.text.splitlines()
    assert "- In this language: English" in welcome.text.splitlines()
    assert 'value="weekly" checked' in page
    assert "Your signature" not in page


def test_the_welcome_of_a_discreet_petition_names_it_late(world: World) -> None:
    press(world, asked(world))

    [welcome] = welcomes(world)
    assert welcome.sender == "Desk <desk@zaklik.example>"
    assert welcome.subject == "Your news is set up"
    assert "Open the door" not in welcome.text[:200]
    assert "The news is about “Open the door”, a petition by Door Watch." in in_one_line(welcome)


def test_the_welcome_of_any_other_petition_names_it_at_once(world: World) -> None:
    world.publish(builders.petition(discreet=False))
    press(world, asked(world))

    [welcome] = welcomes(world)
    assert welcome.sender == "Door Watch <desk@zaklik.example>"
    assert welcome.subject == "Your news is set up: Open the door"


def test_a_welcome_looks_in_the_queue_like_any_other_mail(world: World) -> None:
    link = asked(world)
    world.clock.advance(minutes=1)
    world.sign(email="vera@example.org")
    world.post(link, {})

    queue = moto_internals.queues()[world.services.settings.mail_queue_url.rpartition("/")[2]]
    bodies = [message.body for message in moto_internals.messages_of(queue)]
    assert len(bodies) == 2
    assert len({len(body) for body in bodies}) == 1
    assert not re.search(r"example\.org|welcome|open-door", "".join(bodies))


def test_welcomes_leave_the_mails_that_ask_for_confirmation_alone(world: World) -> None:
    for _ in range(world.services.settings.mails_per_network):
        press(world, asked(world))
        world.clock.advance(minutes=1)
        world.post(world.ask_for_own_page(), {"do": "stop"})

    assert len(welcomes(world)) == world.services.settings.mails_per_network


def test_confirming_without_news_queues_nothing(world: World) -> None:
    link = signing_link(world)

    with recorded(AwsCalls()) as calls:
        world.post(link, {"shown": "yes"})

    assert QUEUEING not in calls.made
    assert calls.made.count("dynamodb.PutItem") == 1


def test_news_that_starts_costs_one_message_and_news_that_stands_none(world: World) -> None:
    link = asked(world)

    with recorded(AwsCalls()) as starting:
        world.post(link, {})
    with recorded(AwsCalls()) as standing:
        world.post(link, {})

    assert starting.made.count(QUEUEING) == 1
    assert QUEUEING not in standing.made


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", ["dynamodb.PutItem", QUEUEING])
def test_a_fault_loses_a_welcome_and_never_doubles_it(
    world: World, call: str, fault: Fault
) -> None:
    link = asked(world)

    with recorded(AwsCalls(at=call, fault=fault)):
        try:
            world.post(link, {})
        except Crash:
            world.restart()
    again = press(world, link)

    assert again == 200
    assert [item["state"] for item in world.subscriptions()] == ["active"]
    assert len(welcomes(world)) <= 1


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.ANSWER_LOST])
def test_news_that_has_started_is_never_called_a_failure(world: World, fault: Fault) -> None:
    link = asked(world)

    with recorded(AwsCalls(at=QUEUEING, fault=fault)):
        answer = world.post(link, {})

    assert answer.status_code == 200
    assert "Your news is set up" in answer.body.decode()


def test_a_crash_before_the_queue_loses_the_welcome_and_not_the_news(world: World) -> None:
    link = asked(world)

    with recorded(AwsCalls(at=QUEUEING, fault=Fault.KILLED_BEFORE)), pytest.raises(Crash):
        world.post(link, {})
    world.restart()
    press(world, link)

    assert welcomes(world) == []
    assert [item["state"] for item in world.subscriptions()] == ["active"]
