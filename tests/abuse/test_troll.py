"""A troll with a botnet: wants to drown a petition, run up its bill, or bury somebody in mails.

Has as many addresses and forms as it likes, some networks, and programs instead of patience. At
stake are the victim's inbox, the organisers' trust in their count, and everybody else's way in: a
defence that shuts out a school, or who comes by Tor, has done the troll's work.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from chalicelib.routes.events import streams
from chalicelib.usecases import pressure
from chalicelib.usecases.alerts import fan_out
from tests import builders
from tests.abuse.people import PENDING, blocks, calls_of, sends, signs
from tests.proving import easy_proof, press
from tests.routes.requests import SAME_ORIGIN, SLUG, get, post
from tests.world import World, stream_event

VICTIM = "victim@example.org"
CAP = 6
SHARE = 5
TOR_EXIT = "185.220.101.4"


def _statuses(count: int, **how: str) -> list[int]:
    return [signs(f"bot{number}@example.org", **how).status for number in range(count)]


# Sending more than one's share.


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CloudFront-Viewer-Address", "True-Client-IP"],
)
def test_an_address_made_up_in_a_header_gets_no_share_of_its_own(world: World, header: str) -> None:
    """Elsewhere the first hop of a forwarded header is believed, and anybody can write one."""
    press(world, posts_per_network=SHARE)

    responses = [
        post(
            f"/en/{SLUG}/manage",
            {"email": f"bot{number}@example.org"},
            {**SAME_ORIGIN, header: f"203.0.{number}.7"},
        ).status
        for number in range(SHARE + 2)
    ]

    assert responses == [200] * SHARE + [429] * 2


def test_neighbours_in_one_network_are_one_network(world: World) -> None:
    """A /24, or a /64: who rents one has no more than one share."""
    press(world, posts_per_network=SHARE)
    for client in ("203.0.113.{}", "2001:db8:0:1::{}"):
        responses = [
            sends("manage", client=client.format(number), email=f"b{number}@example.org").status
            for number in range(1, SHARE + 2)
        ]
        assert responses == [200] * SHARE + [429]


@pytest.mark.parametrize("form", ["sign", "subscribe", "manage", "again", "code"])
def test_every_form_is_counted_against_the_same_share(world: World, form: str) -> None:
    press(world, posts_per_network=SHARE)
    pending = PENDING.search(signs("bot@example.org").text)
    assert pending
    for _ in range(SHARE - 1):
        sends("manage", email="bot@example.org")
    fields = {**builders.sign_form(name="Bot"), "email": VICTIM, "pending": pending[1]}

    assert sends(form, **fields, code="AAAAAAAA").status == 429


def test_the_slow_lane_is_narrower_than_the_share_and_no_way_round_it(world: World) -> None:
    press(world, posts_per_network=SHARE, proof_posts_per_network=2, slow_posts_per_network=2)

    assert _statuses(2) == [200, 200]
    assert _statuses(4, slow="yes") == [200, 200, 429, 429]
    # What went by the slow lane is counted in the share as well.
    assert signs("late@example.org", proof=easy_proof(world)).status == 200
    assert signs("later@example.org", proof=easy_proof(world)).status == 429
    assert signs("latest@example.org", slow="yes").status == 429


def test_a_slow_mail_waits_each_time_it_is_asked_for_again(world: World) -> None:
    """Asking again is no way out of the slow lane."""
    press(world, proof_posts_per_network=1)
    signs("first@example.org")
    pending = PENDING.search(signs(VICTIM, slow="yes").text)
    assert pending
    sends("again", pending=pending[1])
    world.settle()

    assert world.mails(VICTIM) == []


FORGED: Mapping[str, Callable[[World], str]] = {
    "of another service": lambda world: easy_proof(world, key=b"the key of another service, yes"),
    "too old": lambda world: easy_proof(world, age_seconds=31 * 60),
    "changed": lambda world: easy_proof(world)[:-8] + "AAAAAAA=",
    "made up": lambda world: "eyJjaGFsbGVuZ2UiOnt9fQ==",
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_proof_that_nobody_worked_for_lets_nothing_in(world: World, kind: str) -> None:
    press(world, proof_posts_per_network=1)
    signs("first@example.org")

    response = sends("subscribe", email=VICTIM, proof=FORGED[kind](world))

    assert response.status == 429
    assert world.deliver_messages() == 1


def test_one_proof_lets_one_form_in_whoever_uses_it_for_whatever(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    press(world, proof_posts_per_network=1)
    for client in ("198.51.100.7", "203.0.113.7"):
        signs("first@example.org", client=client)
    proof = easy_proof(world)

    first = sends("subscribe", email=VICTIM, proof=proof)
    elsewhere = [
        sends("subscribe", email=VICTIM, proof=proof, client="203.0.113.7"),
        sends("sign", **builders.sign_form(name="Bot"), proof=proof),
        sends("subscribe", slug="window", email=VICTIM, proof=proof),
    ]

    assert first.status == 200
    assert [response.status for response in elsewhere] == [429] * 3


# Who must get through all the same.


def test_a_school_of_six_hundred_gets_through_in_an_hour(world: World) -> None:
    """Elsewhere six signatures a day from one address are the end. Here at a thirtieth."""
    assert world.services.settings.posts_per_network == 600
    press(world, posts_per_network=20, proof_posts_per_network=2)

    passed = 0
    for number in range(20):
        email = f"pupil{number}@example.org"
        if signs(email).status == 429:
            assert signs(email, proof=easy_proof(world)).status == 200
        passed += 1

    assert passed == 20
    assert signs("pupil21@example.org").status == 429
    assert len(_mailed(world)) == 20


def _mailed(world: World) -> list[str]:
    world.settle(rounds=500)
    return [mail.to for mail in world.mails()]


def test_who_comes_by_tor_without_scripts_gets_through_beside_a_flood(world: World) -> None:
    """At Tor's safest level nothing is computed: a button does, and a mail that comes later."""
    press(world, proof_posts_per_network=1)
    pressure.require_proofs(
        world.services, "open-door", until=world.clock.now() + timedelta(hours=1)
    )

    sent_back = signs("careful@example.org", client=TOR_EXIT)
    assert sent_back.status == 429
    assert 'name="slow"' in sent_back.text
    assert signs("careful@example.org", client=TOR_EXIT, slow="yes").status == 200
    world.release_messages()
    world.settle()
    post(world.link())
    world.settle()

    assert [item["state"] for item in world.signatures()] == ["confirmed"]
    assert world.count() == 1


def test_reading_withdrawing_and_leaving_go_on_while_forms_are_held_off(world: World) -> None:
    press(world, posts_per_network=1)
    world.sign_and_confirm()
    pressure.require_proofs(
        world.services, "open-door", until=world.clock.now() + timedelta(hours=1)
    )
    never = world.link_to("block")
    assert signs("more@example.org").status == 429

    assert get("/en/open-door").status == 200
    assert post(never).status == 200


# Burying somebody in mails.


def test_everything_together_mails_a_victim_six_times_a_day_at_most(world: World) -> None:
    """All the forms, again and again, and links that are renewed: one cap for all of it."""
    world.publish(builders.petition(slug="window"))
    pending = PENDING.search(signs(VICTIM).text)
    assert pending
    for slug in ("open-door", "window"):
        for form in ("subscribe", "manage"):
            sends(form, slug=slug, email=VICTIM)
    for _ in range(4):
        sends("again", pending=pending[1])
    for spelling in ("VICTIM@example.org", "Victim@EXAMPLE.ORG"):
        signs(spelling)
    world.settle(rounds=200)

    assert len([mail for mail in world.mails() if mail.to.lower() == VICTIM]) == CAP


def test_a_victim_who_has_had_enough_is_never_mailed_again_whoever_tries(world: World) -> None:
    """All five ways to cause a mail: sign, ask again, renew a link, get news, get one's page."""
    page = signs(VICTIM, alerts="yes").text
    sends("subscribe", email=VICTIM)
    world.settle()
    confirm, confirm_news = [world.link(mail) for mail in world.mails(VICTIM)]
    pending = PENDING.search(page)
    assert pending
    blocks(world, VICTIM)
    had = len(world.mails(VICTIM))

    signs(VICTIM)
    sends("again", pending=pending[1])
    sends("subscribe", email=VICTIM)
    sends("manage", email=VICTIM)
    world.clock.advance(days=8)
    post(f"{confirm}/again")
    post(f"{confirm_news}/again")
    world.settle()
    # Nor by what was confirmed with a link from before, nor with the next alert.
    post(confirm_news)
    fan_out.start_alert(world.services, world.publish_update().id)
    world.settle()

    assert len(world.mails(VICTIM)) == had


def test_news_that_was_asked_for_before_the_block_cannot_start_after_it(world: World) -> None:
    sends("subscribe", email=VICTIM)
    world.settle()
    confirm_news = world.link()
    blocks(world, VICTIM)

    assert post(confirm_news).status == 410
    fan_out.start_alert(world.services, world.publish_update().id)
    world.settle()
    assert world.subscriptions() == [
        item for item in world.subscriptions() if item["state"] == "unsubscribed"
    ]
    assert [mail for mail in world.mails(VICTIM) if "unsubscribe" in mail.text] == []


# Faking the count.


def test_one_mailbox_is_one_signature_however_it_is_spelt(world: World) -> None:
    for spelling in (
        "bot@gmail.com",
        "b.o.t@googlemail.com",
        "bot+many@gmail.com",
        "BOT@gmail.com",
    ):
        signs(spelling)
        world.settle()
        post(world.link_to("confirm") if "/confirm/" in world.mails()[-1].text else "/en")
        world.settle()

    assert world.count() == 1


def test_a_flood_of_unconfirmed_forms_leaves_nothing_on_the_lists(world: World) -> None:
    _statuses(20)
    world.settle()

    assert world.everything("signatures") == []
    assert world.everything("subscribers") == []
    assert world.count() == 0


def test_what_a_program_fills_in_is_held_and_the_program_sees_nothing_of_it(world: World) -> None:
    """The same page, the same mail, the same thanks; not counted, not lost."""
    person = signs("alena@example.org")
    program = signs("alena@example.org", website="https://bot.example")
    assert len(person.text) == len(program.text)
    world.settle()
    first, second = world.mails()
    assert len(first.text) == len(second.text)
    thanks = post(world.link(second))
    world.settle()

    assert thanks.status == 200
    assert "Your signature counts" in thanks.text
    assert [item["state"] for item in world.signatures()] == ["held"]
    assert world.count() == 0


def test_the_count_is_not_raised_by_what_is_delivered_twice(world: World) -> None:
    world.sign_and_confirm()
    for _ in range(3):
        world.invoke(streams.tally, stream_event(world.stream_records()))
    for _ in range(3):
        world.post(world.link(world.mails()[0]), {})
    world.settle()

    assert world.count() == 1


def test_signing_withdrawing_and_signing_again_does_not_pump_the_count(world: World) -> None:
    for _ in range(3):
        world.sign_and_confirm(email="pump@example.org")
        world.clock.advance(hours=13)
        world.withdraw("pump@example.org")
        world.clock.advance(hours=13)
    world.sign_and_confirm(email="pump@example.org")

    assert world.count() == 1


def test_a_code_cannot_be_guessed_within_a_share(world: World) -> None:
    """Forty bits against 600 tries an hour; two hours lie in three of the clock."""
    settings = world.services.settings
    tries_of_all = settings.posts_per_network * (settings.code_minutes // 60 + 1)
    assert tries_of_all == 1800
    assert tries_of_all / 2**40 < 1.7e-9
    press(world, posts_per_network=SHARE)
    pending = PENDING.search(signs(VICTIM).text)
    assert pending

    tries = [sends("code", pending=pending[1], code=f"AAAAAAA{n}").status for n in range(SHARE)]

    assert tries == [422] * (SHARE - 1) + [429]


# Running up the bill.


def test_a_form_that_is_turned_away_costs_a_call_at_most(world: World) -> None:
    press(world, posts_per_network=1)
    signs("first@example.org")
    with calls_of(world) as calls:
        # The first one fills the memory of this process, as any visitor of the page does.
        signs("second@example.org")
        calls.made.clear()
        assert signs("third@example.org").status == 429

    assert calls.made == ["dynamodb.UpdateItem"]


def test_readers_cost_no_call_while_the_page_is_fresh(world: World) -> None:
    """Elsewhere it was readers, more than signers, that took a petition down."""
    get("/en/open-door")
    with calls_of(world) as calls:
        get("/en/open-door")
        calls.made.clear()
        for path in ("/en/open-door", "/be/open-door", "/api/petitions/open-door/count"):
            get(path)
        get("/embed/open-door/en")

    assert calls.made == []
