"""Of the forms that came: how many were mailed, came back, and became signatures."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.provider_kinds import ProviderKind, kind_of
from chalicelib.domain.petitions import funnel
from chalicelib.domain.petitions.funnel import Funnel, Stage
from chalicelib.routes.events import ses_feedback
from chalicelib.store import keys
from chalicelib.store.petitions import funnels
from chalicelib.store.petitions.funnels import UnflushedFigures
from chalicelib.usecases.alerts import starting
from tests import builders
from tests.event_delivery import sqs_event
from tests.faults import AwsCalls, Fault, intercepted, recorded
from tests.world import World

TODAY = builders.NOW.date()


def of(world: World) -> Funnel:
    items = world.services.petitions.items_of(keys.figures("open-door"), prefix=keys.FUNNEL)
    return funnel.of_days(map(funnels.from_item, items))


def report(
    world: World, provider: str = "google", mail: str = "confirm_signature", **event: str
) -> Any:
    """Let SES report an event about a mail of the petition; what the function answers."""
    tags = {"mail": [mail], "petition": ["open-door"], "provider": [provider]}
    body = json.dumps({"tags": tags, **event})
    return world.invoke(ses_feedback.record_feedback, sqs_event("zaklik-feedback", body))


BOUNCE = {
    "kind": "Bounce",
    "type": "Permanent",
    "subtype": "General",
    "message": "m1",
    "time": "2026-01-31T10:00:00Z",
}


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
    world: World, fault: Fault
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


def count_one(unflushed: UnflushedFigures, now: datetime) -> int:
    """Count a confirmation; how many are then written."""
    unflushed.add("open-door", ["confirmed#google"], now)
    taken = unflushed.take(now)
    return taken[1]["confirmed#google"] if taken else 0


def test_confirmations_some_seconds_apart_are_each_written_at_once() -> None:
    unflushed = UnflushedFigures()
    moments = [builders.NOW + number * funnels.WRITE_EVERY for number in range(5)]

    assert [count_one(unflushed, moment) for moment in moments] == [1] * 5


def test_many_confirmations_of_a_process_are_one_write_in_three_seconds() -> None:
    unflushed = UnflushedFigures()
    moments = [builders.NOW + timedelta(milliseconds=100 * number) for number in range(61)]

    written = [count_one(unflushed, moment) for moment in moments]

    assert [count for count in written if count] == [1, 30, 30]


def test_one_confirmation_writes_the_figures_of_one_petition_and_day() -> None:
    unflushed = UnflushedFigures()
    for slug in ("open-door", "shut-door"):
        unflushed.add(slug, ["confirmed#google"], builders.NOW)
    later = builders.NOW + funnels.WRITE_EVERY

    taken = [unflushed.take(moment) for moment in (builders.NOW, builders.NOW, later)]

    places = [entry[0][0] if entry else "" for entry in taken]
    assert places == ["open-door", "", "shut-door"]


def test_threads_of_a_process_write_each_confirmation_once() -> None:
    unflushed = UnflushedFigures()

    def count_at(number: int) -> int:
        return count_one(unflushed, builders.NOW + number * funnels.WRITE_EVERY)

    with ThreadPoolExecutor(8) as pool:
        written = sum(pool.map(count_at, range(200)))

    last = unflushed.take(builders.NOW + timedelta(days=1))
    assert written + (last[1]["confirmed#google"] if last else 0) == 200


def test_a_write_of_figures_that_stands_still_is_given_up_within_a_second(world: World) -> None:
    table = world.services.petitions_single_attempt
    options: Any = table.client.meta.config
    attempts: list[str] = []

    def fail(request: AWSPreparedRequest, **_: object) -> None:
        attempts.append(request.url)
        raise ReadTimeoutError(endpoint_url=request.url)

    with (
        intercepted(table.client, "before-send.dynamodb.UpdateItem", fail),
        pytest.raises(Unavailable),
    ):
        funnels.add(table, "open-door", TODAY, {"confirmed#google": 1}, now=builders.NOW)

    assert len(attempts) == 1
    assert options.connect_timeout + options.read_timeout <= 1


def test_a_mail_that_came_back_is_counted_under_its_kind(world: World) -> None:
    report(world, "microsoft", **BOUNCE)
    report(world, "microsoft", mail="welcome", **BOUNCE)

    assert of(world).by_kind == {
        ProviderKind.MICROSOFT: {**dict.fromkeys(Stage, 0), Stage.BOUNCED: 1}
    }


def test_a_complaint_is_counted_whatever_mail_of_the_petition_it_is_about(world: World) -> None:
    for mail in ("confirm_signature", "welcome"):
        report(world, "yahoo", mail, kind="Complaint")

    assert of(world).complaints == {ProviderKind.YAHOO: 2}
    assert of(world).by_kind == {}


def test_a_complaint_about_news_is_counted_by_the_tags_of_its_mail(world: World) -> None:
    world.sign_and_confirm(email="hanna@yahoo.com", alerts="yes")
    sent: list[Any] = []
    with intercepted(
        world.services.ses,
        "provide-client-params.sesv2.SendBulkEmail",
        lambda params, **_: sent.extend(params["BulkEmailEntries"]),
    ):
        starting.start_update(world.services, world.publish_update().id)
        world.deliver_all()
    tags = {"alert": [world.alert_id()], "chunk": ["0"]}
    tags |= {tag["Name"]: [tag["Value"]] for tag in sent[0]["ReplacementTags"]}
    body = json.dumps({"kind": "Complaint", "tags": tags})

    world.invoke(ses_feedback.record_feedback, sqs_event("zaklik-feedback", body))

    assert of(world).complaints == {ProviderKind.YAHOO: 1}


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.ANSWER_LOST])
def test_a_complaint_that_cannot_be_counted_still_ends_the_mails(
    world: World, fault: Fault
) -> None:
    calls = AwsCalls()
    with recorded(calls):
        report(world, kind="Complaint")
    last = len(calls.made) - 1

    with recorded(AwsCalls(at=last, fault=fault)):
        answer = report(world, kind="Complaint")

    assert answer == {"batchItemFailures": []}


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
