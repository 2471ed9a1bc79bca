"""Attacker: a troll with a botnet that floods a petition, its bill, or a victim's mailbox.

Has any number of addresses and forms, and some networks. Protected: the victim's mailbox, the
count, and access for everybody else, a school and Tor included.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from chalicelib.routes.events import streams
from chalicelib.usecases import pressure
from chalicelib.usecases.alerts import starting
from tests import builders
from tests.abuse.scenarios import PENDING, block, post_form, post_sign_form, recorded_calls
from tests.event_delivery import stream_event
from tests.proving import easy_proof, press
from tests.routes.requests import SAME_ORIGIN, SLUG, get, post
from tests.world import World

VICTIM = "victim@example.org"
LIMIT = 5
TOR_EXIT = "185.220.101.4"
OWN_NETWORK = "192.0.2.7"
"""Where the victim writes from."""


def _statuses(count: int, **how: str) -> list[int]:
    return [post_sign_form(f"bot{number}@example.org", **how).status for number in range(count)]


# Limits of a network.


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CloudFront-Viewer-Address", "True-Client-IP"],
)
def test_a_client_address_in_a_header_is_ignored(world: World, header: str) -> None:
    """Elsewhere: the first hop of a forwarded header is trusted."""
    press(world, posts_per_network=LIMIT)

    responses = [
        post(
            f"/en/{SLUG}/manage",
            {"email": f"bot{number}@example.org"},
            {**SAME_ORIGIN, header: f"203.0.{number}.7"},
        ).status
        for number in range(LIMIT + 2)
    ]

    assert responses == [200] * LIMIT + [429] * 2


def test_addresses_of_one_network_share_its_limit(world: World) -> None:
    """A network is a /24 or a /64."""
    press(world, posts_per_network=LIMIT)
    for client in ("203.0.113.{}", "2001:db8:0:1::{}"):
        responses = [
            post_form("manage", client=client.format(number), email=f"b{number}@example.org").status
            for number in range(1, LIMIT + 2)
        ]
        assert responses == [200] * LIMIT + [429]


@pytest.mark.parametrize(
    ("client", "limit"),
    [
        ("2001:db8:1:1::{}", 2),
        ("2001:db8:1:{:x}::1", 4),
        ("2001:db8:1:{:x}00::1", 8),
        ("2002:cb00:71{:02x}::1", 2),
    ],
    ids=["one /64", "/64s of one /56", "/56s of one /48", "6to4 of one /24"],
)
def test_many_networks_of_one_owner_share_a_limit(world: World, client: str, limit: int) -> None:
    """Elsewhere: whoever has a /48 has 65,536 networks."""
    press(world, posts_per_network=2)

    statuses = [
        post_form("manage", client=client.format(n), email=f"b{n}@example.org").status
        for n in range(limit + 2)
    ]

    assert statuses == [200] * limit + [429] * 2


def test_the_slow_lane_of_a_48_has_a_limit_too(world: World) -> None:
    press(world, slow_posts_per_network=1, proof_posts_per_network=1)
    # One network in 256 shares the count of another by chance: under this key none of these does.
    world.services.limit_keys = {world.clock.now().date(): bytes(32)}
    clients = [f"2001:db8:1:{n:x}00::1" for n in range(11)]
    unproven = [post_sign_form(f"b{n}@example.org", client=clients[n]).status for n in range(5)]

    slow = [
        post_sign_form(f"s{n}@example.org", client=clients[n], slow="yes").status
        for n in range(5, 11)
    ]

    assert unproven == [200] * 4 + [429]
    assert slow == [200] * 4 + [429] * 2


def test_phones_of_one_carrier_do_not_use_up_each_others_limit(world: World) -> None:
    """Each has a /64 of its own, in the same /48; so many sign within one hour."""
    statuses = [
        post_sign_form(f"phone{n}@gmail.com", client=f"2001:db8:1:{n:02x}{n:02x}::1").status
        for n in range(0, 240, 12)
    ]

    assert statuses == [200] * 20


@pytest.mark.parametrize("form", ["sign", "subscribe", "manage", "again", "code"])
def test_every_form_counts_against_the_same_limit(world: World, form: str) -> None:
    press(world, posts_per_network=LIMIT)
    pending = PENDING.search(post_sign_form("bot@example.org").text)
    assert pending
    for _ in range(LIMIT - 1):
        post_form("manage", email="bot@example.org")
    fields = {**builders.sign_form(name="Bot"), "email": VICTIM, "pending": pending[1]}

    assert post_form(form, **fields, code="AAAAAAAA").status == 429


def test_the_slow_lane_has_a_lower_limit_and_counts_against_the_other(world: World) -> None:
    press(world, posts_per_network=LIMIT, proof_posts_per_network=2, slow_posts_per_network=2)

    assert _statuses(2) == [200, 200]
    assert _statuses(4, slow="yes") == [200, 200, 429, 429]
    # Slow posts count against the limit of the network as well.
    assert post_sign_form("late@example.org", proof=easy_proof(world)).status == 200
    assert post_sign_form("later@example.org", proof=easy_proof(world)).status == 429
    assert post_sign_form("latest@example.org", slow="yes").status == 429


def test_a_slow_mail_that_is_sent_again_waits_again(world: World) -> None:
    press(world, proof_posts_per_network=1)
    post_sign_form("first@example.org")
    pending = PENDING.search(post_sign_form(VICTIM, slow="yes").text)
    assert pending
    post_form("again", pending=pending[1])
    world.deliver_all()

    assert world.mails(VICTIM) == []


FORGED: Mapping[str, Callable[[World], str]] = {
    "of another service": lambda world: easy_proof(world, key=b"the key of another service, yes"),
    "too old": lambda world: easy_proof(world, age_seconds=31 * 60),
    "changed": lambda world: easy_proof(world)[:-8] + "AAAAAAA=",
    "not a proof": lambda world: "eyJjaGFsbGVuZ2UiOnt9fQ==",
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_proof_is_refused(world: World, kind: str) -> None:
    press(world, proof_posts_per_network=1)
    post_sign_form("first@example.org")

    response = post_form("subscribe", email=VICTIM, proof=FORGED[kind](world))

    assert response.status == 429
    assert world.deliver_messages() == 1


def test_a_proof_works_for_one_form_only(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    press(world, proof_posts_per_network=1)
    for client in ("198.51.100.7", "203.0.113.7"):
        post_sign_form("first@example.org", client=client)
    proof = easy_proof(world)

    first = post_form("subscribe", email=VICTIM, proof=proof)
    elsewhere = [
        post_form("subscribe", email=VICTIM, proof=proof, client="203.0.113.7"),
        post_form("sign", **builders.sign_form(name="Bot"), proof=proof),
        post_form("subscribe", slug="window", email=VICTIM, proof=proof),
    ]

    assert first.status == 200
    assert [response.status for response in elsewhere] == [429] * 3


# Access for everybody else.


def test_a_school_of_six_hundred_can_sign_within_an_hour(world: World) -> None:
    """Elsewhere: six signatures a day from one network. The test runs at a sixtieth."""
    assert world.services.settings.posts_per_network == 600
    press(world, posts_per_network=10, proof_posts_per_network=1)

    passed = 0
    for number in range(10):
        email = f"pupil{number}@example.org"
        if post_sign_form(email).status == 429:
            assert post_sign_form(email, proof=easy_proof(world)).status == 200
        passed += 1

    assert passed == 10
    assert post_sign_form("pupil11@example.org").status == 429
    assert len(_mailed(world)) == 10


def _mailed(world: World) -> list[str]:
    world.deliver_all(rounds=500)
    return [mail.to for mail in world.mails()]


def test_a_tor_visitor_without_scripts_can_sign_during_a_flood(world: World) -> None:
    """Without scripts there is no proof of work; the slow lane takes the form."""
    press(world, proof_posts_per_network=1)
    pressure.require_proofs(
        world.services, "open-door", until=world.clock.now() + timedelta(hours=1)
    )

    sent_back = post_sign_form("careful@example.org", client=TOR_EXIT)
    assert sent_back.status == 429
    assert 'name="slow"' in sent_back.text
    assert post_sign_form("careful@example.org", client=TOR_EXIT, slow="yes").status == 200
    world.make_messages_visible()
    world.deliver_all()
    post(world.link())
    world.deliver_all()

    assert [item["state"] for item in world.signatures()] == ["confirmed"]
    assert world.count() == 1


def test_reading_and_blocking_work_while_forms_are_refused(world: World) -> None:
    press(world, posts_per_network=1)
    world.sign_and_confirm()
    pressure.require_proofs(
        world.services, "open-door", until=world.clock.now() + timedelta(hours=1)
    )
    block_link = world.link_to("block")
    assert post_sign_form("more@example.org").status == 429

    assert get("/en/open-door").status == 200
    assert post(block_link).status == 200


# Mail bombing.


def ask_for_every_mail(client: str, *, times: int) -> None:
    """Use every form with the victim's address, and ask again, as often as given."""
    for number in range(times):
        page = post_sign_form((VICTIM, VICTIM.upper())[number % 2], client=client).text
        pending = PENDING.search(page)
        assert pending
        post_form("again", client=client, pending=pending[1])
        post_form("subscribe", client=client, email=VICTIM)
        post_form("manage", client=client, slug="window", email=VICTIM)


def kinds(world: World) -> Counter[str]:
    """How many mails of each kind the victim has got, by the page that their link opens."""
    world.deliver_all(rounds=500)
    texts = [mail.text for mail in world.mails() if mail.to.lower() == VICTIM]
    names = {"confirm": "signature", "confirm-alerts": "news", "manage": "own page"}
    pages = [re.search(r"zaklik.example/en/([a-z-]+)/", text) for text in texts]
    return Counter(names.get(page[1], "own page") for page in pages if page)


def test_all_forms_together_send_a_victim_three_mails_of_a_kind_for_one_network(
    world: World,
) -> None:
    """One cap for all petitions, forms and spellings of the address, and for a whole /48."""
    world.publish(builders.petition(slug="window"))
    for client in ("2001:db8:1::1", "2001:db8:1:ffff::1"):
        ask_for_every_mail(client, times=3)

    assert kinds(world) == {"signature": 3, "news": 3, "own page": 3}


def test_a_botnet_sends_a_victim_twelve_mails_of_a_kind(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    for network in range(6):
        ask_for_every_mail(f"198.51.{network}.7", times=2)

    assert kinds(world) == {"signature": 12, "news": 12, "own page": 12}


@pytest.mark.parametrize("signed", [False, True], ids=["a stranger", "a signer"])
def test_nobody_can_use_up_the_mails_that_the_owner_of_an_address_needs(
    world: World, signed: bool
) -> None:
    """Elsewhere: six forms silence a person for a day."""
    world.publish(builders.petition(slug="window"))
    if signed:
        world.sign_and_confirm(email=VICTIM)
    for client in ("198.51.100.7", "2001:db8:1::1"):
        ask_for_every_mail(client, times=6)
    kinds(world)

    def link_to(page: str) -> str:
        world.deliver_all()
        return world.link_to(page, world.mails(VICTIM)[-1])

    if not signed:
        post_sign_form(VICTIM, client=OWN_NETWORK)
        assert post(link_to("confirm")).status == 200
    post_form("subscribe", client=OWN_NETWORK, email=VICTIM)
    assert post(link_to("confirm-alerts")).status == 200
    post_form("manage", client=OWN_NETWORK, email=VICTIM)
    assert post(link_to("manage"), {"do": "withdraw", "news": "stop"}).status == 200
    assert [item["state"] for item in world.signatures()] == ["withdrawn"]
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


@pytest.mark.parametrize(("networks", "mails"), [(3, 1), (4, 0)])
def test_four_networks_can_use_up_one_kind_of_mail_for_a_day(
    world: World, networks: int, mails: int
) -> None:
    """What docs/security.md says; the block link in any of these mails ends them."""
    for network in range(networks):
        for _ in range(4):
            post_form("manage", client=f"198.51.{network}.7", email=VICTIM)
    before = kinds(world).total()
    assert before == 3 * networks

    post_form("manage", client=OWN_NETWORK, email=VICTIM)
    assert kinds(world).total() - before == mails
    world.clock.advance(days=1)
    post_form("manage", client=OWN_NETWORK, email=VICTIM)
    assert kinds(world).total() - before == mails + 1


def test_a_blocked_address_is_never_mailed_again(world: World) -> None:
    """By signing, sending again, renewing a link, subscribing or asking for the own page."""
    page = post_sign_form(VICTIM, alerts="yes").text
    post_form("subscribe", email=VICTIM)
    world.deliver_all()
    confirm, confirm_news = [world.link(mail) for mail in world.mails(VICTIM)]
    pending = PENDING.search(page)
    assert pending
    block(world, VICTIM)
    had = len(world.mails(VICTIM))

    post_sign_form(VICTIM)
    post_form("again", pending=pending[1])
    post_form("subscribe", email=VICTIM)
    post_form("manage", email=VICTIM)
    world.clock.advance(days=8)
    post(f"{confirm}/again")
    post(f"{confirm_news}/again")
    world.deliver_all()
    # Nor by a confirmation with an old link and the next alert.
    post(confirm_news)
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()

    assert len(world.mails(VICTIM)) == had


def test_a_subscription_requested_before_the_block_cannot_be_confirmed_after_it(
    world: World,
) -> None:
    post_form("subscribe", email=VICTIM)
    world.deliver_all()
    confirm_news = world.link()
    block(world, VICTIM)

    assert post(confirm_news).status == 410
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()
    assert world.subscriptions() == [
        item for item in world.subscriptions() if item["state"] == "unsubscribed"
    ]
    assert [mail for mail in world.mails(VICTIM) if "unsubscribe" in mail.text] == []


# A false count.


def test_all_spellings_of_a_mailbox_are_one_signature(world: World) -> None:
    for spelling in (
        "bot@gmail.com",
        "b.o.t@googlemail.com",
        "bot+many@gmail.com",
        "BOT@gmail.com",
    ):
        post_sign_form(spelling)
        world.deliver_all()
        post(world.link_to("confirm") if "/confirm/" in world.mails()[-1].text else "/en")
        world.deliver_all()

    assert world.count() == 1


def test_one_network_and_one_domain_make_few_signatures_that_count(world: World) -> None:
    """120 forms from as many /64 of one /48, to as many mailboxes of one catch-all domain.

    Elsewhere, and here until 2026-11-30: all of them count. The test runs at a quarter.
    """
    settings = world.services.settings
    assert (settings.busy_domain_mailboxes, settings.flooded_domain_mailboxes) == (10, 30)
    press(world, busy_domain_mailboxes=3, flooded_domain_mailboxes=8)
    for number in range(30):
        email = f"box{number}@mail{number % 7}.catch-all.example"
        assert post_sign_form(email, client=f"2001:db8:1:{number:x}::1").status == 200
    world.deliver_all(rounds=200)
    pages = {len(post(world.link(mail)).text) for mail in world.mails()}
    world.deliver_all(rounds=200)

    states = Counter(item["state"] for item in world.signatures())
    assert states == {"confirmed": 7, "held": 23}
    assert world.count() == 7
    # A held signature looks like any other.
    assert len(pages) == 1


def test_typing_other_peoples_addresses_holds_nobodys_signature(world: World) -> None:
    """Elsewhere: whoever floods a form in the name of a university has its members blocked."""
    press(world, busy_domain_mailboxes=1, flooded_domain_mailboxes=2)
    for number in range(9):
        post_sign_form(f"student{number}@university.example", client=f"198.51.{number}.7")
    world.deliver_all(rounds=50)
    post(world.link(world.mails("student3@university.example")[0]))

    assert [item["state"] for item in world.signatures()] == ["confirmed"]


def test_one_mailbox_brings_no_signal_on_its_domain(world: World) -> None:
    """However often its owner confirms, withdraws and signs again, on whatever petition."""
    world.publish(builders.petition(slug="window"))
    press(world, busy_domain_mailboxes=2, flooded_domain_mailboxes=2)
    for slug in ("open-door", "window"):
        post_sign_form("only@university.example", slug=slug)
        world.deliver_all()
        link = world.link()
        for _ in range(3):
            post(link)
    world.deliver_all()

    assert {item["state"] for item in world.stored_items("signatures")} == {"confirmed"}


def test_unconfirmed_forms_store_no_signature_and_no_subscriber(world: World) -> None:
    _statuses(5)
    world.deliver_all()

    assert world.stored_items("signatures") == []
    assert world.stored_items("subscribers") == []
    assert world.count() == 0


def test_a_signature_with_the_trap_is_held_and_looks_confirmed(world: World) -> None:
    person = post_sign_form("alena@example.org")
    program = post_sign_form("alena@example.org", website="https://bot.example")
    assert len(person.text) == len(program.text)
    world.deliver_all()
    first, second = world.mails()
    assert len(first.text) == len(second.text)
    thanks = post(world.link(second))
    world.deliver_all()

    assert thanks.status == 200
    assert "Your signature is confirmed" in thanks.text
    assert [item["state"] for item in world.signatures()] == ["held"]
    assert world.count() == 0


def test_repeated_events_and_clicks_count_once(world: World) -> None:
    world.sign_and_confirm()
    for _ in range(3):
        world.invoke(streams.tally, stream_event(world.stream_records()))
    for _ in range(3):
        world.post(world.link(world.mails()[0]), {})
    world.deliver_all()

    assert world.count() == 1


def test_signing_withdrawing_and_signing_again_counts_once(world: World) -> None:
    for _ in range(3):
        world.sign_and_confirm(email="again@example.org")
        world.clock.advance(hours=13)
        world.withdraw("again@example.org")
        world.clock.advance(hours=13)
    world.sign_and_confirm(email="again@example.org")

    assert world.count() == 1


def test_a_code_cannot_be_guessed_within_the_limit(world: World) -> None:
    """Forty bits against 600 tries an hour; four hours touch five clock hours."""
    settings = world.services.settings
    tries = settings.posts_per_network * (2 * settings.code_minutes // 60 + 1)
    assert tries == 3000
    assert tries / 2**40 < 2.8e-9
    press(world, posts_per_network=LIMIT)
    pending = PENDING.search(post_sign_form(VICTIM).text)
    assert pending

    statuses = [
        post_form("code", pending=pending[1], code=f"AAAAAAA{n}").status for n in range(LIMIT)
    ]

    assert statuses == [422] * (LIMIT - 1) + [429]


# Cost.


def test_a_refused_form_costs_one_call(world: World) -> None:
    press(world, posts_per_network=1)
    post_sign_form("first@example.org")
    with recorded_calls(world) as calls:
        # The first refusal fills the cache of the process.
        post_sign_form("second@example.org")
        calls.made.clear()
        assert post_sign_form("third@example.org").status == 429

    assert calls.made == ["dynamodb.UpdateItem"]


def test_cached_pages_cost_no_call(world: World) -> None:
    """Elsewhere: readers, more than signers, took a petition down."""
    get("/en/open-door")
    with recorded_calls(world) as calls:
        get("/en/open-door")
        calls.made.clear()
        for path in ("/en/open-door", "/be/open-door", "/api/petitions/open-door/count"):
            get(path)
        get("/embed/open-door/en")

    assert calls.made == []
