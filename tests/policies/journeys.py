"""Journeys that together reach every line with an AWS call, as `test_least_privilege.py` checks.

Each journey leaves no work behind.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from chalicelib.crypto import tokens
from chalicelib.domain.alerts import pilot
from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import ZonedMoment
from chalicelib.domain.integrity.tally import Fence, sequence
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes
from chalicelib.protection import rate_limits
from chalicelib.rendering import assets, urls
from chalicelib.routes.events import queues, streams
from chalicelib.store import keys, preferences, subscribers
from chalicelib.store.integrity import tallies
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import (
    approving,
    controlling,
    resealing,
    retrying,
    starting,
    timing,
    verifying,
)
from chalicelib.usecases.alerts.approving import ApprovalNeeded
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.subscriptions import counting as counting_subscribers
from ops.deploy.stack import WEB_FUNCTION as WEB_FUNCTION_OUTPUT
from ops.local import moto_internals
from ops.local.aws import REGION
from ops.local.event_sources import FEEDBACK_QUEUE
from ops.local.resources import STACK_NAME
from ops.secrets import rotation
from tests import builders, desk_accounts
from tests.desk_client import DeskClient
from tests.event_delivery import sqs_event, stream_event
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.ops import folders
from tests.ops.pseudo_terminal import delivered_meanwhile, zaklik
from tests.policies.documents import WEB_FUNCTION
from tests.policies.recording import RecordedWorld
from tests.proving import easy_proof

UPDATE_ID = "open-door/first-news"
_BULK_SEND = "sesv2.SendBulkEmail"
_SEND = "sesv2.SendEmail"
_ORGANISER = "anna@door-watch.org"
_MOMENT = "2026-03-08T12:00:00Z"


def reading(world: RecordedWorld) -> None:
    """Every page, with one petition and with none of that name."""
    world.publish_update()
    world.amend()
    for path in (
        "/",
        "/en",
        "/en/privacy",
        "/en/open-door",
        "/en/open-door/updates/first-news",
        "/en/open-door/amendments/1",
        "/en/open-door/feed.atom",
        "/en/open-door/feed.json",
        "/en/open-door/share",
        "/en/open-door/poster",
        "/en/open-door/card.jpg",
        "/en/open-door/card.png",
        urls.picture("open-door", builders.PICTURE.file_name),
        assets.static("page.js"),
        "/embed/open-door",
        "/embed/open-door/be",
        "/api/petitions/open-door",
        "/api/petitions/open-door/count",
        urls.SECURITY_TXT,
        "/en/shut-door",
        "/en/open-door/updates/no-news",
        "/en/open-door/sign",
        "/en/open-door/code",
        "/en/open-door/again",
        "/en/confirm/AAAA/again",
        "/en/confirm-alerts/AAAA/again",
    ):
        world.get(path)


def signing(world: RecordedWorld) -> None:
    """Signing by link, twice; by code; with a mistake; after signing; after withdrawing."""
    world.sign(name="")
    world.sign(alerts="yes")
    world.deliver_all()
    old_link = world.link()
    world.get(old_link)
    world.post(old_link, {})
    world.post(old_link, {})
    world.sign()
    page = world.sign(email="code@example.org", alerts="yes").body.decode()
    world.deliver_all()
    pending = re.search(r'name="pending" value="([^"]+)"', page)
    code = re.search(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", world.mails()[-1].text, re.MULTILINE)
    assert pending
    assert code
    for typed in ("AAAA AAAB", code[1]):
        world.post("/en/open-door/code", {"pending": pending[1], "code": typed})
    _withdraw(world, "hanna@example.org")
    world.post(old_link, {})
    world.deliver_all()


def _withdraw(world: RecordedWorld, address: str) -> None:
    world.get("/en/open-door/manage")
    link = world.ask_for_own_page(address)
    for _ in range(2):
        world.get(link)
        world.post(link, {"do": "withdraw", "news": "stop"})


def withdrawing(world: RecordedWorld) -> None:
    """Withdrawing with a signature, and with a subscription only."""
    world.sign_and_confirm(email="signed@example.org")
    _withdraw(world, "signed@example.org")
    _subscribe(world, "news@example.org")
    _withdraw(world, "news@example.org")


def changing_and_blocking(world: RecordedWorld) -> None:
    """Changed alerts, a corrected signature, deleted data; mails sent again; a blocked address."""
    world.sign_and_confirm(email="chooser@example.org", alerts="yes")
    link = world.ask_for_own_page("chooser@example.org")
    world.post(link, {"do": "change", "language": "be", "frequency": "weekly"})
    for country in ("LT", ""):
        world.post(link, {"do": "correct", "name": "Hanna", "country": country})
    world.post(link, {"do": "delete"})
    page = world.sign(email="waits@example.org").body.decode()
    pending = re.search(r'name="pending" value="([^"]+)"', page)
    assert pending
    world.post("/en/open-door/again", {"pending": pending[1]})
    world.deliver_all()
    signature = world.link()
    world.post("/en/open-door/subscribe", {"email": "waits@example.org"})
    world.deliver_all()
    news, block_link = world.link(), world.link_to("block")
    world.clock.advance(days=8)
    for expired in (signature, news):
        world.get(expired)
        world.post(f"{expired}/again", {})
    world.deliver_all()
    world.get(block_link)
    for _ in range(2):
        world.post(block_link, {})
    world.sign(email="waits@example.org")
    world.deliver_all()


def _subscribe(world: RecordedWorld, address: str) -> None:
    world.get("/en/open-door/subscribe")
    world.post("/en/open-door/subscribe", {"email": address})
    world.deliver_all()
    link = world.link()
    world.get(link)
    world.post(link, {})
    world.post(link, {})


def hitting_limits(world: RecordedWorld) -> None:
    """Too many posts of a network, too many mails to an address; a mail that is days old."""
    world.environment |= {"ZAKLIK_POSTS_PER_NETWORK": "1", "ZAKLIK_MAILS_PER_ADDRESS": "1"}
    world.clock.advance(hours=1)
    for _ in range(2):
        world.sign(email="often@example.org")
        world.clock.advance(hours=1)
        world.sign(email="often@example.org")
    # TTL deletes the key of the day before SQS deletes the mail.
    world.services.limits.delete(keys.limit_value(world.clock.now().date()))
    world.deliver_all()
    for name in ("ZAKLIK_POSTS_PER_NETWORK", "ZAKLIK_MAILS_PER_ADDRESS"):
        del world.environment[name]


def under_pressure(world: RecordedWorld) -> None:
    """Forms with a proof of work and by the slow lane; a detected flood."""
    world.environment |= {
        "ZAKLIK_PROOF_POSTS_PER_NETWORK": "1",
        "ZAKLIK_PROOF_POSTS_PER_MINUTE": "10",
    }
    world.clock.advance(hours=1)
    world.sign(email="first@example.org")
    world.sign(email="sent.back@example.org")
    # Only a warm process flushes post counts; every other start here is cold.
    world.restart()
    with world.recording.by("web"):
        for _ in range(10):
            rate_limits.count_admitted_post(world.services)
    world.sign(email="proven@example.org", proof=easy_proof(world))
    world.sign(email="patient@example.org", slow="yes")
    world.post("/en/open-door/subscribe", {"email": "patient@example.org", "slow": "yes"})
    world.get("/api/challenge")
    world.run_every_minute()
    world.get("/en/open-door")
    world.make_messages_visible()
    world.deliver_all()
    for name in ("ZAKLIK_PROOF_POSTS_PER_NETWORK", "ZAKLIK_PROOF_POSTS_PER_MINUTE"):
        del world.environment[name]
    # Proofs are required for ten minutes.
    world.clock.advance(hours=1)


def mailing_with_faults(world: RecordedWorld) -> None:
    """SES throttles, loses answers, pauses the account, reaches the daily quota; and recovers."""
    for number, fault in enumerate([Fault.THROTTLED, *[Fault.ANSWER_LOST] * 3]):
        world.sign(email=f"faults{number}@example.org")
        with recorded(AwsCalls(at=_SEND, fault=fault)):
            world.deliver_all()
    _wait(world, minutes=3)
    for enabled, quota in ((False, 1_000_000), (True, 0)):
        world.ses.enabled, world.ses.quota = enabled, quota
        world.sign(email=f"refused{quota}@example.org")
        world.deliver_all()
        world.run_every_minute()
        world.ses.enabled, world.ses.quota = True, 1_000_000
        _wait(world, minutes=16)
        world.run_every_minute()
    assert world.is_idle()


def _wait(world: RecordedWorld, *, minutes: int) -> None:
    world.clock.advance(minutes=minutes)
    world.make_messages_visible()
    world.deliver_all()


def alerting(world: RecordedWorld) -> None:
    """A scheduled alert: a doubtful chunk, a delayed chunk, lost jobs, an unsubscription."""
    for number in range(3):
        _subscribe(world, f"reader{number}@example.org")
    world.grant_mails(rate=0.5)
    world.publish_update(
        builders.update(name="late-news", send_at=world.clock.now() + timedelta(hours=1))
    )
    world.clock.advance(hours=2)
    world.run_every_minute()
    # Two readers are the pilot, and the third follows.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilot, "PILOT_RECIPIENTS", 2)
        for fault in (Fault.THROTTLED, Fault.KILLED_BEFORE, Fault.ANSWER_LOST):
            with suppress(Crash), recorded(AwsCalls(at=_BULK_SEND, fault=fault)):
                world.deliver_all()
            world.make_messages_visible()
        _lose_messages()
        for _ in range(8):
            world.clock.advance(minutes=3)
            world.run_every_minute()
            world.make_messages_visible()
            world.deliver_all()
    assert world.is_idle()
    link = next(
        match[1]
        for mail in reversed(world.mails())
        if (match := re.search(r"(/en/unsubscribe/[^\s>]+)", mail.text))
    )
    world.get(link)
    world.post(link, {})
    world.grant_mails()
    _controlling(world)
    _approving(world)


def _approving(world: RecordedWorld) -> None:
    """Two organisers decide: one asks, the other approves, and the clock sends and looks it up."""
    petition = petitions.get(world.services.petitions, "open-door")
    world.publish_signed(replace(petition, approvals=frozenset({"sending"})))
    update = world.publish_update(
        builders.update(name="approved-news", send_at=world.clock.now() + timedelta(minutes=1))
    )
    asking, other = (Actor(id=digit * 16, name="Hanna") for digit in "12")
    digest = approving.show(world.services, update.id).digest
    for _ in range(2):
        approving.withdraw(world.services, update.id)
        approving.ask(world.services, update.id, by=asking)
        approving.approve(world.services, update.id, digest, by=other)
    _pass_minutes(world)
    second = world.publish_update(builders.update(name="unapproved-news"))
    with world.recording.by("publisher"), suppress(ApprovalNeeded):
        starting.start_update(world.services, second.id)
    world.publish_signed(petition)


def _start_and_lose_a_worker(world: RecordedWorld, name: str) -> str:
    """Start an alert that was scheduled, pause and resume it, and let the worker die that sends.

    Returns its id.
    """
    update = world.publish_update(builders.update(name=name))
    later = ZonedMoment(at=world.clock.now() + timedelta(days=1), zone="UTC")
    with world.recording.by("publisher"):
        timing.set_time(world.services, update.id, later)
        timing.set_time(world.services, update.id, None)
        alert_id = starting.start_update(world.services, update.id)
        assert alert_id
        assert controlling.pause(world.services, alert_id, "a wrong link")
        assert controlling.resume(world.services, alert_id)
    with suppress(Crash), recorded(AwsCalls(at=_BULK_SEND, fault=Fault.KILLED_BEFORE)):
        world.deliver_all()
    world.clock.advance(minutes=2)
    return alert_id


def _pass_minutes(world: RecordedWorld) -> None:
    for _ in range(3):
        _wait(world, minutes=1)
        world.run_every_minute()


def _controlling(world: RecordedWorld) -> None:
    """An organiser pauses and resumes an alert, looks at it, and mails who was missed again."""
    alert_id = _start_and_lose_a_worker(world, "watched-news")
    with world.recording.by("publisher"):
        assert controlling.show(world.services, alert_id).in_doubt
        assert retrying.again_missed(world.services, alert_id)
        controlling.skip_doubtful(world.services, alert_id)
        assert controlling.list_alerts(world.services)
        assert list(controlling.missed(world.services, alert_id)) == []
    _pass_minutes(world)
    missed = _start_and_lose_a_worker(world, "missed-news")
    with world.recording.by("publisher"):
        retrying.ask_again_missed(world.services, missed)
    _pass_minutes(world)
    second = world.publish_update(builders.update(name="cancelled-news"))
    with world.recording.by("publisher"):
        cancelled = starting.start_update(world.services, second.id)
        assert cancelled
    _lose_messages_for(world, minutes=3)
    # The fan-out was queued again. Its chunk meets a fault, then the alert is paused.
    _run_first_job(world)
    with recorded(AwsCalls(at="dynamodb.BatchGetItem", fault=Fault.THROTTLED)):
        world.deliver_messages()
    with world.recording.by("publisher"):
        assert controlling.pause(world.services, cancelled)
    _wait(world, minutes=1)
    with world.recording.by("publisher"):
        assert controlling.resume(world.services, cancelled)
    _lose_messages_for(world, minutes=4)
    with world.recording.by("publisher"):
        assert controlling.cancel(world.services, cancelled)
    _pass_minutes(world)
    assert world.is_idle()


def _lose_messages_for(world: RecordedWorld, *, minutes: int) -> None:
    """Let minutes pass, each with the loss of every message that waits; but the last."""
    for _ in range(minutes):
        _lose_messages()
        world.clock.advance(minutes=1)
        world.run_every_minute()


def _run_first_job(world: RecordedWorld) -> None:
    """Run the job that has waited longest, and no other."""
    messages = moto_internals.messages_of(moto_internals.queues()["zaklik-jobs"])
    world.invoke(queues.run_job, sqs_event("zaklik-jobs", messages.pop(0).body))


def reporting(world: RecordedWorld) -> None:
    """Mails that bounce, are called spam or come back for now; every event of a chunk."""
    for mailbox in ("bounce", "complaint", "ooto"):
        world.sign(email=f"{mailbox}@simulator.amazonses.com")
    for kind in ("Send", "Delivery", "DeliveryDelay", "Complaint", "Reject", "Rendering Failure"):
        _report(world, kind=kind)
    for bounce in ("Permanent", "Transient"):
        _report(world, kind="Bounce", type=bounce, subtype="General", message="m", time=_MOMENT)
    form = {"mail": ["confirm_signature"], "petition": ["open-door"], "provider": ["google"]}
    bounced = {"type": "Permanent", "subtype": "General", "message": "m", "time": _MOMENT}
    _report(world, form, kind="Bounce", **bounced)
    world.deliver_all()
    assert world.is_idle()


_OF_CHUNK: Final = {"alert": ["0123456789abcdef"], "chunk": ["0"], "recipient": ["0"]}


def _report(world: RecordedWorld, tags: Mapping[str, list[str]] = _OF_CHUNK, **event: str) -> None:
    url = world.sqs.get_queue_url(QueueName=FEEDBACK_QUEUE)["QueueUrl"]
    world.sqs.send_message(QueueUrl=url, MessageBody=json.dumps({**event, "tags": tags}))


def digesting(world: RecordedWorld) -> None:
    """A weekly subscriber who has come back, an update that waits, a cancelled one, Mondays."""
    _subscribe(world, "weekly@example.org")
    link = world.ask_for_own_page("weekly@example.org")
    world.post(link, {"do": "stop"})
    world.clock.advance(seconds=1)
    _subscribe(world, "weekly@example.org")
    preferences.save(
        world.services.subscribers,
        world.services.petitions,
        "open-door",
        blind_indexes.subscriber_index(
            world.services, "open-door", email_address.parse("weekly@example.org")
        ),
        language="en",
        frequency=Frequency.WEEKLY,
    )
    petition = petitions.get(world.services.petitions, "open-door")
    world.publish_update(builders.update(name="weekly-news", send_at=world.clock.now()))
    for _ in range(3):
        world.run_every_minute()
        world.deliver_all()
        world.clock.advance(days=7)
        # The digest tells what was approved, where that is required.
        world.publish_signed(replace(petition, approvals=frozenset({"sending"})))
    world.publish_signed(petition)
    world.publish_update(builders.update(name="wrong-news", send_at=world.clock.now()))
    world.run_every_minute()
    controlling.cancel(world.services, world.alert_id("open-door/wrong-news"))
    for _ in range(2):
        world.deliver_all()
        world.clock.advance(days=7)
        world.run_every_minute()
    assert world.is_idle()
    assert "weekly-news" in world.mails("weekly@example.org")[-1].text


def passing_milestones(world: RecordedWorld) -> None:
    """A count without a goal, then a goal; the last week of the petition."""
    last_day = (world.clock.now() + timedelta(days=6)).date()
    current = petitions.get(world.services.petitions, "open-door")
    wanted = replace(current, goals=(50, 100), closes_on=last_day, milestones=tuple(Milestone))
    world.publish_signed(wanted)
    for count in (20, 60):
        world.raise_tally(without_country=count)
        world.set_figures()
        world.run_every_minute()
        world.deliver_all()
    world.run_every_minute()
    assert world.is_idle()
    assert updates.find(world.services.petitions, "open-door", "goal-50")


def changing_keys(world: RecordedWorld) -> None:
    """The operator changes the mailer's key; jobs seal addresses anew, a page each."""
    _subscribe(world, "sealed.anew@example.org")
    desk_accounts.add(world, "Hanna")
    rotation.rotate(world.services, "mailer")
    world.clock.advance(minutes=40)
    before = subscribers.count_by_key(world.services.subscribers, "open-door")
    resealing.start(world.services)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resealing, "_SUBSCRIBERS_PER_JOB", 1)
        world.deliver_all()
    after = subscribers.count_by_key(world.services.subscribers, "open-door")
    assert after.total() == before.total()
    assert after.keys().isdisjoint(before)


def _lose_messages() -> None:
    """Delete all messages of the job queue."""
    moto_internals.messages_of(moto_internals.queues()["zaklik-jobs"]).clear()


def counting(world: RecordedWorld) -> None:
    """A redelivered batch; wrong counts that are repaired at night; an old shard; damage."""
    world.sign_and_confirm(email="counted@example.org")
    world.invoke(streams.tally, stream_event(world.stream_records()))
    tally = tallies.get(world.services.petitions, "open-door")
    tallies.repair(world.services.petitions, tally, count=41, countries={"PL": 41})
    tallies.add(
        world.services.petitions,
        "open-door",
        differences={},
        shard="closed",
        moved=Fence(sequence=sequence("1"), counted_at=world.clock.now() - timedelta(days=30)),
        seen={},
    )
    world.services.petitions.update(
        keys.signature_figures("open-door"),
        "ADD #held :one",
        names={"#held": "reason#by-hand"},
        values={":one": 1},
    )
    _damage_tally(world)
    world.sign_and_confirm(email="late@example.org")
    _damage_tally(world)
    world.restart()
    # As the function does, but without its wait of a minute.
    with world.recording.by("reconcile"):
        assert tallying.reconcile(world.services, settling_seconds=0)
        counting_subscribers.every_night(world.services)


def watching(world: RecordedWorld) -> None:
    """At the desk: the overview, switches, an alert that pauses, a hold that is taken back."""
    world.sign_and_confirm(email="watched@example.org", alerts="yes")
    world.publish_update(builders.update(name="switched-news"))
    with world.recording.by("publisher"):
        assert starting.start_update(world.services, "open-door/switched-news")
    steward, page = DeskClient.signed_in(world), "/desk/petitions/open-door"
    for on in ("off", "on"):
        for name in ("signing", "mails", "alerts", "count", "proof"):
            thrown = {"name": name, "to": on}
            world.at_desk(f"{page}/switches/throw", client=steward, fields=thrown)
        world.at_desk(page, client=steward)
    notice = {"notice-en": "We move.", "notice-be": "Пераязджаем.", "notice-ru": "Переезжаем."}
    for fields in (notice, dict.fromkeys(notice, "")):
        world.at_desk(f"{page}/switches/notice", client=steward, fields=fields)
    world.at_desk(f"{page}/switches", client=steward)
    world.at_desk(f"{page}/held", client=steward)
    form = {"move": "hold", "why": "a burst", "from": "2020-01-01"}
    for what in ("carry-out", "undo", "stop"):
        path = world.at_desk(f"{page}/held/look", client=steward, fields=form).header("Location")
        if what != "stop":
            world.deliver_all()
        world.at_desk(path, client=steward)
        world.at_desk(f"{path}/{what}", client=steward, fields={"do": what})
        world.at_desk(f"{path}/go-on", client=steward, fields={"do": what})
        world.deliver_all()
    world.make_messages_visible()
    for _ in range(3):
        world.deliver_all()
        world.run_every_minute()


def _damage_tally(world: RecordedWorld) -> None:
    world.services.petitions.update(
        keys.tally("open-door"), "SET country = :text", values={":text": "PL"}
    )


def closing(world: RecordedWorld) -> None:
    """A closed petition, and a link of a time when it was open."""
    day = world.clock.now().date()
    world.publish(builders.petition(slug="shut-door"))
    world.post("/en/shut-door/sign", builders.sign_form())
    world.deliver_all()
    world.publish(builders.petition(slug="shut-door", closes_on=day - timedelta(days=1)))
    world.get(world.link_to("confirm"))
    for path in ("/", "/en", "/en/shut-door"):
        world.get(path)
    world.post("/en/shut-door/sign", builders.sign_form())


def deploying(world: RecordedWorld, folder: Path) -> None:
    """The parts of a deployment that commands read: deploy.toml and a stack."""
    text = f'region = "{REGION}"\nsender = "{world.services.settings.sender}"\n'
    (folder / "deploy.toml").write_text(text)
    trust = {"Version": "2012-10-17", "Statement": list[Any]()}
    role = {"AssumeRolePolicyDocument": trust}
    function = {
        "FunctionName": f"{STACK_NAME}-{WEB_FUNCTION}",
        "Runtime": "python3.11",
        "Handler": "app.app",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "app = None"},
        "Environment": {"Variables": world.environment},
    }
    template = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": role},
            WEB_FUNCTION: {"Type": "AWS::Lambda::Function", "Properties": function},
        },
        "Outputs": {WEB_FUNCTION_OUTPUT: {"Value": {"Ref": WEB_FUNCTION}}},
    }
    boto3.client("cloudformation").create_stack(
        StackName=STACK_NAME, TemplateBody=json.dumps(template)
    )


def organising(world: RecordedWorld, folder: Path) -> None:
    """Amending a petition, changing its picture; an update twice, a test of it, and sending it."""
    at = datetime.now(UTC) + timedelta(days=365)
    path = folders.update(folder)
    petition, toml = path.parents[1], path / "update.toml"
    with world.recording.by("publisher"):
        _run("petition", "publish", petition, "--amend", "There are two doors.")
        picture = folders.add_picture(petition)
        _run("petition", "publish", petition)
        _run("petition", "publish", petition)
        picture.write_bytes(builders.DRAWING.replace(b"gold", b"snow"))
        _run("petition", "publish", petition)
        for moment in (at, at + timedelta(days=1)):
            toml.write_text(f"{folders.UPDATE_TOML}send_at = {moment:%Y-%m-%dT%H:%M:%SZ}\n")
            _run("update", "publish", path)
        toml.write_text(folders.UPDATE_TOML)
        _run("update", "publish", path)
        _run("petition", "draft", petition)
        _run("petition", "fetch", "open-door", "--draft", folder / "fetched")
        _run("petition", "guard", "open-door", "--hours", "1")
        _run("petition", "guard", "open-door", "--off")
        _run("update", "preview", UPDATE_ID, "--out", folder / "preview")
    _verify_address(world)
    with world.recording.by("publisher"):
        _run("update", "test", UPDATE_ID, "--to", _ORGANISER, "--language", "be")
    with recorded(AwsCalls(at=_BULK_SEND, fault=Fault.THROTTLED)):
        world.deliver_all()
    world.make_messages_visible()
    world.deliver_all()
    with world.recording.by("publisher"):
        _run("update", "status", UPDATE_ID)
        _run("update", "send", UPDATE_ID, "--yes")
        _run("update", "send", UPDATE_ID)
        _run("alert", "pause", UPDATE_ID)
        _run("alert", "resume", UPDATE_ID)
    _switch(world)
    _lose_an_answer(world)
    with world.recording.by("publisher"):
        _run("update", "status", UPDATE_ID)
        _run("alert", "again", UPDATE_ID, "--missed", "--yes")
        _run("alert", "skip", UPDATE_ID, "--doubtful", "--yes")
    world.deliver_all()
    world.publish_update(builders.update(name="second-news"))
    world.publish_update(builders.update(name="scheduled-news", send_at=at))
    with world.recording.by("publisher"):
        _run("alert", "list")
        _run("alert", "list", "open-door")
        _run("alert", "who", UPDATE_ID)
        _run("update", "send", "open-door/second-news", "--yes")
        _run("alert", "cancel", "open-door/second-news", "--yes")
    for _ in range(3):
        world.deliver_all()
        world.run_every_minute()


def _switch(world: RecordedWorld) -> None:
    """Switches by command, while an alert is open, and a notice."""
    with world.recording.by("publisher"):
        _run("switch", "off", "alerts", "open-door")
        _run("switch", "on", "alerts", "--all")
        _run("switch", "notice", "open-door", "en=We move.")
        _run("switch", "notice", "open-door")
        _run("switch", "list")


def _lose_an_answer(world: RecordedWorld) -> None:
    """Let a worker die after SES has taken a chunk, and lose what SES reports of it."""
    with recorded(AwsCalls(at=_BULK_SEND, fault=Fault.KILLED_AFTER)), pytest.raises(Crash):
        world.deliver_all()
    moto_internals.messages_of(moto_internals.queues()[FEEDBACK_QUEUE]).clear()


def _verify_address(world: RecordedWorld) -> None:
    """Let the operator show that an address reads its mail."""
    address = email_address.parse(_ORGANISER)
    moment, world.clock.moment = world.clock.moment, datetime.now(UTC)
    pending = verifying.mail_code(world.services, "open-door", "en", address)
    code = tokens.code_for(world.services.secrets.token_keys, pending)
    assert verifying.verify(world.services, pending, code, address)
    # Commands go by the clock of this machine.
    world.clock.moment = moment


def answering_requests(world: RecordedWorld) -> None:
    """Data requests: showing, erasing and unblocking an address."""
    world.sign_and_confirm(email="asks@example.org", alerts="yes")
    block_link = world.link_to("block")
    with delivered_meanwhile(world):
        _answer(world, "show")
        _answer(world, "erase", "--yes")
        world.post(block_link, {})
        _answer(world, "unblock")


def _answer(world: RecordedWorld, *words: str) -> None:
    with world.recording.by("privacy"):
        result = zaklik("person", *words, typed="asks@example.org\n")
    assert result.exit_code == 0, result.output


def exporting(world: RecordedWorld, folder: Path) -> None:
    """Exporting the signatures."""
    with delivered_meanwhile(world), world.recording.by("exporter"):
        _run("export", "open-door", "--out", folder / "signatures.zaklik")


def moderating(world: RecordedWorld, folder: Path) -> None:
    """The status of the petition and its report; holding and releasing signatures."""
    petition = petitions.get(world.services.petitions, "open-door")
    world.publish_signed(replace(petition, approvals=frozenset({"sending"})))
    # The command has a clock of its own.
    at = datetime.now(UTC) + timedelta(days=1)
    world.publish_update(builders.update(name="awaited-news", send_at=at))
    with world.recording.by("moderator"):
        _run("petition", "status", "open-door")
    world.publish_signed(petition)
    with delivered_meanwhile(world), world.recording.by("moderator"):
        _run("hand-in", "open-door", "--out", folder / "report.pdf")
        _run("signature", "hold", "open-door", "--country", "PL", "--why", "burst", "--yes")
        _run("signature", "held", "open-door")
        _run("signature", "release", "open-door", "--yes")
    world.deliver_all()


def _run(*words: str | Path) -> None:
    result = zaklik(*words)
    assert result.exit_code == 0, result.output
