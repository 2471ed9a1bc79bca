"""The own page: shows, changes and deletes the data of one address."""

import re

import pytest

from chalicelib.usecases.alerts import starting
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.routes.markup import ParsedPage
from tests.world import World

ADDRESS = "hanna@example.org"


def page_text(world: World, path: str) -> str:
    """The visible text of a page."""
    return " ".join(ParsedPage(world.get(path).body.decode()).text.split())


def states(world: World) -> list[str]:
    return [item["state"] for item in [*world.signatures(), *world.subscriptions()]]


def test_the_page_shows_unsealed_data_only(world: World) -> None:
    world.sign_and_confirm(name="Ганна Ш.", country="PL", alerts="yes")

    page = page_text(world, world.ask_for_own_page())

    assert "Name sealed Email address sealed Country Poland" in page
    assert "Confirmed 8 March 2026" in page
    assert "You have been getting news since 8 March 2026" in page
    assert "Ганна" not in page
    assert ADDRESS not in page


def test_the_country_is_shown_only_if_the_petition_publishes_countries(world: World) -> None:
    world.publish(builders.petition(publishes_countries=False))
    world.sign_and_confirm(country="PL")

    page = page_text(world, world.ask_for_own_page())

    assert "Country sealed" in page


def test_reading_the_page_changes_nothing(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()
    before = [world.stored_items(table) for table in ("signatures", "subscribers", "petitions")]

    for _ in range(3):
        world.get(link)

    assert [world.stored_items(t) for t in ("signatures", "subscribers", "petitions")] == before


def test_withdrawing_unsubscribes_with_the_box_ticked(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()
    ticked = ParsedPage(world.get(link).body.decode()).field("news")

    response = ParsedPage(
        world.post(link, {"do": "withdraw", "news": ticked["value"]}).body.decode()
    )
    world.deliver_all()

    assert "checked" in ticked.attributes
    assert response.one("h1").text == "Your signature is withdrawn"
    assert states(world) == ["withdrawn", "unsubscribed"]
    assert world.count() == 0


def test_withdrawing_keeps_the_subscription_with_the_box_cleared(world: World) -> None:
    world.sign_and_confirm(alerts="yes")

    world.post(world.ask_for_own_page(), {"do": "withdraw"})

    assert states(world) == ["withdrawn", "active"]


def test_unsubscribing_keeps_the_signature(world: World) -> None:
    world.sign_and_confirm(alerts="yes")

    world.post(world.ask_for_own_page(), {"do": "stop"})

    assert states(world) == ["confirmed", "unsubscribed"]


def test_language_and_frequency_of_alerts_can_be_changed(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()

    response = world.post(link, {"do": "change", "language": "be", "frequency": "weekly"})

    [subscription] = world.subscriptions()
    page = ParsedPage(response.body.decode())
    chosen = [e["value"] for e in page.all("input") if "checked" in e.attributes]
    assert page.one("h1").text == "Your choice is saved"
    assert (subscription["language"], subscription["frequency"]) == ("be", "weekly")
    assert "weekly" in chosen


def test_deleting_everything_leaves_nothing_sealed(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()

    world.post(link, {"do": "delete"})
    again = world.post(link, {"do": "delete"})

    left = str([*world.signatures(), *world.subscriptions()])
    assert again.status_code == 200
    assert states(world) == ["withdrawn", "unsubscribed"]
    assert "sealed" not in left
    assert "You withdrew your signature on 8 March 2026" in page_text(world, link)


def test_the_own_page_works_after_the_petition_closed(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.clock.advance(days=400)

    world.post(world.ask_for_own_page(), {"do": "delete"})

    assert states(world) == ["withdrawn", "unsubscribed"]


def test_a_subscriber_without_a_signature_has_an_own_page(world: World) -> None:
    world.post("/en/open-door/subscribe", {"email": ADDRESS})
    world.deliver_all()
    world.post(world.link(), {})

    page = page_text(world, world.ask_for_own_page())

    assert "This address has not signed." in page
    assert "You have been getting news since" in page


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"do": "everything"}, 400),
        ({"do": "change", "language": "xx", "frequency": "each"}, 422),
        ({"do": "change", "language": "be", "frequency": "hourly"}, 422),
        ({"do": "change"}, 422),
    ],
)
def test_an_unknown_action_changes_nothing(
    world: World, fields: dict[str, str], status: int
) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()
    before = [*world.signatures(), *world.subscriptions()]

    response = world.post(link, fields)

    assert response.status_code == status
    assert [*world.signatures(), *world.subscriptions()] == before


def test_a_changed_choice_does_not_subscribe_again(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()
    world.post(link, {"do": "stop"})

    response = world.post(link, {"do": "change", "language": "be", "frequency": "each"})

    assert response.status_code == 410
    assert "stopped in the meantime" in response.body.decode()
    assert states(world) == ["confirmed", "unsubscribed"]


def test_asking_for_the_link_reveals_nothing(world: World) -> None:
    world.sign_and_confirm(email="signed@example.org")
    world.post("/en/open-door/subscribe", {"email": "news@example.org"})
    world.deliver_all()
    world.post(world.link(), {})
    bodies, calls_made = [], []
    for email in ("signed@example.org", "news@example.org", "nobody@example.org"):
        with recorded(AwsCalls()) as calls:
            bodies.append(world.post("/en/open-door/manage", {"email": email}).body)
        # Tests run without a cache, so every request reads the petition.
        calls_made.append([name for name in calls.made if name != "dynamodb.GetItem"])

    assert bodies == [bodies[0]] * 3
    assert calls_made == [["dynamodb.UpdateItem", "dynamodb.BatchGetItem", "sqs.SendMessage"]] * 3


def test_an_expired_link_reveals_nothing_and_links_to_the_form(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()
    world.clock.advance(days=8)

    responses = [world.get(link), world.post(link, {"do": "delete"})]

    assert [response.status_code for response in responses] == [410, 410]
    for response in responses:
        page = ParsedPage(response.body.decode())
        assert "/en/open-door/manage" in [e["href"] for e in page.all("a")]
        assert "since" not in page.text
    assert states(world) == ["confirmed", "active"]


def test_a_second_click_completes_a_withdrawal_that_crashed(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    link = world.ask_for_own_page()
    second_write = AwsCalls(at=1, fault=Fault.KILLED_BEFORE)
    with pytest.raises(Crash), recorded(second_write):
        world.post(link, {"do": "delete"})
    after_crash = states(world)

    world.post(link, {"do": "delete"})

    assert after_crash == ["withdrawn", "active"]
    assert states(world) == ["withdrawn", "unsubscribed"]


def test_the_link_of_an_alert_shows_the_subscription_but_no_signature(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()
    header = world.mails()[-1].headers["List-Unsubscribe"]
    leave = re.sub(r"^<https://[^/]+|>$", "", header)

    unsubscribe_page = ParsedPage(world.get(leave).body.decode())
    [link] = [e["href"] for e in unsubscribe_page.all("a") if "/manage/" in e["href"]]
    page = page_text(world, link)
    of_signature = page_text(world, world.ask_for_own_page())
    world.post(link, {"do": "withdraw"})
    world.post(link, {"do": "change", "language": "ru", "frequency": "weekly"})

    assert len(unsubscribe_page.all("form")) == 1
    [choice] = [e for e in unsubscribe_page.all("a") if e["href"] == link]
    assert "button" in (choice["class"] or "").split()
    assert "Your signature" not in page
    # Nor does it seem to deny one.
    assert "This link shows only your news by email." in page
    assert "What we keep about your address" not in page
    assert "What we keep about your address" in of_signature
    assert "This link shows only your news by email." not in of_signature
    assert states(world) == ["confirmed", "active"]
    assert world.subscriptions()[0]["language"] == "ru"


def test_a_link_of_one_petition_changes_nothing_on_another(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    world.sign_and_confirm()
    world.post("/en/window/sign", builders.sign_form())
    world.deliver_all()
    world.post(world.link(), {})

    world.post(world.ask_for_own_page(), {"do": "delete"})

    assert [item["state"] for item in world.signatures("window")] == ["confirmed"]
    assert [item["state"] for item in world.signatures()] == ["withdrawn"]
