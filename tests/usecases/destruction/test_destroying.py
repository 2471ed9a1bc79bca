"""Destroying what is kept of a petition's people: nothing can tell afterwards who signed."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from chalicelib.crypto import attestation, sealing, tokens, unsealing
from chalicelib.crypto.sealing import SIGNATURE, SUBSCRIBER
from chalicelib.crypto.tokens import Purpose
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.organisers.approval import ApprovalKind
from chalicelib.domain.organisers.jobs import Job, JobKind, JobState
from chalicelib.domain.organisers.trail import Act
from chalicelib.people import blind_indexes, links
from chalicelib.rendering import urls
from chalicelib.store import keys
from chalicelib.store.dynamodb import partitions
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity import tallies
from chalicelib.store.organisers import approvals, export_links, jobs, key_files, trail
from chalicelib.store.organisers.export_links import ExportLink
from chalicelib.usecases.destruction import asking, certifying, destroying
from chalicelib.usecases.destruction.asking import NotAllowedYet
from chalicelib.usecases.exports import ordering
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.petitions import drafting, update_drafting
from chalicelib.usecases.signatures import data_requests
from ops.local import moto_internals
from tests import builders
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.world import TABLES, World

SLUG = "open-door"
OTHER = "other-door"
MARKED = "marked@example.org"
CALLS = (
    *("dynamodb.PutItem", "dynamodb.UpdateItem", "dynamodb.TransactWriteItems", "dynamodb.Query"),
    *("sqs.SendMessage", "s3.DeleteObject"),
)


@pytest.fixture(scope="module")
def ended(shared_world: World) -> Callable[[], None]:
    """A function that brings back a petition that has ended, with people, a list and another one.

    One confirmation link is outstanding.
    """
    world = shared_world
    world.reset()
    world.publish(builders.petition(closes_on=date(2026, 3, 8)))
    world.publish(builders.petition(slug=OTHER))
    for email in (MARKED, "second@example.org"):
        world.sign_and_confirm(email=email, alerts="yes")
    world.post(f"/en/{OTHER}/sign", builders.sign_form(email=MARKED))
    world.deliver_all()
    world.post(world.link(), {})
    world.deliver_all()
    world.run_export()
    world.sign(email="late@example.org")
    world.deliver_all()
    keep_at_desk(world, SLUG)
    keep_at_desk(world, OTHER)
    world.clock.advance(days=1)
    return world.snapshot()


def keep_at_desk(world: World, slug: str) -> None:
    """Drafts of a petition and of an update, an approval, a key file, and who may do what."""
    services, table = world.services, world.services.organisers
    drafting.save(services, slug, base=0, values={"goals": [10]}, by=OPERATOR)
    update_drafting.begin(services, slug, title="First news", name="first-news", by=OPERATOR)
    key_files.save(table, slug, "{}", seen=key_files.NEVER_STORED)
    approvals.ask(
        table, slug, ApprovalKind.SENDING, "first-news", "1f", by=OPERATOR, now=services.now()
    )
    trail.append(table, slug, actor=OPERATOR, act=Act.CLOSE, now=services.now())
    DeskClient.signed_in(world, slug)


def kept_at_desk(world: World, slug: str) -> list[str]:
    """The kinds of the partitions in the table of organisers that are a petition's."""
    kinds = {item["pk"].partition("#") for item in world.stored_items("organisers")}
    return sorted({kind for kind, _, owner in kinds if owner.partition("/")[0] == slug})


@pytest.fixture
def world_at_its_end(
    shared_world: World, ended: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> World:
    """The petition, which has ended."""
    ended()
    used = {item["sk"][2:4] for item in shared_world.stored_items("signatures")}
    monkeypatch.setattr(keys, "BUCKETS", tuple(sorted(used)))
    return shared_world


def token_of_old_news(world: World) -> str:
    """The token of a link to leave in news that somebody got before the end."""
    return tokens.issue(
        world.services.secrets.permanent_token_keys,
        Purpose.UNSUBSCRIBE,
        {"slug": SLUG, "index": world.subscriptions()[0]["sk"]},
        world.clock.now(),
    )


def destroy(world: World) -> Job:
    """Destroy the data of the petition."""
    job = asking.start(world.services, SLUG, by=OPERATOR)
    world.deliver_all(100)
    return asking.get(world.services, SLUG, job.id)


def files() -> list[str]:
    """The files and uploads in all buckets."""
    buckets = moto_internals._buckets().values()
    return [name for bucket in buckets for name in (*bucket.keys, *bucket.multiparts)]


# What it deletes.


def test_everything_of_its_people_is_deleted_and_nothing_of_others(world_at_its_end: World) -> None:
    world = world_at_its_end

    job = destroy(world)

    assert job.state is JobState.DONE
    assert job.counts == {"signatures": 2, "subscriptions": 2, "exports": 1}
    assert world.signatures() == []
    assert world.subscriptions() == []
    assert files() == []
    assert len(world.signatures(OTHER)) == 1


def test_what_the_desk_keeps_goes_but_for_people_trail_and_certificate(
    world_at_its_end: World,
) -> None:
    world = world_at_its_end
    others = kept_at_desk(world, OTHER)
    [export] = ordering.exports_of(world.services, SLUG)
    export_links.save(
        *(world.services.organisers, SLUG, export.id, "5c1e"),
        ExportLink(url="https://aws.example", expires_at=world.clock.now()),
    )

    destroy(world)

    assert kept_at_desk(world, SLUG) == ["job", "people", "trail"]
    assert {"approval", "draft", "key", "update-drafts"} <= set(others)
    assert kept_at_desk(world, OTHER) == others
    assert len(jobs.list_newest(world.services.organisers, SLUG, now=world.clock.now())) == 1


def test_totals_stay(world_at_its_end: World) -> None:
    world = world_at_its_end
    destroy(world)

    tallying.reconcile(world.services, settling_seconds=0)

    assert world.count() == 2
    assert tallies.get(world.services.petitions, SLUG).countries == {"PL": 2}


def test_neither_tables_nor_copies_nor_secrets_tell_who_signed(world_at_its_end: World) -> None:
    """A thief has everything that is left, and copies of the tables that have recovery."""
    world = world_at_its_end
    copied = {name: deepcopy(world.stored_items(name)) for name in TABLES if name != "limits"}
    before = blind_indexes.signature_index(world.services, SLUG, email_address.parse(MARKED))
    destroy(world)

    left = [item for name in TABLES for item in world.stored_items(name)]
    stolen = [item for items in copied.values() for item in items] + left
    signatures = [item for item in copied["signatures"] if item["pk"].startswith(f"{SLUG}#")]

    assert before in {item["sk"] for item in signatures}, "the copy has the signature"
    assert not guesses(world, stolen) & {item["sk"] for item in signatures}
    assert not any(opens(world, item) for item in signatures)
    assert not [item for item in left if before in str(item) or MARKED in str(item)]


def guesses(world: World, stolen: list[dict[str, Any]]) -> set[str]:
    """The indexes of the address by each root key, with each value that could be a salt."""
    address = email_address.parse(MARKED).canonical
    values = {value for item in stolen for value in item.values() if isinstance(value, bytes)}
    indexes = set()
    for root in world.services.secrets.index_keys.keys:
        for key in [root.raw, *(blind_indexes.petition_key(root.raw, value) for value in values)]:
            for kind in (SIGNATURE, SUBSCRIBER):
                indexes.add(blind_indexes.blind_index(root.id, key, kind.name, address))
    return indexes


def opens(world: World, item: dict[str, Any]) -> bool:
    """Whether a key that the service has opens what is sealed."""
    context = sealing.info(SIGNATURE, SLUG, item["sk"])
    try:
        unsealing.unseal(item["sealed"], world.services.mailer_keys, context)
    except UnsealFailed:
        return False
    return True


# From the first moment on.


def test_a_link_that_is_outstanding_answers_kindly_and_stores_nothing(
    world_at_its_end: World,
) -> None:
    world = world_at_its_end
    link = world.link()
    shut_while_open(world)

    answer = world.post(link, {})

    assert answer.status_code == 410
    assert "signers has been deleted" in answer.body.decode()
    assert len(world.signatures()) == 2


def test_the_own_page_of_old_news_says_that_nothing_is_left(world_at_its_end: World) -> None:
    world = world_at_its_end
    index = world.subscriptions()[0]["sk"]
    url = urls.manage("en", links.news_token(world.services, SLUG, index))
    before = world.get(url)
    destroy(world)

    answers = [world.get(url), world.post(url, {"do": "stop"})]

    assert before.status_code == 200
    assert [answer.status_code for answer in answers] == [410, 410]
    assert all("signers has been deleted" in answer.body.decode() for answer in answers)


@pytest.mark.parametrize("send", ["get", "one click"])
def test_a_link_in_old_news_says_that_nothing_is_left(world_at_its_end: World, send: str) -> None:
    world = world_at_its_end
    url = urls.unsubscribe("en", token_of_old_news(world))
    before = world.post(url, {}).body.decode()
    destroy(world)

    answer = world.get(url) if send == "get" else world.post(url, {})

    assert "your signature stays" in " ".join(before.split())
    assert answer.status_code == 200
    assert "signers has been deleted" in answer.body.decode()
    assert "signature stays" not in answer.body.decode()


def test_the_desk_offers_neither_lists_nor_keys_of_what_is_deleted(
    world_at_its_end: World,
) -> None:
    world = world_at_its_end
    destroy(world)
    steward = DeskClient.signed_in(world)

    lists, keys_page = (
        steward.get(f"/desk/petitions/{SLUG}/{part}").body.decode()
        for part in ("signatures", "keys")
    )

    assert "There is nothing left to list" in lists
    assert "Make a list" not in lists
    assert "What was sealed to this key has been deleted" in keys_page
    assert "Store it" not in keys_page


def test_a_link_that_is_outstanding_shows_no_name_after_the_end(world_at_its_end: World) -> None:
    world = world_at_its_end
    link = world.link()
    destroy(world)

    answer = world.get(link)

    assert answer.status_code == 410
    assert "signers has been deleted" in answer.body.decode()


def shut_while_open(world: World) -> None:
    """Take the first step of a destruction; then somebody publishes another last day."""
    job = asking.start(world.services, SLUG, by=OPERATOR)
    destroying._advanced(world.services, job)
    world.publish_signed(builders.petition(closes_on=date(2026, 12, 31)))
    world.restart()


def test_a_process_that_knows_the_salt_forgets_it_before_the_first_deletion(
    world_at_its_end: World,
) -> None:
    world = world_at_its_end
    address = email_address.parse(MARKED)
    blind_indexes.signature_index(world.services, SLUG, address)
    job = asking.start(world.services, SLUG, by=OPERATOR)
    destroying._advanced(world.services, asking.get(world.services, SLUG, job.id))

    world.clock.advance(seconds=61)

    assert blind_indexes.SALT_KNOWN < destroying.PAUSE
    with pytest.raises(Exception, match="DataDestroyed"):
        blind_indexes.signature_index(world.services, SLUG, address)


@pytest.mark.parametrize("path", ["sign", "manage", "alerts"])
def test_no_form_makes_a_new_salt(world_at_its_end: World, path: str) -> None:
    world = world_at_its_end
    destroy(world)
    world.publish_signed(builders.petition(closes_on=date(2026, 12, 31)))

    answer = world.post(f"/en/{SLUG}/{path}", builders.sign_form(email="new@example.org"))

    assert answer.status_code >= 400
    [salt] = [i for i in world.stored_items("limits") if (i["pk"], i["sk"]) == ("index-salt", SLUG)]
    assert "salt" not in salt


def test_a_person_is_still_told_what_other_petitions_keep(world_at_its_end: World) -> None:
    world = world_at_its_end
    destroy(world)
    world.restart()

    report = data_requests.look_up(world.services, email_address.parse(MARKED))

    assert [entry.petition.slug for entry in report.active] == [OTHER]
    assert report.petition_count == 2


def test_a_person_can_still_block_all_mails(world_at_its_end: World) -> None:
    world = world_at_its_end
    mail = world.mails(MARKED)[-1]
    destroy(world)
    world.restart()

    answer = world.post(world.link_to("block", mail), {})

    assert answer.status_code == 200
    [subscription] = world.subscriptions(OTHER)
    assert subscription["state"] == "unsubscribed"
    assert world.subscriptions() == []


# When it may begin, and faults.


def test_it_begins_only_after_the_end(world: World) -> None:
    with pytest.raises(NotAllowedYet):
        asking.start(world.services, SLUG, by=OPERATOR)

    assert not asking.forecast(world.services, SLUG).has_ended


def test_the_forecast_changes_nothing(world_at_its_end: World) -> None:
    forecast = asking.forecast(world_at_its_end.services, SLUG)

    assert (forecast.confirmed, forecast.held, forecast.exports) == (2, 0, 1)
    assert forecast.may_begin
    assert len(world_at_its_end.signatures()) == 2


def test_files_that_the_bucket_has_deleted_are_not_forecast(world_at_its_end: World) -> None:
    world_at_its_end.clock.advance(days=7)

    assert asking.forecast(world_at_its_end.services, SLUG).exports == 0


def test_two_who_start_it_at_once_start_one(world_at_its_end: World) -> None:
    world = world_at_its_end
    client, second = world.services.organisers.client, list[Job]()
    others = iter([Actor(id="aa", name="Hanna")])

    def start_too(**_: Any) -> None:
        if by := next(others, None):
            second.append(asking.start(world.services, SLUG, by=by))

    with intercepted(client, "before-call.dynamodb.PutItem", start_too):
        first = asking.start(world.services, SLUG, by=OPERATOR)
    world.deliver_all(100)

    assert first.id == second[0].id
    listed = jobs.list_newest(world.services.organisers, SLUG, now=world.clock.now())
    [job] = [each for each in listed if each.kind is JobKind.DESTROY]
    assert job.counts["signatures"] == 2
    assert job.asked_by.name == "Hanna"


def test_a_second_click_begins_no_second_one(world_at_its_end: World) -> None:
    first = destroy(world_at_its_end)

    assert asking.start(world_at_its_end.services, SLUG, by=OPERATOR).id == first.id


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", CALLS)
def test_it_goes_on_after_any_fault_of_any_call(
    world_at_its_end: World, call: str, fault: Fault
) -> None:
    world = world_at_its_end
    job = asking.start(world.services, SLUG, by=OPERATOR)
    with recorded(AwsCalls(at=call, fault=fault)) as calls:
        for _ in range(60):
            try:
                handled = world.deliver_messages()
            except Crash:
                handled = 1
            world.make_messages_visible()
            if not handled and asking.get(world.services, SLUG, job.id).state is JobState.DONE:
                break

    assert calls.at == -1, "the fault did not happen"
    done = asking.get(world.services, SLUG, job.id)
    assert done.state is JobState.DONE
    assert done.counts == {"signatures": 2, "subscriptions": 2, "exports": 1}
    assert (world.signatures(), world.subscriptions(), files()) == ([], [], [])
    assert kept_at_desk(world, SLUG) == ["job", "people", "trail"]
    certificate = certifying.certificate_of(done)
    assert certificate
    assert len(certificate.values["exports"]) == 1


def test_items_that_somebody_else_has_written_go_too(
    world_at_its_end: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_at_its_end
    monkeypatch.setattr(destroying, "_PAGE", 1)
    for name in ("a/b/c", "d"):
        world.services.signatures.put({"pk": keys.bucket(SLUG, keys.BUCKETS[0]), "sk": name}, {})

    job = destroy(world)

    assert job.state is JobState.DONE
    assert world.signatures() == []


def test_what_two_faults_at_the_same_place_left_is_deleted(
    world_at_its_end: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table throttles the deletion of the first page, and hours later again."""
    world = world_at_its_end
    job = asking.start(world.services, SLUG, by=OPERATOR)
    delete_all, refused = partitions.delete_all, list[str]()

    def delete(table: Table, pk: str, found: Sequence[str], **more: Any) -> None:
        if found and len(refused) < 2 and pk in (refused or [pk]):
            refused.append(pk)
            raise Unavailable
        delete_all(table, pk, found, **more)

    monkeypatch.setattr(partitions, "delete_all", delete)
    for _ in range(20):
        world.deliver_messages()
        world.make_messages_visible()

    assert len(refused) == 2
    assert asking.get(world.services, SLUG, job.id).state is JobState.DONE
    assert world.signatures() == []


def test_an_export_that_runs_is_ended_and_leaves_no_file(world_at_its_end: World) -> None:
    world = world_at_its_end
    world.start_export()

    destroy(world)

    assert files() == []


# The certificate.


def test_the_certificate_says_what_was_destroyed_and_is_attested(world_at_its_end: World) -> None:
    job = destroy(world_at_its_end)

    certificate = certifying.certificate_of(job)

    assert certificate
    [key] = world_at_its_end.services.secrets.export_public_keys.keys
    statement = attestation.destruction_statement(certificate.text.encode())
    assert attestation.is_attested(statement, certificate.attestation, [key.raw])
    values = json.loads(certificate.text)
    assert values["signatures"]["count"] == 2
    assert len(values["signatures"]["sha256"]) == 64
    assert values["exports"][0]["signatures"] == 2
    assert values["asked_by"] == "the operator"
    assert "example.org" not in certificate.text
