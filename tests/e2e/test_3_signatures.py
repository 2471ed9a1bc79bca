"""A person signs and is counted, and the organiser reads who signed."""

import csv
from pathlib import Path

import pytest

from tests.e2e.demo import COUNTRY, ORGANISER, PAGE, SIGNER, SIGNER_NAME, SLUG
from tests.e2e.drivers.command_line import CommandLine
from tests.e2e.drivers.deployed_stack import TABLES, DeployedStack
from tests.e2e.drivers.waiter import wait_until
from tests.e2e.drivers.website import Website
from tests.e2e.engine.mailbox import Mailbox

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("stack", "stream_relay")]


def test_the_form_mails_a_link_and_stores_no_signature(
    website: Website, stack: DeployedStack, signer: Mailbox
) -> None:
    assert stack.tally(SLUG) == 0

    form = {"name": SIGNER_NAME, "email": SIGNER, "country": COUNTRY, "alerts": "yes"}
    website.submit(f"{PAGE}/sign", form)

    assert signer.link(1, "confirm")
    assert stack.items("SignaturesTableName") == []


def test_opening_the_link_shows_a_button_and_changes_nothing(
    website: Website, stack: DeployedStack, signer: Mailbox
) -> None:
    for _ in range(2):
        assert "<button" in website.read(signer.link(1, "confirm")).data.decode()

    assert stack.items("SignaturesTableName") == []


def test_the_button_makes_one_sealed_signature_and_one_sealed_subscription(
    website: Website, stack: DeployedStack, signer: Mailbox
) -> None:
    for _ in range(2):
        website.submit(signer.link(1, "confirm"), {})

    (signature,) = stack.items("SignaturesTableName")
    (subscription,) = stack.items("SubscribersTableName")
    assert (signature["state"], subscription["state"]) == ("confirmed", "active")
    assert type(signature["sealed"]) is type(subscription["sealed_address"]) is bytes


def test_the_streams_mapping_calls_tally_without_a_shard(stack: DeployedStack) -> None:
    wait_until(
        "a call of Tally by the stream's mapping",
        lambda: any("tally: KeyError" in line for line in stack.log_lines("Tally")),
    )
    functions = stack.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=stack.physical_id("Tally"))[
        "EventSourceMappings"
    ]
    # Once the engine names a shard, the relay has nothing to stand in for.
    assert not mapping.get("LastProcessingResult", "").startswith("OK")

    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def test_the_tally_rises(stack: DeployedStack) -> None:
    wait_until("a tally of one", lambda: stack.tally(SLUG) == 1)


def test_the_public_figure_hides_the_count_and_status_shows_it(
    website: Website, zaklik: CommandLine
) -> None:
    assert website.read(f"/api/petitions/{SLUG}").json()["count"] == 0

    status = zaklik("petition", "status", SLUG)
    assert "1 signature confirmed, exactly" in status
    assert "No signature is held." in status


def test_a_moderator_holds_the_signature_and_releases_it(
    zaklik: CommandLine, stack: DeployedStack
) -> None:
    held = zaklik("signature", "hold", SLUG, "--country", COUNTRY, "--why", "a test", "--yes")
    wait_until("a tally of none", lambda: stack.tally(SLUG) == 0)
    released = zaklik("signature", "release", SLUG, "--why", "a test", "--yes")
    wait_until("a tally of one again", lambda: stack.tally(SLUG) == 1)

    assert "1 signature held." in held
    assert "1 signature released." in released


@pytest.mark.parametrize("table", TABLES)
def test_no_table_holds_the_name_or_the_address(stack: DeployedStack, table: str) -> None:
    values = [value for item in stack.items(table) for value in item.values()]
    texts = [
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in values
    ]

    assert texts
    assert [text for text in texts if SIGNER_NAME in text or SIGNER in text] == []
    assert [text for text in texts if ORGANISER in text] == []


def test_the_organiser_exports_and_unseals_who_signed(zaklik: CommandLine, workspace: Path) -> None:
    zaklik("export", SLUG, "--out", "signatures.zaklik")
    key, out = "organiser.key", "signatures.csv"
    zaklik("unseal", "signatures.zaklik", "--key", key, "--out", out)

    (row,) = csv.DictReader((workspace / out).read_text("utf-8-sig").splitlines())
    assert {SIGNER_NAME, SIGNER, COUNTRY} <= set(row.values())
