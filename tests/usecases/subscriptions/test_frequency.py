"""How often news comes is chosen before it starts, and changed on the own page only."""

import pytest

from tests.routes.markup import ParsedPage
from tests.world import World

FORM = "/en/open-door/subscribe"
ADDRESS = {"email": "hanna@example.org"}


def asked(world: World, **fields: str) -> str:
    """Send the form for news; the mailed link."""
    world.clock.advance(minutes=1)
    world.post(FORM, {**ADDRESS, **fields})
    world.deliver_all()
    return world.link_to("confirm-alerts")


def signing_link(world: World) -> str:
    world.sign(alerts="yes")
    world.deliver_all()
    return world.link_to("confirm")


def frequencies(world: World) -> list[str]:
    return [item["frequency"] for item in world.subscriptions()]


def marked(page: ParsedPage) -> list[str]:
    """The values of the marked radio buttons."""
    return [
        entry["value"]
        for entry in page.all("input")
        if entry.get("type") == "radio" and "checked" in entry.attributes
    ]


@pytest.mark.parametrize("frequency", ["each", "daily", "weekly"])
def test_the_form_for_news_decides_how_often_it_comes(world: World, frequency: str) -> None:
    world.post(asked(world, frequency=frequency), {})

    assert frequencies(world) == [frequency]


def test_news_comes_each_time_where_nothing_is_chosen(world: World) -> None:
    world.post(asked(world), {})

    assert frequencies(world) == ["each"]


def test_the_page_that_confirms_says_how_often(world: World) -> None:
    each, daily, weekly = (
        ParsedPage(world.get(asked(world, frequency=value)).body.decode()).text
        for value in ("each", "daily", "weekly")
    )

    assert "It comes each time there is news." in each
    assert "It comes once a day: all the news in one email." in daily
    assert "It comes once a week: all the news in one email." in weekly


def test_a_renewed_link_keeps_the_choice(world: World) -> None:
    link = asked(world, frequency="weekly")
    world.clock.advance(days=8)
    world.post(f"{link}/again", {})
    world.deliver_all()

    world.post(world.link_to("confirm-alerts"), {})

    assert frequencies(world) == ["weekly"]


def test_a_form_without_address_comes_back_with_the_choice(world: World) -> None:
    answer = world.post(FORM, {"email": "hanna", "frequency": "weekly"})

    assert answer.status_code == 422
    assert marked(ParsedPage(answer.body.decode())) == ["weekly"]


def test_an_unknown_frequency_is_asked_about(world: World) -> None:
    answer = world.post(FORM, {**ADDRESS, "frequency": "hourly"})

    page = ParsedPage(answer.body.decode())
    assert answer.status_code == 422
    assert "Please choose how often you want news." in page.text
    assert marked(page) == []


def test_the_page_that_confirms_a_signature_asks_how_often(world: World) -> None:
    link = signing_link(world)

    page = ParsedPage(world.get(link).body.decode())
    world.post(link, {"shown": "yes", "alerts": "yes", "frequency": "weekly"})

    assert marked(page) == ["each"]
    assert frequencies(world) == ["weekly"]


def test_without_the_box_no_news_starts_however_often(world: World) -> None:
    world.post(signing_link(world), {"shown": "yes", "frequency": "weekly"})

    assert world.subscriptions() == []
    assert len(world.unsealed()) == 1


def test_a_frequency_that_no_page_offers_stores_nothing(world: World) -> None:
    answer = world.post(signing_link(world), {"shown": "yes", "alerts": "yes", "frequency": "x"})

    assert answer.status_code == 400
    assert world.signatures() == world.subscriptions() == []


def test_news_that_stands_comes_as_often_as_before_and_the_page_says_so(world: World) -> None:
    world.post(asked(world, frequency="weekly"), {})

    answer = ParsedPage(world.post(asked(world, frequency="each"), {}).body.decode())

    assert frequencies(world) == ["weekly"]
    assert "It comes as often as before." in answer.text
    assert "each time" not in answer.text
