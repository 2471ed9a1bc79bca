"""Of the forms that came: how many were mailed, came back, and became signatures."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.provider_kinds import ProviderKind, kind_of
from chalicelib.domain.petitions import funnel
from chalicelib.domain.petitions.funnel import Funnel, Stage
from chalicelib.routes.events import ses_feedback
from chalicelib.store import keys
from chalicelib.store.petitions import funnels
from tests import builders
from tests.event_delivery import sqs_event
from tests.faults import AwsCalls, Fault, recorded
from tests.world import World

TODAY = builders.NOW.date()


def of(world: World) -> Funnel:
    items = world.services.petitions.items_of(keys.figures("open-door"), prefix=keys.FUNNEL)
    return funnel.of_days(map(funnels.from_item, items))


def bounce(world: World, provider: str = "google", mail: str = "confirm_signature") -> None:
    tags = {"mail": [mail], "petition": ["open-door"], "provider": [provider]}
    body = json.dumps(
        {
            "kind": "Bounce",
            "type": "Permanent",
            "subtype": "General",
            "message": "m1",
            "time": "2026-01-31T10:00:00Z",
            "tags": tags,
        }
    )
    world.invoke(ses_feedback.record_feedback, sqs_event("zaklik-feedback", body))


def test_a_signature_is_counted_at_each_stage_by_kind_of_provider(world: World) -> None:
    world.sign_and_confirm(email="hanna@gmail.com")
    world.sign(email="nina@proton.me")
    world.deliver_all()

    counted = of(world).by_kind

    assert counted[ProviderKind.GOOGLE] == {
        Stage.ASKED: 1,
        Stage.MAILED: 1,
        Stage.BOUNCED: 0,
        Stage.CONFIRMED: 1,
    }
    assert counted[ProviderKind.PROTON][Stage.CONFIRMED] == 0
    assert of(world).total(Stage.MAILED) == 2
    assert of(world).languages == {"en": 1}


def test_no_figure_says_more_than_stage_kind_and_language(world: World) -> None:
    world.sign_and_confirm(email="hanna@door-watch.example")

    [item] = world.services.petitions.items_of(keys.figures("open-door"), prefix=keys.FUNNEL)

    assert item.keys() == {
        "pk",
        "sk",
        "expires_at",
        "asked#other",
        "mailed#other",
        "confirmed#other",
        "language#en",
    }


def test_a_second_click_is_not_counted(world: World) -> None:
    world.sign()
    world.deliver_all()

    world.post(world.link(), {})
    world.clock.advance(minutes=5)
    world.post(world.link(), {})

    assert of(world).total(Stage.CONFIRMED) == 1


def test_a_mail_that_ses_does_not_take_is_asked_for_once(world: World) -> None:
    world.sign()
    with recorded(AwsCalls(at="sesv2.SendEmail", fault=Fault.THROTTLED)):
        world.deliver_messages()
    world.make_messages_visible()
    world.deliver_all()

    assert of(world).total(Stage.ASKED) == 1
    assert of(world).total(Stage.MAILED) == 1


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.ANSWER_LOST])
def test_a_signer_notices_nothing_of_figures_that_cannot_be_written(
    world: World, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sign()
    world.deliver_all()
    calls = AwsCalls()
    with recorded(calls):
        world.sign(email="nina@example.org")
        world.deliver_all()
        calls.made.clear()
        world.post(world.link(), {})
    figures_at = len(calls.made) - 1 - calls.made[::-1].index("dynamodb.UpdateItem")

    world.clock.advance(minutes=2)
    world.sign(email="alina@example.org")
    world.deliver_all()
    with recorded(AwsCalls(at=figures_at, fault=fault)):
        page = world.post(world.link(), {})

    assert page.status_code == 200
    assert "Your signature is confirmed" in page.body.decode()


def taken_by(unflushed: funnels.UnflushedFigures, confirmations: int) -> list[int]:
    """How many of these confirmations, all in one minute, each of them writes."""
    taken = []
    for _ in range(confirmations):
        unflushed.add("open-door", ["confirmed#google"], builders.NOW)
        place = ("open-door", TODAY)
        taken.append(unflushed.take(builders.NOW).get(place, {}).get("confirmed#google", 0))
    return taken


def test_few_confirmations_of_a_minute_are_each_written_at_once() -> None:
    assert taken_by(funnels.UnflushedFigures(), 5) == [1] * 5


def test_many_confirmations_of_a_process_are_one_write() -> None:
    unflushed = funnels.UnflushedFigures()
    taken_by(unflushed, funnels.SINGLE_WRITES)

    assert taken_by(unflushed, funnels.FLUSH_SIZE) == [0] * (funnels.FLUSH_SIZE - 1) + [
        funnels.FLUSH_SIZE
    ]


def test_the_next_minute_writes_what_the_last_one_left() -> None:
    unflushed = funnels.UnflushedFigures()
    taken_by(unflushed, funnels.SINGLE_WRITES + 3)
    later = builders.NOW + timedelta(minutes=1)
    unflushed.add("open-door", ["confirmed#google"], later)

    assert unflushed.take(later)["open-door", TODAY] == {"confirmed#google": 4}


def test_a_mail_that_came_back_is_counted_under_its_kind(world: World) -> None:
    bounce(world, "microsoft")
    bounce(world, "microsoft", mail="welcome")

    assert of(world).by_kind == {
        ProviderKind.MICROSOFT: {**dict.fromkeys(Stage, 0), Stage.BOUNCED: 1}
    }


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("a@gmail.com", ProviderKind.GOOGLE),
        ("a@googlemail.com", ProviderKind.GOOGLE),
        ("a@hotmail.co.uk", ProviderKind.MICROSOFT),
        ("a@yahoo.de", ProviderKind.YAHOO),
        ("a@me.com", ProviderKind.APPLE),
        ("a@pm.me", ProviderKind.PROTON),
        ("a@yandex.com", ProviderKind.BELARUS_RUSSIA),
        ("a@tut.by", ProviderKind.BELARUS_RUSSIA),
        ("a@firma.by", ProviderKind.BELARUS_RUSSIA),
        ("a@gmx.de", ProviderKind.OTHER_PUBLIC),
        ("a@hanna-kavalova.org", ProviderKind.OTHER),
    ],
)
def test_the_kind_of_a_provider_is_one_of_a_handful(address: str, kind: ProviderKind) -> None:
    assert kind_of(email_address.parse(address)) is kind
