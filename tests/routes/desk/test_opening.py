"""A steward opens a petition at the desk, changes it with a reason, and closes it."""

import base64
import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from chalicelib.crypto import petition_key_files
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.store.organisers import trail
from chalicelib.store.petitions import petitions, preview_images
from chalicelib.usecases.petitions import drafting, key_files, opening
from ops.keys import key_lifecycle
from tests import builders
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.ops import folders
from tests.routes.desk.test_writing import (
    SETTINGS,
    SLUG,
    WRITE,
    fields_of,
    text_of,
    write_all,
)
from tests.world import World


@pytest.fixture
def hanna(world: World) -> DeskClient:
    """The steward of a petition whose text is complete."""
    hanna = DeskClient.signed_in(world, slug=SLUG)
    hanna.post("/desk/new", {"title": "Open", "language": "en", "slug": SLUG, **SETTINGS})
    write_all(hanna)
    return hanna


def prove_key(world: World) -> None:
    """Store the petition's key file, which an organiser has proven."""
    keys = key_lifecycle.prove(folders.unproven(SLUG), folders.ANNA, folders.PROVEN_ON)
    seen = key_files.seen(world.services, SLUG)
    key_files.save(world.services, SLUG, petition_key_files.to_text(keys), seen=seen)


def publish(hanna: DeskClient, **changes: str) -> Any:
    return hanna.post(f"{WRITE}/open", {**fields_of(hanna.get(f"{WRITE}/open")), **changes})


def online(world: World) -> Petition:
    return petitions.get(world.services.petitions, SLUG)


def sign(world: World) -> None:
    world.post(f"/en/{SLUG}/sign", builders.sign_form())


def change_title(hanna: DeskClient, title: str = "Open both doors") -> None:
    page = fields_of(hanna.get(f"{WRITE}/texts/en"))
    hanna.post(f"{WRITE}/texts/en", {**page, "texts.en.title": title})


def test_without_a_proven_key_nothing_opens(world: World, hanna: DeskClient) -> None:
    page = text_of(hanna.get(f"{WRITE}/open"))
    answer = hanna.post(f"{WRITE}/open", {"number": "3"})

    assert "Without it nobody could read the signatures." in page
    assert "Publish the petition" not in page
    assert answer.status == 422
    assert petitions.find_as_stored(world.services.petitions, SLUG) is None


def test_a_complete_petition_opens_and_the_steward_is_told_to_try_it(
    world: World, hanna: DeskClient
) -> None:
    prove_key(world)

    answer = publish(hanna)

    assert answer.status == 200
    assert "Sign it yourself" in text_of(answer)
    assert online(world).state(world.clock.now()) is PetitionState.OPEN
    assert world.get(f"/en/{SLUG}").status_code == 200
    acts = [line.act for line in trail.all_of(world.services.organisers, SLUG)]
    assert acts[-1] == "publish text"


def test_the_key_file_is_published_with_the_keys_by_which_the_service_vouches(
    world: World, hanna: DeskClient
) -> None:
    prove_key(world)
    publish(hanna)

    stored = petitions.find_key_file(world.services.petitions, SLUG)
    assert stored is not None
    assert petition_key_files.read(stored).verification == online(world).verification
    assert online(world).verification.attestation


def test_only_a_steward_with_a_fresh_touch_opens(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    ivan = DeskClient.signed_in(world, slug=SLUG, roles=[Role.EDITOR], name="Ivan")
    stale = DeskClient.signed_in(world, slug=SLUG, touched=False, name="Olga")

    refused = ivan.post(f"{WRITE}/open", {"number": "3"})
    asked = stale.post(f"{WRITE}/open", {"number": "3"})

    assert refused.status == 403
    assert "A steward publishes it." in text_of(ivan.get(f"{WRITE}/open"))
    assert asked.status != 200 or "It is online" not in text_of(asked)
    assert petitions.find_as_stored(world.services.petitions, SLUG) is None


def test_what_nobody_has_looked_at_is_not_published(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    seen = fields_of(hanna.get(f"{WRITE}/open"))
    change_title(hanna)

    answer = hanna.post(f"{WRITE}/open", seen)

    assert answer.status == 422
    assert "Nothing was published" in text_of(answer)
    assert petitions.find_as_stored(world.services.petitions, SLUG) is None


def test_a_signed_text_changes_only_with_a_reason(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    publish(hanna)
    sign(world)
    change_title(hanna)

    page = text_of(hanna.get(f"{WRITE}/open"))
    parts = text_of(hanna.get(WRITE))
    without = publish(hanna)
    wordless = publish(hanna, **{"kind": "amendment", "reason.en": ""})
    made = publish(hanna, **{"kind": "correction", "reason.en": "There are two <doors>."})

    assert "<del>the door</del><ins>both doors</ins>" in page
    assert (without.status, wordless.status) == (422, 422)
    assert "Nothing is missing" not in text_of(without)
    for place in ("#kind", "#reason.en"):
        assert f'<li><a href="{place}">' in text_of(without)
    assert text_of(without).count("Choose what kind of change it is.") == 2
    assert "Choose what kind" not in text_of(wordless)
    assert text_of(wordless).count("Say why, at least in the first language.") == 2
    assert "Everybody can sign now." not in text_of(made)
    assert "not online yet: people read an older version" in parts
    assert "It is online." in text_of(hanna.get(WRITE))
    assert "The amendment, with both texts" in text_of(made)
    (amendment,) = online(world).amendments
    assert (amendment.kind, dict(amendment.reasons)) == (
        "correction",
        {"en": "There are two <doors>."},
    )


def test_a_setting_changes_without_a_reason(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    publish(hanna)
    sign(world)
    hanna.post(f"{WRITE}/settings", {"base": "3", **SETTINGS, "goals": "20, 200"})

    page = text_of(hanna.get(f"{WRITE}/open"))
    changed = text_of(publish(hanna))

    assert "Your change is online" in changed
    assert "Sign it yourself" not in changed
    assert "<h3>Goals</h3>" in page
    assert "<del>10, 100</del><ins>20, 200</ins>" in page
    assert online(world).goals == (20, 200)
    assert "Nothing: the draft says what is online." in text_of(hanna.get(f"{WRITE}/open"))


def test_a_changed_risk_warning_is_shown_word_by_word_and_needs_no_reason(
    world: World, hanna: DeskClient
) -> None:
    prove_key(world)
    publish(hanna)
    sign(world)
    page = fields_of(hanna.get(f"{WRITE}/texts/en"))
    risk = {"texts.en.risk_question": "Are you there?", "texts.en.risk": "The list is dangerous."}
    hanna.post(f"{WRITE}/texts/en", {**page, **risk})

    shown = text_of(hanna.get(f"{WRITE}/open"))
    publish(hanna)

    assert "<h3>Risk (English)</h3>" in shown
    assert "<ins>The list is dangerous.</ins>" in shown
    assert "Why does the text change?" not in shown
    assert online(world).text("en").risk == "The list is dangerous."
    assert not online(world).amendments


def test_what_is_switched_off_is_no_change_of_the_text(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    publish(hanna)
    hanna.post(f"/desk/petitions/{SLUG}/switches/throw", {"name": "count", "to": "off"})

    page = text_of(hanna.get(f"{WRITE}/open"))

    assert "Nothing: the draft says what is online." in page


def test_the_trail_says_which_version_and_that_a_publication_was_refused(
    world: World, hanna: DeskClient
) -> None:
    prove_key(world)
    seen = fields_of(hanna.get(f"{WRITE}/open"))
    change_title(hanna)
    hanna.post(f"{WRITE}/open", seen)
    ivan = DeskClient.signed_in(world, slug=SLUG, roles=[Role.VIEWER], name="Ivan")
    ivan.post(f"{WRITE}/open", seen)

    lines = list(trail.all_of(world.services.organisers, SLUG))[-4:]

    assert [(line.act, line.detail, line.refused) for line in lines] == [
        ("save draft", "texts/en, after version 3", False),
        ("publish text", "version 3", False),
        ("publish text", "version 3: the form was not accepted", True),
        ("publish text", f"{WRITE}/open", True),
    ]


def test_two_people_decide_only_where_there_are_two(world: World, hanna: DeskClient) -> None:
    hanna.post(f"{WRITE}/settings", {"base": "3", **SETTINGS, "approvals.exports": "yes"})
    alone = text_of(hanna.get(f"{WRITE}/open"))
    DeskClient.signed_in(world, slug=SLUG, roles=[Role.EXPORTER], name="Ivan")

    assert "Two people decide: exports" in alone
    assert "Two people decide" not in text_of(hanna.get(f"{WRITE}/open"))


def test_the_browser_draws_the_image_of_the_link(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 630), "teal").save(drawn, "JPEG", comment=b"Anna of Minsk")

    publish(hanna, **{"image.en": base64.b64encode(drawn.getvalue()).decode(), "image.xx": "###"})

    image, _ = preview_images.get(world.services.petitions, SLUG, "en")
    assert Image.open(io.BytesIO(image)).size == (1200, 630)
    assert b"Anna" not in image


def test_a_page_without_such_an_image_is_complete(world: World, hanna: DeskClient) -> None:
    prove_key(world)
    publish(hanna)

    assert world.get(f"/en/{SLUG}").status_code == 200
    assert world.get(f"/en/{SLUG}/card.png").status_code == 404


@pytest.mark.parametrize("fault", [Fault.KILLED_AFTER, Fault.ANSWER_LOST])
def test_a_publication_whose_answer_was_lost_can_be_sent_again(
    world: World, hanna: DeskClient, fault: Fault
) -> None:
    prove_key(world)
    number = drafting.get_draft(world.services, SLUG).version.number
    failing = AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)

    with recorded(failing), pytest.raises((Crash, Unavailable)):
        opening.publish_draft(world.services, SLUG, number=number, by=OPERATOR)
    published = opening.publish_draft(world.services, SLUG, number=number, by=OPERATOR)

    assert published.version == 1
    assert replace(online(world), version=1) == published
