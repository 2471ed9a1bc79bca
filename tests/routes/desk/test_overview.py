"""The overview says how a petition gets on, by the same calls whatever its size."""

from datetime import timedelta

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.petitions.switches import Switch
from chalicelib.store import keys
from chalicelib.store.integrity import tallies
from chalicelib.store.petitions import funnels
from chalicelib.usecases.alerts import controlling, recovery, starting, switching
from chalicelib.usecases.exports import ordering
from chalicelib.usecases.petitions import overview
from chalicelib.usecases.subscriptions import counting
from tests import builders, desk_accounts
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, recorded
from tests.in_process_service import PUBLIC_URL
from tests.world import World

PAGE = "/desk/petitions/open-door"
TODAY = builders.NOW.date()


def viewer(world: World) -> DeskClient:
    return DeskClient.signed_in(world, roles=[Role.VIEWER])


def page_of(world: World) -> str:
    page = viewer(world).get(PAGE)
    assert page.status == 200
    return page.body.decode()


def calls_of(world: World) -> list[str]:
    client = viewer(world)
    client.get(PAGE)
    world.services.cache.clear()
    with recorded(AwsCalls()) as calls:
        client.get(PAGE)
    return calls.made


def test_a_viewer_sees_exact_and_public_figures(world: World) -> None:
    world.sign_and_confirm()
    world.sign_and_confirm(email="nina@example.org", website="a program fills in everything")

    page = page_of(world)

    assert "<strong>1</strong><span>exactly, now</span>" in page
    assert f'<a href="{PUBLIC_URL}/be/open-door" target="_blank"' in page
    assert "Look at the held signatures" not in page
    assert "Look at the held signatures" in DeskClient.signed_in(world).get(PAGE).body.decode()
    assert "a hidden field was filled in" in page


def test_what_is_confirmed_is_exact_whatever_processes_have_not_written(world: World) -> None:
    world.raise_tally(PL=5)
    world.services.petitions.update(
        keys.signature_figures("open-door"),
        "ADD #day :five, #held :two",
        names={"#day": f"confirmed#{TODAY}", "#held": f"held#{TODAY}"},
        values={":five": 5, ":two": 2},
    )

    page = page_of(world)

    confirmed = page.split("Signatures that were confirmed</th>")[1]
    assert confirmed.startswith('<td class="number">7</td>')


def test_a_petition_of_a_million_is_shown_by_the_same_calls(world: World) -> None:
    at_zero = calls_of(world)
    world.raise_tally(PL=1_000_000)
    figures = {
        f"#c{number}": f"confirmed#{TODAY - timedelta(days=number)}" for number in range(100)
    }
    world.services.petitions.update(
        keys.signature_figures("open-door"),
        "ADD " + ", ".join(f"{name} :many" for name in figures),
        names=figures,
        values={":many": 10_000},
    )
    for number in range(40):
        day = TODAY - timedelta(days=number)
        figures_of_day = {"asked#google": 20_000, "mailed#google": 20_000}
        funnels.add(world.services.petitions, "open-door", day, figures_of_day, now=builders.NOW)
    counting.every_night(world.services)

    at_a_million = calls_of(world)

    assert at_a_million == at_zero
    assert at_a_million.count("dynamodb.Query") <= 3
    assert "<strong>1,000,000</strong><span>exactly, now</span>" in page_of(world)


def test_on_the_first_day_a_sentence_stands_for_the_line_of_all_signatures(world: World) -> None:
    world.sign_and_confirm()

    page = page_of(world)

    assert "begins tomorrow" in page
    assert page.count('<svg role="img"') == 1


def test_few_of_a_country_or_a_kind_are_shown_as_others_only(world: World) -> None:
    world.publish(builders.petition(publishes_countries=True))
    world.raise_tally(PL=12, LT=3)
    figures = {"asked#google": 12, "asked#proton": 9}
    funnels.add(world.services.petitions, "open-door", TODAY, figures, now=builders.NOW)

    page = page_of(world)

    assert "Poland" in page
    assert "Lithuania" not in page
    assert "Google (gmail.com)" in page
    assert "Proton" not in page


def test_others_alone_are_no_table(world: World) -> None:
    figures = {"asked#google": 9, "language#be": 9}
    funnels.add(world.services.petitions, "open-door", TODAY, figures, now=builders.NOW)

    page = page_of(world)

    assert "Forms that were taken" in page
    assert "Languages of the page" not in page
    assert "others" not in page


def test_a_week_without_a_form_is_one_sentence(world: World) -> None:
    page = page_of(world)

    assert "No form was sent in these days." in page
    assert "Forms that were taken" not in page


def test_what_is_switched_off_stands_before_everything(world: World) -> None:
    switching.switch(world.services, "open-door", Switch.SIGNING, on=False)

    page = page_of(world)

    assert "Open, signing paused" in page
    assert page.index("Signing is switched off") < page.index("exactly, now")


def test_what_is_wrong_leads_to_where_it_is_put_right_those_who_may_go_there(world: World) -> None:
    switching.switch(world.services, "open-door", Switch.SIGNING, on=False)
    link = f'<a href="{PAGE}/switches">Go to Switches</a>'

    assert link in DeskClient.signed_in(world).get(PAGE).body.decode()
    assert link not in page_of(world)


def test_a_list_that_waits_for_a_second_organiser_is_named_and_linked(world: World) -> None:
    world.publish(builders.petition(version=2, approvals=frozenset({"exports"})))
    hanna = desk_accounts.add(world, "Hanna").actor
    job = ordering.start(world.services, "open-door", by=hanna)

    page = page_of(world)

    assert "a list of signatures. Hanna asked for it." in page
    assert f'<a href="{PAGE}/signatures/{job.id}">Go to Lists</a>' in page


def test_a_public_number_that_is_still_zero_says_when_it_begins(world: World) -> None:
    step = world.services.settings.count_step
    world.sign_and_confirm()

    before = page_of(world)
    world.raise_tally(PL=2 * step)
    world.set_figures()
    after = page_of(world)

    assert (
        f"<strong>0</strong><span>begins between {step} and {2 * step - 1} signatures</span>"
        in before
    )
    assert "rounded down at random, at set times" in after


def test_subscribers_are_shown_as_the_last_night_has_counted_them(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    before = page_of(world)

    counting.every_night(world.services)

    page = page_of(world)
    assert "Subscribers are counted each night" in before
    assert "<strong>1</strong><span>last night</span>" in page


def test_those_who_left_and_marked_a_mail_as_spam_stand_with_the_subscribers(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.sign_and_confirm(email="nina@example.org", alerts="yes")
    world.withdraw("nina@example.org")
    counting.every_night(world.services)
    for days in (0, 39, 40):
        funnels.add(
            world.services.petitions,
            "open-door",
            TODAY - timedelta(days=days),
            {"complained#yahoo": 1, "mailed#yahoo": 700},
            now=builders.NOW,
        )

    page = page_of(world)

    assert "<span>Left</span><strong>1</strong>" in page
    assert "<span>Marked as spam</span><strong>2</strong><span>mails, in 40 days</span>" in page
    assert "2 mails were marked as spam in the last 40 days, of 1,4" in page
    assert "fewer than 1 in 1,000 is normal" in page
    assert "Marked as spam, from ten mails up" not in page


def test_kinds_of_providers_are_named_from_ten_complaints_up(world: World) -> None:
    figures = {"complained#yahoo": 10, "complained#proton": 9, "mailed#other": 100_000}
    funnels.add(world.services.petitions, "open-door", TODAY, figures, now=builders.NOW)

    page = page_of(world)

    by_kind = page.split("Marked as spam, from ten mails up")[1].split("</table>")[0]
    assert "Yahoo" in by_kind
    assert "others" in by_kind
    assert "Proton" not in by_kind


def test_mails_of_updates_are_among_those_that_went_out(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    starting.start_update(world.services, world.publish_update().id)
    world.deliver_all()
    world.clock.advance(minutes=2)
    recovery.every_minute(world.services)

    assert overview.show(world.services, "open-door").sent == 2


def test_an_alert_that_is_paused_is_named(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    starting.start_update(world.services, world.publish_update().id)
    controlling.pause(world.services, world.alert_id(), "a link is wrong")

    paused = page_of(world)

    assert "is paused: a link is wrong" in paused


def test_a_petition_that_is_not_published_is_sent_to_its_text(world: World) -> None:
    client = DeskClient.signed_in(world, slug="shut-door", roles=[Role.VIEWER])

    page = client.get("/desk/petitions/shut-door")

    assert page.status == 403
    assert "when the petition is published" in page.body.decode()


def test_an_update_that_nobody_has_approved_is_named(world: World) -> None:
    world.publish(builders.petition(version=2, approvals=frozenset({"sending"})))
    at = world.clock.now() + timedelta(hours=1)
    world.publish_update(builders.update(send_at=at))

    before = page_of(world)
    world.clock.advance(hours=2)
    world.services.cache.clear()
    after = page_of(world)

    assert "Waits for approval: update “" in before
    assert "Missed its time, " in after


def test_a_goal_that_the_public_does_not_see_says_so(world: World) -> None:
    goals = builders.petition(version=2, goals=(1, 100), milestones=(Milestone.GOAL,))
    world.publish(goals)
    world.sign_and_confirm()

    page = page_of(world)

    assert "the public does not see it yet" in page
    assert "as soon as the public number shows it" in page


def test_a_petition_whose_data_was_destroyed_says_so_and_forecasts_nothing(world: World) -> None:
    world.publish(builders.petition(version=2, closes_on=TODAY - timedelta(days=1)))
    tallies.freeze(world.services.petitions, "open-door", now=world.clock.now())

    page = page_of(world)

    assert "The petition was destroyed" in page
    assert "at this pace" not in page
    assert "Subscribers" not in page
