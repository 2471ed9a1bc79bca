"""Attacker: a state that wants to know who signs, when, and from where.

Watches its networks and the public figures at once, reads mailboxes at providers under its law,
signs with its own agents, looks at screens, and seizes phones. Protected: that a person has signed.
"""

import itertools
import json
import re

import pytest

from chalicelib.domain.mailboxes import email_address
from chalicelib.rendering import assets
from tests import builders
from tests.abuse.scenarios import post_form, post_sign_form
from tests.proving import press
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, ApiResponse, get, post
from tests.world import World

FIGURES = (f"/en/{SLUG}", f"/api/petitions/{SLUG}", f"/api/petitions/{SLUG}/count")
COUNTRIES = {"PL": 40, "DE": 23, "LT": 11}


def _public_count(world: World) -> int:
    return int(json.loads(get(FIGURES[1]).text)["count"])


def _countries(world: World) -> dict[str, str]:
    """The public figures of countries, by English name."""
    lines = [line.text for line in ParsedPage(get(FIGURES[0]).text).all("li")]
    matches = [match for line in lines if (match := re.match(r"([A-Z][a-z]+): (\d+)", line))]
    return {match[1]: match[2] for match in matches}


# Public figures.


def test_the_count_moves_in_steps(world: World) -> None:
    """An exact count would tie a connection on the network to a signature."""
    counts = []
    for _ in range(20):
        world.raise_tally(PL=1)
        world.set_figures()
        counts.append(_public_count(world))

    moves = [after - before for before, after in itertools.pairwise(counts)]
    assert {count % world.services.settings.count_step for count in counts} == {0}
    assert set(moves) == {0, 5}


def test_a_country_below_ten_signatures_is_not_shown(world: World) -> None:
    """Elsewhere: a country with a single signature is published."""
    world.raise_tally(**COUNTRIES)
    for _ in range(1, 10):
        world.raise_tally(BY=1)
        world.set_figures()

        assert set(_countries(world)) == {"Poland", "Germany", "Lithuania"}
        for path in FIGURES[1:]:
            assert "BY" not in get(path).text


def test_countries_are_rounded_down_to_steps(world: World) -> None:
    world.raise_tally(**COUNTRIES, BY=10)
    world.set_figures()

    assert _countries(world) == {
        "Poland": "40",
        "Germany": "20",
        "Lithuania": "10",
        "Belarus": "10",
    }


@pytest.mark.parametrize("germany", range(20, 25))
def test_hidden_countries_cannot_be_derived_by_subtraction(world: World, germany: int) -> None:
    """The total less the listed countries moves in steps, not with one signature."""
    step = world.services.settings.count_step
    differences = []
    world.raise_tally(**{**COUNTRIES, "DE": germany})
    for _ in range(9):
        world.raise_tally(BY=1)
        world.set_figures()
        lines = _countries(world)
        assert set(lines) == {"Poland", "Germany", "Lithuania"}
        differences.append(_public_count(world) - sum(map(int, lines.values())))

    run_lengths = [len(list(run)) for _, run in itertools.groupby(differences)]
    assert {difference % step for difference in differences} == {0}
    assert max(run_lengths) == step
    assert set(run_lengths[1:-1]) <= {step}


def test_all_pages_and_feeds_show_the_same_rounded_count(world: World) -> None:
    """Two roundings of one figure would reveal more than either."""
    world.raise_tally(**COUNTRIES, BY=3)
    world.set_figures()
    world.publish_update()

    count = json.loads(get(FIGURES[2]).text)
    assert _public_count(world) == count["count"] == 75
    assert "75" in count["text"]["en"]
    for path in (f"/en/{SLUG}", f"/embed/{SLUG}/en", f"/be/{SLUG}", f"/ru/{SLUG}"):
        assert "75" in ParsedPage(get(path).text).one("body").text
    for path in (f"/en/{SLUG}/feed.atom", f"/en/{SLUG}/feed.json"):
        assert "75" not in get(path).text
    text = ParsedPage(get(f"/en/{SLUG}").text).text
    # Keys, near the end of the page, hold any digits.
    figures = re.findall(r"\d+", text[: text.index("How signatures are sealed")])
    assert not {"77", "23", "11"} & set(figures)


def test_no_public_page_lists_signers_or_times(world: World) -> None:
    """Even initials and places of recent signers would identify people."""
    world.sign_and_confirm(name="Zuzanna Marked", email="zuzanna@example.org", country="PL")
    world.publish_update()

    paths = [
        f"/{language}/{SLUG}{more}"
        for language in ("en", "be", "ru")
        for more in ("", "/share", "/poster", "/feed.atom", "/feed.json", "/updates/first-news")
    ] + [*FIGURES, f"/embed/{SLUG}/en", "/en"]
    for path in paths:
        text = get(path).text
        assert "Zuzanna" not in text
        assert "zuzanna" not in text
        assert "12:00" not in text


def test_signatures_cannot_be_listed_or_searched(world: World) -> None:
    for path in ("signatures", "signers", "export", "search", "list", "admin"):
        assert get(f"/en/{SLUG}?page=2&q=a&{path}=1").text == get(f"/en/{SLUG}").text
        assert get(f"/api/petitions/{SLUG}-{path}").status == 404


# Mailboxes.


@pytest.mark.parametrize("provider", ["tut.by", "mail.ru", "yandex.com", "пошта.бел", "list.ru"])
@pytest.mark.parametrize("form", ["sign", "subscribe", "manage"])
def test_a_warning_comes_before_a_mail_to_a_mailbox_that_a_state_reads(
    world: World, provider: str, form: str
) -> None:
    fields = {**builders.sign_form(name="Ada"), "email": f"ada@{provider}"}

    warned = post_form(form, **fields)
    world.deliver_all()
    mailed_before = len(world.mails())
    domain = email_address.parse(fields["email"]).domain
    accepted = post_form(form, **fields, despite=domain)
    world.deliver_all()

    assert (warned.status, mailed_before) == (422, 0)
    assert "We have sent nothing yet." in warned.text
    assert accepted.status == 200
    assert len(world.mails()) == 1


def test_the_preview_of_a_mail_names_neither_petition_nor_country(
    world: World,
) -> None:
    """Sender, subject and first lines are shown on a locked screen and in the list of mails."""
    world.sign_and_confirm()
    world.sign()
    post_form("subscribe", email="hanna@example.org")
    post_form("manage", email="hanna@example.org")
    post_form("manage", email="nobody@example.org")
    world.deliver_all()

    assert len(world.mails()) == 5
    for mail in world.mails():
        first = " ".join(mail.text.split())[:180]
        for word in ("petition", "door", "Belarus", "signature"):
            assert word.lower() not in f"{mail.subject} {first}".lower(), (mail.subject, word)


# Screens and seized phones.


def _pages_after_the_form(world: World) -> list[ApiResponse]:
    inbox = post_sign_form("ada@example.org")
    world.deliver_all()
    link = world.link()
    confirmed = [get(link), post(link)]
    own = world.ask_for_own_page("ada@example.org")
    return [
        inbox,
        *confirmed,
        get(own),
        post(own, {"do": "delete"}),
        post_sign_form("ada@", name=""),
    ]


def test_pages_after_the_form_are_not_cached_and_send_no_referrer(
    world: World,
) -> None:
    for response in _pages_after_the_form(world):
        names = {name.lower() for name in response.headers}
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "set-cookie" not in names


def test_scripts_store_nothing_and_call_no_other_site() -> None:
    for name in ("page.js", "proof.js", "sharing.js"):
        script = assets.find_static(assets.static(name).rpartition("/")[2]) or ""
        assert script
        for forbidden in ("localStorage", "sessionStorage", "indexedDB", "document.cookie"):
            assert forbidden not in script
        assert re.findall(r"https?://(?!www\.wikipedia\.org)[^\s\"'`]+", script) == []


def test_every_page_has_a_quick_exit(world: World) -> None:
    for response in [get(f"/en/{SLUG}"), *_pages_after_the_form(world)]:
        links = [a["href"] for a in ParsedPage(response.text).all("a")]
        assert "https://www.wikipedia.org/" in links


def test_titles_of_mailed_pages_do_not_name_the_petition(world: World) -> None:
    """A title stays in the browser's history and in the list of windows."""
    post_sign_form("ada@example.org")
    world.deliver_all()
    own = world.ask_for_own_page("ada@example.org")

    for link in {world.link(mail) for mail in world.mails()} | {own, world.link_to("block")}:
        assert "door" not in ParsedPage(get(link).text).one("title").text.lower()


# Availability.


def test_a_flood_from_one_network_does_not_stop_another(world: World) -> None:
    press(world, proof_posts_per_network=1, posts_per_network=3)
    for number in range(6):
        post_sign_form(f"agent{number}@example.org")

    calm = post_sign_form("citizen@example.org", client="203.0.113.9")

    assert calm.status == 200
    assert get(f"/en/{SLUG}").status == 200
