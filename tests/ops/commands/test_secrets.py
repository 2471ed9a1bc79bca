"""Keys are changed by `zaklik secrets`, and removed when nothing needs them, and not before."""

import json
import re
from datetime import date, timedelta
from functools import partial

import pytest

from chalicelib.crypto import attestation, sealing
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.suppression import SuppressionReason
from chalicelib.people import blind_indexes
from chalicelib.store import keys, suppressions
from chalicelib.store.secrets import INDEX_KEYS
from chalicelib.wiring import Services
from ops import target
from ops.local import moto_internals
from ops.local.resources import read_template
from ops.secrets import cryptoperiods
from ops.secrets.cryptoperiods import QUEUED
from ops.secrets.inventory import RINGS, SECRET_NAMES, pair_of
from ops.secrets.keyring_store import HISTORY, KeyringStore
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.fresh_secrets import with_fresh_secrets
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

BROKEN = b"This link does not work"
EXPIRED = b"This link has expired"
SIGNED = "hanna@example.org"


@pytest.fixture
def service(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A service with secrets of its own. Commands know its variables and its clock."""
    with_fresh_secrets(world)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(target, "Services", partial(Services, now=world.clock.now))
    return world


@pytest.fixture
def store(service: World) -> KeyringStore:
    return KeyringStore.of(service.services)


def run(*words: str, typed: str | None = None) -> str:
    """Type a command that succeeds; what it prints."""
    result = zaklik("secrets", *words, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def ids(store: KeyringStore, name: str) -> list[int]:
    return [key.id for key in store.read(RINGS.get(name, name)).ring.keys]


def replaced(world: World, name: str) -> None:
    """Rotate a secret, and let its new key be used."""
    run("rotate", name)
    world.clock.advance(minutes=30)


def test_secrets_are_made_where_they_are_missing(service: World, store: KeyringStore) -> None:
    assert "All secrets are there" in run("make")
    store.ssm.delete_parameter(Name=f"{store.path}/{INDEX_KEYS}")

    assert run("make") == f"✓ {store.path}/{INDEX_KEYS} is made.\n"


def test_no_command_ever_shows_a_key(service: World, store: KeyringStore) -> None:
    printed = [run("list")]
    printed += [run("rotate", name) for name in [*RINGS, "origin"]]
    printed.append(run("list"))
    service.clock.advance(days=100)
    printed += [run("list"), run("reseal"), run("prune"), run("list")]
    texts = [
        entry["Value"]
        for name in SECRET_NAMES
        for entry in store.ssm.get_parameter_history(
            Name=f"{store.path}/{name}", WithDecryption=True, MaxResults=50
        )["Parameters"]
    ]
    secret = {
        value
        for text in texts
        for value in ([key["key"] for key in json.loads(text)["keys"]] if "{" in text else [text])
    }

    assert len(secret) > 2 * len(RINGS)
    assert not [value for value in secret if value[:16] in "".join(printed)]


# rotate


def test_a_rotation_says_what_follows(service: World) -> None:
    assert run("rotate", "token") == (
        "✓ Key 2 of token is made.\n"
        "  From 2026-03-08 12:30 UTC on it makes links that expire, codes, and proofs of work.\n"
        "  Key 1 opens those made before. It is needed until 2026-06-06 12:30 UTC.\n"
        "  Keep a new copy of the secrets offline, in place of the old one.\n"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("permanent-token", "Key 1 opens those made before, for ever."),
        ("index", "Petitions and suppressions so far stay under key 1."),
        ("job", "It is needed until 2026-03-23 12:30 UTC."),
        ("limit-pepper", "It is needed until 2026-03-11 12:30 UTC."),
        ("mailer", "After 2026-03-08 12:30 UTC, seal subscribers anew: zaklik secrets reseal"),
        ("export", "The public half of key 1 verifies those made before, for ever."),
        ("origin", "To use it: zaklik deploy apply"),
    ],
)
def test_a_rotation_says_how_long_the_old_key_is_needed(
    service: World, name: str, words: str
) -> None:
    assert words in run("rotate", name)


@pytest.mark.parametrize("name", ["attestation", "export"])
def test_a_new_public_half_has_to_be_published(service: World, name: str) -> None:
    service.publish(builders.petition(slug="window"))

    printed = run("rotate", name)

    assert "From 2026-03-08 12:30 UTC on it makes attestations" in printed
    assert "publish each petition again before that:" in printed
    assert "zaklik petition publish PATH (open-door, window)" in printed


def test_a_rotation_too_early_is_refused(service: World) -> None:
    run("rotate", "job")

    assert "Rotate again after that" in refused(zaklik("secrets", "rotate", "job"))


def test_every_secret_is_explained_in_the_help() -> None:
    shown = zaklik("secrets", "rotate", "--help").stdout

    for name in [*RINGS, "origin"]:
        assert re.search(rf"^  {name}  +\w", shown, re.MULTILINE), name


# list


def test_the_list_says_what_needs_each_key(service: World) -> None:
    service.sign_and_confirm(alerts="yes")
    for name in ("index", "mailer", "token"):
        run("rotate", name)

    before, _, _ = run("list").partition("attestation:")
    service.clock.advance(hours=1)
    service.publish(builders.petition(slug="window"))
    service.sign_and_confirm(alerts="yes", email="other@example.org")
    address = email_address.parse("blocked@example.org")
    index = blind_indexes.suppression_index(service.services, address)
    suppressions.add(
        service.services.subscribers, index, SuppressionReason.OWNER, now=service.clock.now()
    )
    blind_indexes.signature_index(service.services, "window", address)
    after = run("list")

    assert "key 1: in use; 1 petition\n  key 2: used from 2026-03-08 12:30 UTC on" in before
    assert "key 1: replaced on 2026-03-08 12:30 UTC; needed for 1 petition; needed until" in after
    assert "key 2: in use since 2026-03-08 12:30 UTC; 1 petition; 1 suppression" in after
    assert "needed for 1 subscriber; needed until 2026-03-23 12:30 UTC" in after
    assert "key 2: in use since 2026-03-08 12:30 UTC; 1 subscriber" in after
    assert "key 1: replaced on 2026-03-08 12:30 UTC; needed until 2026-06-06 12:30 UTC" in after


def test_the_list_says_which_keys_can_go(service: World) -> None:
    run("rotate", "export")
    service.clock.advance(minutes=30)

    assert "nothing needs it: zaklik secrets prune" in run("list")


def test_the_list_names_a_rotation_that_has_stopped_half_way(service: World) -> None:
    with recorded(AwsCalls(at="ssm.PutParameter", fault=Fault.KILLED_AFTER)), pytest.raises(Crash):
        zaklik("secrets", "rotate", "mailer")
    service.clock.advance(days=1)

    assert "key 2: unfinished; type `zaklik secrets rotate mailer` again" in run("list")
    assert "Key 2 of mailer is made." in run("rotate", "mailer")
    assert "key 2: used from 2026-03-09 12:30 UTC on" in run("list")


def test_the_list_names_subscribers_whose_key_is_lost(service: World, store: KeyringStore) -> None:
    service.sign_and_confirm(alerts="yes")
    replaced(service, "mailer")
    for name in (pair_of("mailer").public, RINGS["mailer"]):  # type: ignore[union-attr]
        stored = store.read(name)
        store.replace(stored, stored.ring.keys[-1:])

    assert "1 subscriber: sealed to a key that is not there." in zaklik("secrets", "list").stderr


# prune


def test_without_an_old_key_nothing_is_removed(service: World, store: KeyringStore) -> None:
    before = {name: store.read(name) for name in RINGS.values()}
    run("rotate", "token")

    printed = run("prune")

    assert printed.splitlines() == [f"✓ {name}: no old key." for name in RINGS]
    assert ids(store, "token") == [1, 2]
    del before[RINGS["token"]]
    assert {name: store.read(name) for name in before} == before


@pytest.mark.parametrize(
    ("name", "needed"),
    [("token", timedelta(days=90)), ("job", timedelta(days=15)),
     ("limit-pepper", timedelta(days=3)), ("mailer", timedelta(days=15)),
     ("attestation", timedelta()), ("export", timedelta())],
)  # fmt: skip
def test_an_old_key_goes_when_its_time_is_over_and_not_a_second_before(
    service: World, store: KeyringStore, name: str, needed: timedelta
) -> None:
    run("rotate", name)
    service.clock.advance(minutes=30)
    service.clock.moment += needed - timedelta(seconds=1)
    early = run("prune", name)
    assert ids(store, name) == [1, 2]

    service.clock.advance(seconds=1)
    late = run("prune", name)

    assert ids(store, name) == [2]
    assert f"{name}: key 1 is removed." in late
    if needed:
        assert f"{name}: key 1 stays, replaced on 2026-03-08 12:30 UTC; needed until" in early
    else:
        assert f"{name}: no old key." in early
    pair = pair_of(name)
    if pair is not None:
        assert ids(store, pair.public) == ([2] if pair.seals else [1, 2])
    assert "no old key" in run("prune", name)


def test_a_removed_key_is_in_no_version_of_the_parameter(
    service: World, store: KeyringStore
) -> None:
    replaced(service, "export")

    printed = run("prune", "export")

    pages = store.ssm.get_paginator("get_parameter_history").paginate(
        Name=f"{store.path}/{RINGS['export']}", WithDecryption=True
    )
    texts = {entry["Value"] for page in pages for entry in page["Parameters"]}
    assert len(texts) == 1
    assert f"Storing {HISTORY - 1} new ones" in printed
    assert "Replace it." in printed


def test_links_that_never_expire_need_their_key_for_ever(
    service: World, store: KeyringStore
) -> None:
    replaced(service, "permanent-token")
    service.clock.advance(days=3650)

    assert "key 1 stays, replaced on 2026-03-08 12:30 UTC; needed for ever." in run("prune")
    assert ids(store, "permanent-token") == [1, 2]


def test_an_expired_link_can_be_renewed_until_its_key_goes(service: World) -> None:
    run("rotate", "token")
    service.clock.advance(minutes=29)
    service.sign()
    service.deliver_all()
    link = service.link_to("confirm")
    service.clock.advance(days=89, hours=23)
    run("prune", "token")
    expired = service.get(link)
    renewed = service.post(f"{link}/again", {})
    service.deliver_all()

    service.clock.advance(hours=1, minutes=1)
    run("prune", "token")
    # Processes read their secrets every ten minutes.
    service.clock.advance(minutes=10)
    gone, refusal = service.get(link), service.post(f"{link}/again", {})

    assert EXPIRED in expired.body
    assert renewed.status_code == 200
    assert BROKEN in gone.body
    assert BROKEN in refusal.body
    assert service.get(service.link_to("confirm")).status_code == 200, "the renewed one works"


def test_queues_hold_no_message_longer_than_the_keys_of_messages_are_kept() -> None:
    retentions = [
        timedelta(seconds=resource["Properties"]["MessageRetentionPeriod"])
        for resource in read_template()["Resources"].values()
        if resource.get("Type") == "AWS::SQS::Queue"
    ]

    assert retentions
    assert max(retentions) < QUEUED


@pytest.mark.parametrize("name", ["job", "mailer"])
def test_a_mail_waits_four_days_and_is_sent_and_later_is_refused(service: World, name: str) -> None:
    run("rotate", name)
    service.clock.advance(minutes=29)
    service.sign(email="in-time@example.org")
    service.clock.advance(days=3, hours=23)
    run("prune", name)
    service.make_messages_visible()
    service.deliver_all()
    assert service.mails("in-time@example.org")

    service.clock.moment = builders.NOW
    service.restart()
    service.sign(email="too-late@example.org")
    service.clock.advance(days=16)
    run("prune", name)
    service.clock.advance(minutes=10)
    service.restart()
    service.make_messages_visible()
    service.deliver_all()

    assert not service.mails("too-late@example.org")
    waiting = [len(moto_internals.messages_of(it)) for it in moto_internals.queues().values()]
    # What no key vouches for becomes a dead letter; what is that old is given up.
    assert sum(waiting) == (1 if name == "job" else 0)


def test_an_index_key_stays_while_a_petition_or_a_suppression_needs_it(
    service: World, store: KeyringStore
) -> None:
    address = email_address.parse(SIGNED)
    index = blind_indexes.suppression_index(service.services, address)
    blocked_on = service.clock.now().date()
    suppressions.add(
        service.services.subscribers, index, SuppressionReason.OWNER, now=service.clock.now()
    )
    replaced(service, "index")
    service.clock.advance(days=400)
    for_both = run("prune", "index")
    service.services.limits.delete(keys.index_salt(builders.SLUG))
    for_one = run("prune", "index")
    assert ids(store, "index") == [1, 2]
    assert suppressions.delete(
        service.services.subscribers, index, SuppressionReason.OWNER, since=blocked_on
    )

    removed = run("prune", "index")

    assert "needed for 1 petition and 1 suppression." in for_both
    assert "needed for 1 suppression." in for_one
    assert "index: key 1 is removed." in removed
    assert ids(store, "index") == [2]


def test_an_index_key_stays_while_a_request_of_its_time_may_run(
    service: World, store: KeyringStore
) -> None:
    service.services.limits.delete(keys.index_salt(builders.SLUG))
    replaced(service, "index")
    service.clock.advance(minutes=59)
    run("prune", "index")
    assert ids(store, "index") == [1, 2]

    service.clock.advance(minutes=1)
    run("prune", "index")

    assert ids(store, "index") == [2]


def test_signatures_from_before_a_removed_attestation_key_are_verified(service: World) -> None:
    service.sign_and_confirm()
    replaced(service, "attestation")
    run("prune", "attestation")
    service.clock.advance(minutes=10)
    service.sign_and_confirm(email="later@example.org")

    public = [key.raw for key in service.services.secrets.attestation_public_keys.keys]
    for item in service.signatures():
        statement = attestation.signature_statement(
            "open-door", item["sk"], item["sealed"], date.fromisoformat(item["confirmed_on"])
        )
        assert attestation.is_attested(statement, item["attestation"], public)
    assert len({item["attestation"][:4] for item in service.signatures()}) == 2


def test_limits_are_counted_on_when_an_old_pepper_goes(service: World) -> None:
    replaced(service, "limit-pepper")
    service.clock.advance(days=3)
    for _ in range(service.services.settings.mails_per_network):
        service.post("/en/open-door/manage", {"email": SIGNED})
    run("prune", "limit-pepper")
    service.restart()
    service.post("/en/open-door/manage", {"email": SIGNED})
    service.deliver_all()

    assert len(service.mails(SIGNED)) == service.services.settings.mails_per_network


# reseal


def test_subscribers_hold_the_mailers_key_until_they_are_sealed_anew(
    service: World, store: KeyringStore
) -> None:
    service.sign_and_confirm(alerts="yes")
    assert "Every subscriber is sealed to key 1." in run("reseal")
    run("rotate", "mailer")
    assert "Every subscriber is sealed to key 1." in run("reseal"), "the new one is not used yet"
    service.clock.advance(days=30)
    held = run("prune", "mailer")
    assert ids(store, "mailer") == [1, 2]

    started = run("reseal")
    waiting = run("reseal")
    service.deliver_all()

    assert "key 1 stays, replaced on 2026-03-08 12:30 UTC; needed for 1 subscriber." in held
    assert started == waiting
    assert started == (
        "• 1 subscriber still sealed to key 1.\n✓ The service seals them to key 2 now.\n"
    )
    assert run("reseal") == "✓ Every subscriber is sealed to key 2.\n"
    assert "mailer: key 1 is removed." in run("prune", "mailer")
    service.clock.advance(minutes=10)
    [subscriber] = service.subscriptions()
    assert [key.id for key in service.services.mailer_keys] == [subscriber["sealed_to"]]
    assert subscriber["sealed_to"] == sealing.named_key(subscriber["sealed_address"])


def test_a_petition_that_cannot_be_read_holds_the_mailers_key_too(
    service: World, store: KeyringStore
) -> None:
    service.sign_and_confirm(alerts="yes")
    replaced(service, "mailer")
    service.clock.advance(days=30)
    service.services.petitions.update(
        keys.petition(builders.SLUG), "REMOVE #texts", names={"#texts": "texts"}
    )

    run("prune", "mailer")
    assert ids(store, "mailer") == [1, 2]
    run("reseal")
    service.deliver_all()

    assert cryptoperiods.subscribers_by_key(service.services) == {2: 1}


# After a theft.


@pytest.mark.parametrize("name", [name for name in RINGS if name != "index"])
def test_a_stolen_key_goes_when_the_new_one_is_used(
    service: World, store: KeyringStore, name: str
) -> None:
    replaced(service, name)

    printed = run("prune", name, "--stolen", "--yes")

    assert ids(store, name) == [2]
    assert f"{name}: key 1 is removed." in printed
    lost = cryptoperiods.cryptoperiods(service.services.settings)[name].lost
    assert lost in printed


def test_a_stolen_key_of_links_opens_nothing_ten_minutes_later(service: World) -> None:
    service.sign()
    service.deliver_all()
    link, block = service.link_to("confirm"), service.link_to("block")
    for name in ("token", "permanent-token"):
        run("rotate", name)
    service.clock.advance(minutes=30)
    for name in ("token", "permanent-token"):
        run("prune", name, "--stolen", typed="y\n")
    service.clock.advance(minutes=10)

    assert BROKEN in service.get(link).body
    assert BROKEN in service.post(link, {}).body
    assert BROKEN in service.get(block).body
    assert service.signatures() == []


def test_nothing_goes_without_a_yes(service: World, store: KeyringStore) -> None:
    replaced(service, "token")

    result = zaklik("secrets", "prune", "token", "--stolen", typed="n\n")

    assert result.exit_code == 130
    assert "Links and codes that are out end." in result.stdout
    assert ids(store, "token") == [1, 2]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--stolen"], "Say of which secret"),
        (["token", "--stolen"], "token has no old key: `zaklik secrets rotate token`"),
        (["index", "--stolen"], "nobody could withdraw or stay suppressed"),
    ],
)
def test_what_cannot_be_removed_is_refused(
    service: World, store: KeyringStore, words: list[str], why: str
) -> None:
    run("rotate", "index")
    run("rotate", "token")

    assert why in refused(zaklik("secrets", "prune", *words, "--yes"))
    assert ids(store, "index") == ids(store, "token") == [1, 2]


def test_a_missing_secret_is_named_by_every_command(service: World, store: KeyringStore) -> None:
    store.ssm.delete_parameter(Name=f"{store.path}/{RINGS['token']}")

    for words in (["rotate", "token"], ["prune"], ["prune", "token"]):
        assert "token-keys is missing" in refused(zaklik("secrets", *words))
