"""The package as Lambda runs it: every handler, with the events that AWS really sends."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import email_address
from chalicelib.people import sealed_records
from chalicelib.store import tallies
from chalicelib.store.alerts import chunks
from chalicelib.usecases.petitions import publishing
from tests import builders
from tests.event_delivery import schedule_event, sqs_event
from tests.package.runtime_api import FunctionFailed
from tests.package.stage import ADDRESS, FEEDBACK_QUEUE, NAME, PUBLIC_URL, Stage

LINK = re.compile(re.escape(PUBLIC_URL) + r"/en/confirm/(\S+)")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def ask_to_sign(stage: Stage) -> None:
    form = builders.sign_form(name=NAME, email=ADDRESS)
    answer = stage.post("/{language}/{slug}/sign", form, language="en", slug="open-door")
    assert answer["statusCode"] == 200


def confirm_from_the_mail(stage: Stage) -> None:
    link = LINK.search(stage.outbox.all()[-1].text)
    assert link, "no link in the mail"
    answer = stage.post("/{language}/confirm/{token}", {}, language="en", token=link[1])
    assert answer["statusCode"] == 200


def test_the_petition_page_is_shown_in_every_language(stage: Stage) -> None:
    pages = {
        language: stage.get("/{language}/{slug}", language=language, slug="open-door")
        for language in ("en", "be", "ru")
    }

    assert {page["statusCode"] for page in pages.values()} == {200}
    assert "Open the door" in pages["en"]["body"]
    assert "Адчыніце дзверы" in pages["be"]["body"]
    assert "Откройте дверь" in pages["ru"]["body"]


def test_a_person_signs_is_mailed_and_is_counted_once(stage: Stage) -> None:
    ask_to_sign(stage)
    assert stage.run_job("zaklik-mail", "send_mail") == 1
    assert [mail.to for mail in stage.outbox.all()] == [ADDRESS]

    confirm_from_the_mail(stage)
    event = stage.stream()
    answers = [stage.run("tally", event), stage.run("tally", event)]

    assert answers == [{"state": {}}, {"state": {}}]
    assert tallies.get(stage.services.petitions, "open-door").count == 1
    assert ADDRESS not in stage.logs()
    assert NAME not in stage.logs()


def test_an_alert_goes_out_when_it_is_due_and_its_send_event_is_noted(stage: Stage) -> None:
    now = datetime.now(UTC)
    sealed_records.add_subscription(
        stage.services,
        slug="open-door",
        language="en",
        address=email_address.parse(ADDRESS),
        asked_at=now,
    )
    update = builders.update(send_at=now - timedelta(minutes=1))
    publishing.publish_update(stage.services, update)

    stage.run("every_minute", schedule_event())
    stage.run_job("zaklik-jobs", "run_job")
    noted = stage.run_job(FEEDBACK_QUEUE, "record_feedback")

    assert [mail.to for mail in stage.outbox.all()] == [ADDRESS]
    assert noted == 1
    assert chunks.send_events(stage.services.petitions, update.id, 0) == {0}
    assert ADDRESS not in stage.logs()


def test_the_nightly_count_forgets_shards_that_have_long_been_silent(stage: Stage) -> None:
    tallies.add(
        stage.services.petitions,
        "open-door",
        differences={},
        shard="silent",
        fence=None,
        last="1",
        now=LONG_AGO,
    )

    stage.run("reconcile", schedule_event())

    assert tallies.find_fence(stage.services.petitions, "open-door", "silent") is None


def test_a_handler_that_fails_says_so_without_quoting_the_event(stage: Stage) -> None:
    with pytest.raises(FunctionFailed, match="Failed") as failed:
        stage.run("send_mail", sqs_event("zaklik-mail", f'{{"kind": "{ADDRESS}"}}'))

    assert ADDRESS not in str(failed.value)
    assert "KeyError" in stage.logs()
    assert ADDRESS not in stage.logs()
