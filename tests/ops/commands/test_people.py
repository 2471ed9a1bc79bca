"""Data-protection requests: shown, erased, unblocked, with a receipt that names nobody."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.suppression import HOLD_PERIOD, SuppressionReason
from chalicelib.mail.jobs import DeleteSuppression
from chalicelib.people import blind_indexes
from chalicelib.routes.events import queues
from chalicelib.store import suppressions
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.signatures import data_requests
from ops.commands import queued_changes
from ops.deploy import account
from tests import builders
from tests.event_delivery import sqs_event
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

ADDRESS = "hanna@example.org"
TYPED = f"{ADDRESS}\n"


@pytest.fixture
def known(operator: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A service on which somebody has signed with news, under one of two petitions."""
    operator.publish(builders.petition(slug="window"))
    operator.sign_and_confirm(country="PL", alerts="yes")
    monkeypatch.setattr(account, "sleep", lambda seconds: operator.deliver_messages())
    return operator


def test_what_is_kept_is_shown_without_being_changed(known: World) -> None:
    before = known.stored_items("signatures"), known.stored_items("subscribers")

    shown = zaklik("person", "show", typed=TYPED)

    assert shown.exit_code == 0
    title = "“Open the door” (open-door)"
    assert f"{title}: a signature, confirmed since 2026-03-08 (UTC)\n" in shown.stdout
    assert (
        f"{title}: news by mail, active since 2026-03-08 (UTC), language en, each" in shown.stdout
    )
    assert "window" not in shown.stdout
    assert ADDRESS not in shown.stdout
    assert (known.stored_items("signatures"), known.stored_items("subscribers")) == before


def test_an_unknown_address_is_said_to_be_unknown(known: World) -> None:
    shown = zaklik("person", "show", typed="nobody@example.org\n")
    erased = zaklik("person", "erase", typed="nobody@example.org\n")

    assert shown.exit_code == erased.exit_code == 0
    assert "No signature, no news and no block is kept" in " ".join(shown.stdout.split())
    assert "deleted" not in erased.stdout


def test_erasing_leaves_nothing_sealed_and_the_count_falls(known: World) -> None:
    erased = zaklik("person", "erase", typed=f"{TYPED}y\n")
    known.deliver_all()

    left = known.stored_items("signatures") + known.stored_items("subscribers")
    assert erased.exit_code == 0
    assert "It is deleted." in erased.stdout
    assert known.count() == 0
    assert sorted(item["state"] for item in left) == ["unsubscribed", "withdrawn"]
    assert "sealed" not in str(left)


def test_erasing_asks_first_and_no_means_no(known: World) -> None:
    stopped = zaklik("person", "erase", typed=f"{TYPED}n\n")

    assert stopped.exit_code != 0
    assert len(known.unsealed()) == 1


def test_erasing_twice_changes_nothing_more(known: World) -> None:
    # Commands have the time of this machine; by then the tombstones would have expired.
    known.clock.moment = datetime.now(UTC)
    zaklik("person", "erase", "--yes", typed=TYPED)
    left = known.stored_items("signatures"), known.stored_items("subscribers")

    again = zaklik("person", "erase", "--yes", typed=TYPED)

    assert again.exit_code == 0
    assert "withdrawn since" in again.stdout
    assert (known.stored_items("signatures"), known.stored_items("subscribers")) == left


def test_an_address_is_mailed_again_after_it_was_unblocked(known: World) -> None:
    known.post(known.link_to("block"), {})
    blocked = zaklik("person", "show", typed=TYPED)
    before = len(known.mails())

    unblocked = zaklik("person", "unblock", typed=TYPED)
    known.sign()
    known.deliver_all()

    assert "never mailed" in blocked.stdout
    assert unblocked.exit_code == 0
    assert len(known.mails()) == before + 1


def test_a_receipt_says_all_but_who(known: World, tmp_path: Path) -> None:
    path = tmp_path / "request-17"

    zaklik("person", "erase", "--yes", "--receipt", path, typed=TYPED)

    values = json.loads((tmp_path / "request-17.json").read_text("utf-8"))
    text = (tmp_path / "request-17.txt").read_text("utf-8")
    assert values["format"] == "zaklik-receipt/1"
    assert values["asked"] == "erase"
    assert values["petitions_looked_at"] == 2
    [entry] = values["found"]
    assert entry["petition"] == "open-door"
    assert entry["signature"] == {"state": "confirmed", "since": "2026-03-08"}
    assert entry["news"]["state"] == "active"
    assert values["done"] == [
        "The signature under open-door was deleted.",
        "News by mail of open-door was ended, the address deleted.",
    ]
    assert "35 days" in text
    assert "Exports that organisers have downloaded" in " ".join(text.split())
    assert all(len(line) <= 78 for line in text.splitlines())
    assert "hanna" not in text + str(values)
    assert "example.org" not in text + str(values)


def test_what_is_still_queued_is_not_said_to_be_done(
    known: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queued_changes, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(account, "sleep", lambda seconds: None)

    erased = zaklik("person", "erase", "--yes", "--receipt", tmp_path / "request-17", typed=TYPED)

    values = json.loads((tmp_path / "request-17.json").read_text("utf-8"))
    assert erased.exit_code == 0
    assert "It is queued, and not done yet." in erased.stdout
    assert "It is deleted." not in erased.stdout
    assert all(line.startswith("Queued, and not done at that time") for line in values["done"])
    assert len(known.unsealed()) == 1
    known.deliver_all()
    assert known.unsealed() == []


def test_an_erasure_that_is_delivered_late_spares_what_the_person_did_since(known: World) -> None:
    known.clock.advance(days=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queued_changes, "WAIT_SECONDS", 0.0)
        zaklik("person", "erase", "--yes", typed=TYPED)
    url = known.services.settings.change_queue_url
    late = known.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    known.withdraw()
    known.clock.advance(hours=1)
    known.sign_and_confirm(alerts="yes")
    before = known.stored_items("signatures"), known.stored_items("subscribers")

    for message in late * 2:
        known.invoke(queues.change_records, sqs_event("zaklik-changes.fifo", message["Body"]))

    assert len(late) == 2
    assert (known.stored_items("signatures"), known.stored_items("subscribers")) == before
    assert len(known.unsealed()) == 1


def test_an_unblocking_that_is_delivered_late_keeps_a_new_block(known: World) -> None:
    block_link = known.link_to("block")
    known.post(block_link, {})
    zaklik("person", "unblock", typed=TYPED)
    day = datetime(2026, 3, 8, tzinfo=UTC).date()
    (late,) = [
        DeleteSuppression(index=index, reason=SuppressionReason.OWNER, since=day)
        for index in blind_indexes.suppression_indexes(known.services, email_address.parse(ADDRESS))
    ]
    known.clock.advance(days=1)
    known.post(block_link, {})

    data_requests.answer(known.services, late)

    assert "never mailed" in zaklik("person", "show", typed=TYPED).stdout


def test_each_message_holds_one_record_and_no_address(known: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queued_changes, "WAIT_SECONDS", 0.0)
        zaklik("person", "erase", "--yes", typed=TYPED)
    url = known.services.settings.change_queue_url
    messages = known.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    bodies = [message["Body"] for message in messages]
    indexes = [
        item["sk"] for item in known.stored_items("signatures") + known.stored_items("subscribers")
    ]

    assert [[index in body for body in bodies].count(True) for index in indexes] == [1, 1]
    assert not [body for body in bodies if "hanna" in body or "example.org" in body]


def test_a_receipt_replaces_no_other(known: World, tmp_path: Path) -> None:
    (tmp_path / "receipt.txt").write_text("an older one", "utf-8")

    result = zaklik("person", "erase", "--yes", "--receipt", tmp_path / "receipt", typed=TYPED)

    assert "receipts are kept" in refused(result)
    assert len(known.unsealed()) == 1


def test_an_address_may_come_from_standard_input_or_be_typed_at_a_price(known: World) -> None:
    piped = zaklik("person", "show", "-", typed=TYPED)
    typed = zaklik("person", "show", ADDRESS)

    assert "a signature, confirmed" in piped.stdout
    assert "a signature, confirmed" in typed.stdout
    assert "history" not in piped.output
    assert "history" in typed.output


def test_what_is_no_address_is_refused(known: World) -> None:
    result = zaklik("person", "show", "-", typed="hanna at example\n")

    assert "does not look like an email address" in refused(result)


def test_who_has_written_to_the_mailbox_for_leaving_gets_no_more_news(known: World) -> None:
    known.environment["ZAKLIK_UNSUBSCRIBE_MAILBOX"] = "leave@zaklik.example"
    known.restart()
    known.publish_update()
    starting.start_update(known.services, "open-door/first-news")
    known.deliver_all()
    header = known.mails()[-1].headers["List-Unsubscribe"]
    (subject,) = parse_qs(urlsplit(header.split("<")[2].rstrip(">")).query)["subject"]

    # Once with quotes around the subject, and once without.
    ended = zaklik("person", "unsubscribe", subject)
    again = zaklik("person", "unsubscribe", *subject.split())

    assert subject.startswith("unsubscribe ")
    assert ended.exit_code == again.exit_code == 0, ended.output
    assert "The sender gets no more news of “open-door”." in ended.stdout
    assert [item["state"] for item in known.subscriptions()] == ["unsubscribed"]


@pytest.mark.parametrize("subject", ["unsubscribe", "Re: hello", "unsubscribe Ab0", " "])
def test_any_other_subject_ends_no_news(known: World, subject: str) -> None:
    assert "copy the whole subject" in refused(zaklik("person", "unsubscribe", subject))
    assert [item["state"] for item in known.subscriptions()] == ["active"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (SuppressionReason.OWNER, "its reader asked for that"),
        (SuppressionReason.COMPLAINT, "reported a mail from here as unwanted"),
        (SuppressionReason.HARD_BOUNCE, "there is no such mailbox"),
    ],
)
def test_a_suppression_is_shown_with_its_reason_and_lifted(
    known: World, tmp_path: Path, reason: SuppressionReason, said: str
) -> None:
    index = blind_indexes.suppression_index(known.services, email_address.parse(ADDRESS))
    suppressions.add(known.services.subscribers, index, reason, now=known.clock.now())

    shown = zaklik("person", "show", "--receipt", tmp_path / "r", typed=TYPED)
    lifted = zaklik("person", "unblock", typed=TYPED)

    values = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert said in shown.stdout
    assert "since 2026-03-08 (UTC)" in shown.stdout
    assert values["suppression"] == {"reason": reason, "since": "2026-03-08"}
    assert "The address may be mailed again." in lifted.stdout
    assert "never mailed" not in zaklik("person", "show", typed=TYPED).stdout


def test_a_hold_is_shown_with_its_end_and_lifted(known: World) -> None:
    # Commands have the time of this machine.
    now = datetime.now(UTC)
    index = blind_indexes.suppression_index(known.services, email_address.parse(ADDRESS))
    for mail in "abc":
        suppressions.add_soft_bounce(
            known.services.subscribers, index, mail, bounced_on=now.date(), now=now
        )

    shown = zaklik("person", "show", typed=TYPED).stdout
    zaklik("person", "unblock", typed=TYPED)

    assert f"gets no news, of any petition, before {now.date() + HOLD_PERIOD} (UTC)" in shown
    assert "gets no news" not in zaklik("person", "show", typed=TYPED).stdout
