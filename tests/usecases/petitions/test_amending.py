"""A text that has been signed changes only as an amendment, which everybody can read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.petitions.amendment import AmendmentKind, AmendmentRequest
from chalicelib.domain.petitions.petition import Petition
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import publishing
from chalicelib.usecases.petitions.publishing import AmendmentNeeded
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

DOORS = builders.petition_text(title="Open both doors")
REQUEST = AmendmentRequest(
    kind=AmendmentKind.AMENDMENT, reasons={"en": "There are two doors.", "be": "Дзвярэй дзве."}
)


def changed(**changes: object) -> Petition:
    """The usual petition with another English title."""
    texts = {**builders.petition().texts, "en": DOORS}
    return builders.petition(**{"texts": texts, **changes})


def test_a_text_changes_freely_until_somebody_fills_in_a_form(world: World) -> None:
    world.forget_forms()

    assert publishing.changes_of_signed_text(world.services, changed()) == ()
    published = publishing.publish_petition(world.services, changed(), amendment=REQUEST)

    assert (published.version, published.amendments) == (2, ())


def test_the_first_form_makes_a_text_a_signed_one_before_it_is_confirmed(world: World) -> None:
    world.forget_forms()
    world.sign()

    with pytest.raises(AmendmentNeeded):
        publishing.publish_petition(world.services, changed())

    assert petitions.get(world.services.petitions, "open-door").version == 1


def test_a_signed_text_changes_with_a_reason(world: World) -> None:
    published = publishing.publish_petition(world.services, changed(), amendment=REQUEST)

    [amendment] = published.amendments
    assert amendment == builders.amendment(reasons=REQUEST.reasons)
    assert petitions.get(world.services.petitions, "open-door") == published
    before = petitions.get_version(world.services.petitions, "open-door", amendment.version - 1)
    assert before.text("en").title == "Open the door"


def test_the_same_amendment_twice_changes_nothing(world: World) -> None:
    first = publishing.publish_petition(world.services, changed(), amendment=REQUEST)
    again = publishing.publish_petition(world.services, changed(), amendment=REQUEST)

    assert again == first


def test_a_second_amendment_follows_the_first_even_when_the_salt_is_deleted(world: World) -> None:
    world.amend()
    world.forget_forms()

    with pytest.raises(AmendmentNeeded):
        publishing.publish_petition(world.services, builders.petition())
    published = publishing.publish_petition(world.services, builders.petition(), amendment=REQUEST)

    assert [each.number for each in published.amendments] == [1, 2]
    assert [each.version for each in published.amendments] == [2, 3]


@pytest.mark.parametrize(
    "draft",
    [
        builders.petition(goals=(10, 500)),
        builders.petition(closes_on=builders.NOW.date() + timedelta(days=9)),
        builders.petition(pseudonyms=True),
        builders.petition(
            texts={
                language: builders.petition_text(title=text.title, risk="Take care.")
                for language, text in builders.petition().texts.items()
            }
        ),
        builders.petition(
            texts={
                language: replace(text, outcome="It is open.")
                for language, text in builders.petition().texts.items()
            }
        ),
        builders.petition(
            texts={**builders.petition().texts, "de": builders.petition_text(title="Tür auf")}
        ),
    ],
    ids=["goals", "days", "settings", "advice on the risk", "the outcome", "a translation"],
)
def test_what_is_no_text_changes_without_a_word(world: World, draft: Petition) -> None:
    published = publishing.publish_petition(world.services, draft)

    assert (published.version, published.amendments) == (2, ())


@pytest.mark.parametrize(
    "draft",
    [
        builders.petition(texts={"en": builders.petition_text()}),
        builders.petition(organiser=replace(builders.petition().organiser, name="Window Watch")),
        *(
            builders.petition(
                texts={
                    **builders.petition().texts,
                    "en": builders.petition_text(**{part: "<p>Other</p>"}),
                }
            )
            for part in (
                *("title", "target", "summary", "introduction_html"),
                *("background_heading", "background_html"),
            )
        ),
    ],
)
def test_every_part_of_the_text_needs_a_reason(world: World, draft: Petition) -> None:
    with pytest.raises(AmendmentNeeded):
        publishing.publish_petition(world.services, draft)


def test_what_a_forger_wrote_is_replaced_without_an_amendment(world: World) -> None:
    world.services.petitions.update(
        keys.petition("open-door"),
        "SET texts.en.title = :title",
        values={":title": "Shut the door"},
    )

    published = world.publish_signed(builders.petition())

    assert (published.text("en").title, published.amendments) == ("Open the door", ())


def test_one_of_two_publishers_at_once_is_refused(world: World) -> None:
    published = publishing.publish_petition(world.services, changed(), amendment=REQUEST)

    with pytest.raises(ConditionFailed):
        petitions.save(world.services.petitions, published)


@pytest.mark.parametrize("fault", list(Fault))
def test_after_a_fault_there_is_all_of_an_amendment_or_nothing(world: World, fault: Fault) -> None:
    calls = AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)
    with recorded(calls), pytest.raises((Unavailable, Crash)):
        publishing.publish_petition(world.services, changed(), amendment=REQUEST)

    online = petitions.get(world.services.petitions, "open-door")
    assert (online.version, len(online.amendments)) in [(1, 0), (2, 1)]
    again = publishing.publish_petition(world.services, changed(), amendment=REQUEST)
    assert (again.version, len(again.amendments)) == (2, 1)


def test_a_form_is_older_than_an_amendment_if_its_page_may_have_been(world: World) -> None:
    petition = world.amend()

    made_at = petition.amendments[0].made_at
    assert petition.amendments_since(made_at - timedelta(days=1))
    assert petition.amendments_since(made_at + timedelta(minutes=59))
    assert not petition.amendments_since(made_at + timedelta(hours=1))
