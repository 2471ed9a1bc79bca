"""The package as Lambda runs it: every handler, with the events that AWS really sends."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.people import sealed_records
from chalicelib.store.alerts import alerts, chunk_events
from chalicelib.store.integrity import tallies
from chalicelib.usecases.petitions import publishing
from chalicelib.usecases.signatures import moderating
from chalicelib.usecases.signatures.moderating import Moderator
from tests import builders
from tests.event_delivery import schedule_event, sqs_event
from tests.package.packaged_service import (
    ADDRESS,
    FEEDBACK_QUEUE,
    NAME,
    PUBLIC_URL,
    PackagedService,
)
from tests.package.runtime_api import FunctionFailed

LINK = re.compile(re.escape(PUBLIC_URL) + r"/en/confirm/(\S+)")


def ask_to_sign(service: PackagedService) -> None:
    form = builders.sign_form(name=NAME, email=ADDRESS)
    answer = service.post("/{language}/{slug}/sign", form, language="en", slug="open-door")
    assert answer["statusCode"] == 200


def confirm_from_the_mail(service: PackagedService) -> None:
    link = LINK.search(service.outbox.all()[-1].text)
    assert link, "no link in the mail"
    answer = service.post("/{language}/confirm/{token}", {}, language="en", token=link[1])
    assert answer["statusCode"] == 200


def test_the_petition_page_is_shown_in_every_language(service: PackagedService) -> None:
    pages = {
        language: service.get("/{language}/{slug}", language=language, slug="open-door")
        for language in ("en", "be", "ru")
    }

    assert {page["statusCode"] for page in pages.values()} == {200}
    assert "Open the door" in pages["en"]["body"]
    assert "Адчыніце дзверы" in pages["be"]["body"]
    assert "Откройте дверь" in pages["ru"]["body"]


def test_a_person_signs_is_mailed_and_is_counted_once(service: PackagedService) -> None:
    ask_to_sign(service)
    assert service.run_job("zaklik-mail", "send_mail") == 1
    assert [mail.to for mail in service.outbox.all()] == [ADDRESS]

    confirm_from_the_mail(service)
    event = service.stream()
    answers = [service.run("tally", event), service.run("tally", event)]

    assert answers == [{"state": {}}, {"state": {}}]
    assert tallies.get(service.services.petitions, "open-door").count == 1
    assert ADDRESS not in service.logs()
    assert NAME not in service.logs()


def test_a_signature_is_held_once_and_no_longer_counted(service: PackagedService) -> None:
    ask_to_sign(service)
    service.run_job("zaklik-mail", "send_mail")
    confirm_from_the_mail(service)
    moderator = Moderator(services=service.services, slug="open-door")
    selected = moderator.select(SignatureFilter(), SignatureState.CONFIRMED)

    for _ in range(2):
        moderating.request_hold(service.services, selected, why="burst")
    handled = service.run_job("zaklik-changes.fifo", "change_records")
    service.run("tally", service.stream())

    assert handled == 2
    assert moderator.held().by_reason == {"“burst”": 1}
    assert tallies.get(service.services.petitions, "open-door").count == 0


def test_an_alert_goes_out_when_it_is_due_and_its_send_event_is_noted(
    service: PackagedService,
) -> None:
    now = datetime.now(UTC)
    sealed_records.add_subscription(
        service.services,
        slug="open-door",
        language="en",
        address=email_address.parse(ADDRESS),
        requested_at=now,
    )
    update = builders.update(send_at=now - timedelta(minutes=1))
    publishing.publish_update(service.services, update)

    service.run("every_minute", schedule_event())
    service.run_job("zaklik-jobs", "run_job")
    noted = service.run_job(FEEDBACK_QUEUE, "record_feedback")

    assert [mail.to for mail in service.outbox.all()] == [ADDRESS]
    # Of the mail: that it was sent, and that it arrived.
    assert noted == 2
    table = service.services.petitions
    alert_id = alerts.find_id(table, update.slug, update.name)
    assert alert_id
    assert chunk_events.find_many(table, alert_id, [0], now=now)[0].seen == {0}
    assert ADDRESS not in service.logs()


def test_the_nightly_count_leaves_a_correct_tally(service: PackagedService) -> None:
    before = tallies.get(service.services.petitions, "open-door")

    service.run("reconcile", schedule_event())

    assert tallies.get(service.services.petitions, "open-door") == before


def test_a_handler_that_fails_says_so_without_quoting_the_event(service: PackagedService) -> None:
    with pytest.raises(FunctionFailed, match="Failed") as failed:
        service.run("send_mail", sqs_event("zaklik-mail", f'{{"kind": "{ADDRESS}"}}'))

    assert ADDRESS not in str(failed.value)
    assert "KeyError" in service.logs()
    assert ADDRESS not in service.logs()
