"""An update is published, sent once, and looked after."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.usecases.alerts import controlling, starting
from tests.in_process_service import PUBLIC_URL
from tests.ops import folders
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

UPDATE_ID = "open-door/first-news"


def finish(world: World) -> None:
    """Send all that is due; recovery counts it in one minute, and completes it in the next."""
    world.deliver_all()
    world.run_every_minute()
    world.run_every_minute()


def test_an_update_is_published_and_sent_once(operator: World, tmp_path: Path) -> None:
    operator.sign_and_confirm(alerts="yes")
    folder = folders.update(tmp_path)
    mails = len(operator.mails())

    published = zaklik("update", "publish", folder)
    not_sent = zaklik("update", "status", UPDATE_ID)
    sent = zaklik("update", "send", UPDATE_ID, "--yes")
    operator.deliver_all()
    again = zaklik("update", "send", UPDATE_ID, "--yes")
    operator.deliver_all()

    assert published.stdout.splitlines()[0] == UPDATE_ID
    assert f"{PUBLIC_URL}/en/open-door/updates/first-news" in published.stdout
    assert "has not been sent" in not_sent.stdout
    assert "on its way" in sent.stdout
    assert (again.exit_code, "sent before" in again.stdout) == (0, True)
    assert len(operator.mails()) == mails + 1


def test_publishing_and_looking_name_the_languages_without_a_text(
    operator: World, tmp_path: Path
) -> None:
    folder = folders.update(tmp_path)
    (folder / "be.md").unlink(missing_ok=True)

    published = zaklik("update", "publish", folder)
    looked = zaklik("update", "preview", UPDATE_ID, "--out", tmp_path / "preview")

    for said in (published.stdout, looked.stdout):
        assert "It has no text in be, ru: their readers get it in “en”." in " ".join(said.split())


def test_the_status_counts_what_became_of_every_recipient(operator: World) -> None:
    # Commands go by the clock of this machine.
    operator.clock.moment = datetime.now(UTC)
    operator.publish_update()
    for number in range(3):
        operator.sign_and_confirm(email=f"nina{number}@example.org", alerts="yes")

    zaklik("update", "send", UPDATE_ID, "--yes")
    begun = zaklik("update", "status", UPDATE_ID)
    operator.deliver_all()
    sent = zaklik("update", "status", UPDATE_ID)
    finish(operator)
    complete = zaklik("update", "status", UPDATE_ID)

    assert "still being gathered" in begun.stdout
    assert "Everybody has an outcome." in sent.stdout
    assert "         3  sent" in complete.stdout
    assert "         0  open" in complete.stdout
    assert "100 %" in complete.stdout
    assert "Complete." in complete.stdout


def test_the_status_does_not_deny_weekly_subscribers(operator: World) -> None:
    operator.publish_update()
    operator.sign_and_confirm(alerts="yes")
    own_page = operator.ask_for_own_page()
    operator.post(own_page, {"do": "change", "language": "en", "frequency": "weekly"})

    starting.start_update(operator.services, UPDATE_ID)
    finish(operator)
    status = zaklik("update", "status", UPDATE_ID)

    assert "Complete: nobody gets it at once." in status.stdout
    assert "nobody has subscribed" not in status.stdout
    assert "weekly" in status.stdout


def test_the_status_of_a_digest_says_what_it_holds(operator: World) -> None:
    operator.publish_update()
    operator.sign_and_confirm(email="nina@example.org", alerts="yes")
    digest_id = "open-door/week-2026-03-09"

    too_early = zaklik("update", "status", "open-door/week-2099-03-09")
    starting.start_update(operator.services, UPDATE_ID)
    finish(operator)
    of_update = zaklik("update", "status", UPDATE_ID)
    operator.clock.advance(days=1)
    operator.run_every_minute()
    finish(operator)
    of_digest = zaklik("update", "status", digest_id)
    when_made = zaklik("update", "status", UPDATE_ID)

    assert "is made at 2099-03-09 09:00 UTC" in too_early.stdout
    assert "It waits for the daily digest of 20" in of_update.stdout
    assert "It waits for the weekly digest of 20" in of_update.stdout
    assert "It waits for" not in when_made.stdout
    assert "A digest of: first-news" in of_digest.stdout
    assert "Complete: nobody gets this digest." in of_digest.stdout


@pytest.mark.parametrize(
    ("week", "reason"),
    [
        ("2026-03-02", "no update waited for it."),
        ("2026-02-31", "There is no such day"),
        ("2099-03-10", "weekly ones are made on a Monday, and 2099-03-10 is a Tuesday."),
    ],
)
def test_the_status_of_a_digest_that_was_never_made_is_refused(
    operator: World, week: str, reason: str
) -> None:
    operator.publish_update()

    assert reason in refused(zaklik("update", "status", f"open-door/week-{week}"))


def test_an_update_without_its_petition_is_refused(operator: World, tmp_path: Path) -> None:
    folder = folders.update(tmp_path)
    folder.parent.parent.rename(tmp_path / "shut-door")

    message = refused(zaklik("update", "publish", tmp_path / "shut-door/updates/first-news"))

    assert "Is it published" in message
    assert "Is it published" in refused(zaklik("update", "send", "open-door/nothing"))
    assert "Is it published" in refused(zaklik("update", "status", "open-door/nothing"))


def test_an_update_with_a_time_says_when_it_will_be_mailed(operator: World, tmp_path: Path) -> None:
    toml = folders.UPDATE_TOML + "send_at = 2099-04-01T09:00:00Z\n"

    published = zaklik("update", "publish", folders.update(tmp_path, toml=toml))

    assert "will be mailed to subscribers at 2099-04-01 09:00 UTC" in published.stdout
    assert "That is after the last day of the petition, 20" in published.stdout
    assert "is to go out at 2099-04-01 09:00 UTC" in zaklik("update", "status", UPDATE_ID).stdout


def test_an_update_of_a_day_to_come_is_not_offered_to_be_sent_now(
    operator: World, tmp_path: Path
) -> None:
    toml = "published_on = 2099-04-01\n"

    published = zaklik("update", "publish", folders.update(tmp_path, toml=toml))

    assert "Its day is 2099-04-01: nobody can be mailed before. Then: " in published.stdout
    assert "To mail it to subscribers" not in published.stdout


def test_the_status_names_no_digest_that_a_cancelled_update_stays_out_of(operator: World) -> None:
    operator.publish_update()
    alert_id = starting.start_update(operator.services, UPDATE_ID)
    assert alert_id

    controlling.pause(operator.services, alert_id)
    paused = zaklik("update", "status", UPDATE_ID)
    controlling.cancel(operator.services, alert_id)
    cancelled = zaklik("update", "status", UPDATE_ID)

    assert "UTC, if it is resumed before: zaklik update status" in paused.stdout
    assert "digest" not in cancelled.stdout


def test_a_text_that_is_too_long_to_be_mailed_is_not_published_for_a_time(
    operator: World, tmp_path: Path
) -> None:
    # Each line of a list has a style of its own in the mail.
    long = f"{folders.UPDATE_TEXT}\n\n" + "- a door\n" * 3_000
    toml = folders.UPDATE_TOML + "send_at = 2099-04-01T09:00:00Z\n"

    refusal = refused(zaklik("update", "publish", folders.update(tmp_path, toml=toml, be=long)))

    assert "The mail in be has 1" in refusal
    assert "Shorten its text by a third" in refusal
    assert operator.get("/en/open-door/updates/first-news").status_code == 404


def test_a_time_that_has_passed_is_refused(operator: World, tmp_path: Path) -> None:
    toml = folders.UPDATE_TOML + "send_at = 2026-03-02T09:00:00Z\n"
    folder = folders.update(tmp_path, toml=toml)

    message = refused(zaklik("update", "publish", folder))

    assert (
        "send_at lies in the past: 2026-03-02 09:00 UTC. Correct it, or delete the line" in message
    )
    assert "`zaklik update send`" in message
    assert "Is it published" in refused(zaklik("update", "status", UPDATE_ID))


def test_a_check_finds_the_time_that_publishing_refuses(tmp_path: Path) -> None:
    toml = folders.UPDATE_TOML + "send_at = 2026-03-02T09:00:00Z\n"
    folder = folders.update(tmp_path, toml=toml)

    checked = zaklik("petition", "check", folder.parent.parent)

    assert checked.exit_code == 0
    assert "send_at of first-news lies in the past: 2026-03-02 09:00 UTC." in checked.stdout
    assert "updates are ready" not in checked.stdout


def test_an_update_that_was_mailed_can_be_amended(operator: World, tmp_path: Path) -> None:
    folder = folders.update(tmp_path)
    zaklik("update", "publish", folder)
    zaklik("update", "send", UPDATE_ID, "--yes")
    toml = folders.UPDATE_TOML + "send_at = 2026-03-02T09:00:00Z\n"
    (folder / "update.toml").write_text(toml, "utf-8")

    amended = zaklik("update", "publish", folder)

    assert amended.exit_code == 0
    assert "It was mailed on 20" in amended.stdout
    assert "amending the text mails nobody." in amended.stdout
    assert "will be mailed" not in amended.stdout
