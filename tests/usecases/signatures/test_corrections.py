"""A signer corrects name or country on the own page: sealed anew, and nothing else changes."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.crypto import attestation
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter, SignatureRevision
from chalicelib.mail.jobs import HoldSignatures
from chalicelib.store.integrity import tallies
from chalicelib.store.signatures import signature_revisions, signatures
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.signatures import moderating
from chalicelib.usecases.signatures.moderating import Moderator
from ops.keys.unsealing.verification import Verifier
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.routes.markup import ParsedPage
from tests.world import World

ADDRESS = "hanna@example.org"
CORRECTION = {"do": "correct", "name": "Ганна Шыло", "country": "LT"}
UNREADABLE = {"sealed", "attestation"}


@pytest.fixture
def own_page(world: World) -> str:
    """The link to the own page of a signer, a day after signing."""
    world.sign_and_confirm(name="Ганна Ш.", country="PL")
    world.clock.advance(days=1)
    return world.ask_for_own_page()


def correct(world: World, link: str, **changes: str) -> ParsedPage:
    response = world.post(link, {**CORRECTION, **changes})
    world.deliver_all()
    return ParsedPage(response.body.decode())


def readable(world: World) -> dict[str, Any]:
    """What the server can read of the only signature, but its country."""
    [item] = world.signatures()
    return {name: value for name, value in item.items() if name not in {*UNREADABLE, "country"}}


def countries(world: World) -> dict[str, int]:
    return dict(tallies.get(world.services.petitions, "open-door").countries)


def revision(world: World) -> SignatureRevision:
    """The only signature, as a moderator selects it."""
    [seen] = Moderator(services=world.services, slug="open-door").select(
        SignatureFilter(), SignatureState.CONFIRMED
    )
    return seen


def test_name_and_country_are_sealed_anew(world: World, own_page: str) -> None:
    page = correct(world, own_page)

    [record] = world.unsealed()
    assert page.one("h1").text == "Your signature is corrected"
    assert "Lithuania" in [cell.text for cell in page.all("td")]
    assert record == {
        "name": "Ганна Шыло",
        "email": ADDRESS,
        "country": "LT",
        "language": "en",
        "confirmed_at": "2026-03-08",
    }


def test_day_state_and_place_of_the_signature_stay(world: World, own_page: str) -> None:
    before, [sealed] = readable(world), [item["sealed"] for item in world.signatures()]

    correct(world, own_page)

    [item] = world.signatures()
    assert readable(world) == before
    assert item["confirmed_on"] == "2026-03-08"
    assert item["sealed"] != sealed
    assert len(item["sealed"]) == len(sealed)


def test_an_organiser_opens_a_corrected_signature_from_an_export(
    world: World, own_page: str
) -> None:
    correct(world, own_page)

    line = gzip.decompress(world.file_of(world.run_export())).splitlines()[1]
    verifier = Verifier(
        slug="open-door",
        keys=[world.organiser_key],
        attestation_keys=[
            attestation.public_key(key.raw) for key in world.services.secrets.attestation_keys.keys
        ],
    )
    assert verifier.open(line).cells == ["Ганна Шыло", ADDRESS, "LT", "en", "2026-03-08"]


def test_a_corrected_country_moves_in_the_figures_once(world: World, own_page: str) -> None:
    assert countries(world) == {"PL": 1}

    for _ in range(2):
        correct(world, own_page)

    assert countries(world) == {"LT": 1}
    assert world.count() == 1


def test_a_country_that_is_not_chosen_again_is_not_kept(world: World, own_page: str) -> None:
    page = correct(world, own_page, country="")

    assert "Your country is also kept unsealed" not in page.text
    assert "country" not in world.signatures()[0]
    assert world.unsealed()[0]["country"] == ""
    assert countries(world) == {"": 1}


def test_where_no_countries_are_published_none_is_kept_in_the_open(
    world: World, own_page: str
) -> None:
    world.publish(builders.petition(publishes_countries=False))

    correct(world, own_page)

    assert "country" not in world.signatures()[0]
    assert world.unsealed()[0]["country"] == "LT"


def test_after_the_petition_closed_a_signature_can_be_corrected(
    world: World, own_page: str
) -> None:
    world.publish(builders.petition(closes_on=builders.NOW.date()))

    correct(world, own_page)

    assert world.unsealed()[0]["name"] == "Ганна Шыло"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": " "}, "name"), ({"name": "a\u202eb"}, "name"), ({"country": "XX"}, "country")],
)
def test_bad_input_comes_back_with_what_was_typed(
    world: World, own_page: str, wrong: dict[str, str], field: str
) -> None:
    before = world.signatures()

    response = world.post(own_page, {**CORRECTION, **wrong})

    page = ParsedPage(response.body.decode())
    assert response.status_code == 422
    assert page.field(field)["aria-invalid"] == "true"
    assert page.field("name")["value"] == {**CORRECTION, **wrong}["name"]
    chosen = [e["value"] for e in page.all("option") if "selected" in e.attributes]
    assert chosen == ([] if "country" in wrong else ["LT"])
    assert "open" in page.all("details")[-1].attributes
    assert world.signatures() == before


def test_corrections_count_as_posts_of_the_network(world: World, own_page: str) -> None:
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "2"
    world.clock.advance(hours=1)
    world.restart()

    responses = [world.post(own_page, {**CORRECTION, "name": f"Hanna {n}"}) for n in range(3)]

    refused = ParsedPage(responses[-1].body.decode())
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert responses[-1].headers["Retry-After"] == "3600"
    assert refused.field("name")["value"] == "Hanna 2"
    assert world.unsealed()[0]["name"] == "Hanna 1"


def test_a_withdrawn_signature_is_not_brought_back(world: World, own_page: str) -> None:
    world.post(own_page, {"do": "withdraw"})
    before = world.signatures()

    response = world.post(own_page, CORRECTION)

    assert response.status_code == 410
    assert "nothing was corrected" in response.body.decode()
    assert world.signatures() == before


def test_without_a_signature_there_is_nothing_to_correct(world: World) -> None:
    world.post("/en/open-door/subscribe", {"email": ADDRESS})
    world.deliver_all()
    world.post(world.link(), {})
    link = world.ask_for_own_page()

    page, response = world.get(link), world.post(link, CORRECTION)

    assert b'value="correct"' not in page.body
    assert response.status_code == 410
    assert world.signatures() == []


def test_a_link_from_an_alert_corrects_withdraws_and_deletes_nothing(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()
    leave = ParsedPage(world.get(world.link_to("unsubscribe")).body.decode())
    [link] = [a["href"] for a in leave.all("a") if "/manage/" in a["href"]]
    before = world.signatures()

    statuses = [world.post(link, CORRECTION).status_code]
    statuses += [world.post(link, {"do": do}).status_code for do in ("withdraw", "delete")]

    assert statuses == [400] * 3
    assert b'value="correct"' not in world.get(link).body
    assert world.signatures() == before
    assert [item["state"] for item in world.subscriptions()] == ["active"]


# Moderation.


def test_a_held_signature_is_corrected_and_stays_held(world: World) -> None:
    world.sign_and_confirm(website="https://buy.example")
    before = readable(world)

    page = correct(world, world.ask_for_own_page())

    assert page.one("h1").text == "Your signature is corrected"
    assert readable(world) == before
    assert before["state"] == "held"
    assert before["signals"] == ["honeypot"]
    assert world.count() == 0


def test_a_corrected_signature_is_released_and_counted_with_its_new_country(world: World) -> None:
    world.sign_and_confirm(website="https://buy.example", country="PL")
    correct(world, world.ask_for_own_page())

    [seen] = Moderator(services=world.services, slug="open-door").select(
        SignatureFilter(), SignatureState.HELD
    )
    released = signature_revisions.mark_released(world.services.signatures, seen)
    world.deliver_all()

    assert released
    assert countries(world) == {"LT": 1}


def test_a_hold_that_was_selected_before_a_correction_needs_another_look(
    world: World, own_page: str
) -> None:
    seen = revision(world)
    correct(world, own_page)

    moderating.hold(world.services, HoldSignatures(revisions=(seen,), why="burst"))
    unchanged = readable(world)["state"]
    moderating.hold(world.services, HoldSignatures(revisions=(revision(world),), why="burst"))

    assert unchanged == "confirmed"
    assert readable(world)["state"] == "held"


def test_reasons_and_revisions_of_moderators_stay(world: World, own_page: str) -> None:
    table, seen = world.services.signatures, revision(world)
    signature_revisions.mark_held(table, seen, why="burst")
    signature_revisions.mark_released(table, replace(seen, revision=1))

    correct(world, own_page)

    assert readable(world).items() >= {"why": "burst", "revision": 2}.items()


# Races and faults.


def _meanwhile(world: World, action: Callable[[], object]) -> Callable[..., None]:
    """Runs an action once, just before the write of a correction."""
    done: list[bool] = []

    def run(params: dict[str, Any], **_: Any) -> None:
        if not done and "attestation = :attestation" in params.get("UpdateExpression", ""):
            done.append(True)
            action()

    return run


def test_a_withdrawal_between_look_and_write_wins(world: World, own_page: str) -> None:
    [item] = world.signatures()
    withdraw = _meanwhile(
        world,
        lambda: signatures.mark_withdrawn(
            world.services.signatures,
            "open-door",
            item["sk"],
            now=world.clock.now(),
            link_lifetime=timedelta(days=7),
        ),
    )
    client = world.services.signatures.client

    with intercepted(client, "provide-client-params.dynamodb.UpdateItem", withdraw):
        response = world.post(own_page, CORRECTION)

    assert response.status_code == 410
    assert [item["state"] for item in world.signatures()] == ["withdrawn"]
    assert world.unsealed() == []


def test_a_hold_between_look_and_write_stays(world: World, own_page: str) -> None:
    seen = revision(world)
    hold = _meanwhile(
        world, lambda: signature_revisions.mark_held(world.services.signatures, seen, why="burst")
    )
    client = world.services.signatures.client

    with intercepted(client, "provide-client-params.dynamodb.UpdateItem", hold):
        correct(world, own_page)

    assert readable(world)["state"] == "held"
    assert world.unsealed()[0]["name"] == "Ганна Шыло"
    assert world.count() == 0


def test_a_new_signature_of_another_day_is_not_corrected_with_the_old_day(
    world: World, own_page: str
) -> None:
    def sign_again() -> None:
        signatures.mark_withdrawn(
            world.services.signatures,
            "open-door",
            world.signatures()[0]["sk"],
            now=world.clock.now(),
            link_lifetime=timedelta(days=7),
        )
        world.clock.advance(minutes=1)
        world.sign_and_confirm(name="Anew")

    client = world.services.signatures.client
    with intercepted(
        client, "provide-client-params.dynamodb.UpdateItem", _meanwhile(world, sign_again)
    ):
        response = world.post(own_page, CORRECTION)

    assert response.status_code == 410
    assert world.unsealed()[0]["name"] == "Anew"


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_at_the_write_leaves_the_old_or_the_new_record_whole(
    world: World, own_page: str, fault: Fault
) -> None:
    with recorded(AwsCalls()) as calls:
        world.restart()
        world.post(own_page, CORRECTION)
    write = len(calls.made) - 1 - calls.made[::-1].index("dynamodb.UpdateItem")
    world.restart()
    try:
        with recorded(AwsCalls(at=write, fault=fault)):
            status = world.post(own_page, {**CORRECTION, "name": "Anew"}).status_code
        assert status == 503
    except Crash:
        world.restart()
    [between] = world.unsealed()

    correct(world, own_page, name="Anew")

    stored = {Fault.ANSWER_LOST, Fault.KILLED_AFTER}
    assert between["name"] == ("Anew" if fault in stored else "Ганна Шыло")
    assert world.unsealed()[0]["name"] == "Anew"
    assert countries(world) == {"LT": 1}


# A block.


def test_the_own_page_names_a_block(world: World, own_page: str) -> None:
    before = ParsedPage(world.get(own_page).body.decode()).text
    world.post(world.link_to("block"), {})

    after = ParsedPage(world.get(own_page).body.decode())

    assert "blocked" not in before
    assert "no petition writes to it any more" in after.text
    assert "/en/open-door/subscribe" not in [a["href"] for a in after.all("a")]


def test_the_signature_of_a_blocked_address_can_be_corrected(world: World, own_page: str) -> None:
    world.post(world.link_to("block"), {})

    correct(world, own_page)

    assert world.unsealed()[0]["name"] == "Ганна Шыло"


# The link.


def test_the_link_shows_no_address_and_the_page_none_either(world: World, own_page: str) -> None:
    page = world.get(own_page).body.decode()

    assert "hanna" not in own_page.lower()
    assert "hanna" not in page.lower()
