"""A state that wants to know who signs, when, and from where.

It watches its networks and our public figures at the same time, reads mailboxes at providers under
its law, sends its own people as signers, looks over shoulders, and seizes phones. At stake is a
person's freedom: not one of the figures that we publish, nor what lies on a phone, may say more
than that there is a petition.
"""

import itertools
import json
import re

import pytest

from chalicelib.domain import email_address
from chalicelib.rendering import assets
from tests import builders
from tests.abuse.people import sends, signs
from tests.proving import press
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, ApiResponse, get, post
from tests.world import World

FIGURES = (f"/en/{SLUG}", f"/api/petitions/{SLUG}", f"/api/petitions/{SLUG}/count")
COUNTRIES = {"PL": 40, "DE": 23, "LT": 11}


def _shown(world: World) -> int:
    return int(json.loads(get(FIGURES[1]).text)["count"])


def _countries(world: World) -> dict[str, str]:
    """What the page says, by the country's name in English."""
    lines = [line.text for line in ParsedPage(get(FIGURES[0]).text).all("li")]
    found = [match for line in lines if (match := re.match(r"([A-Z][a-z]+): (\d+)", line))]
    return {match[1]: match[2] for match in found}


# Watching the figures.


def test_no_figure_moves_with_one_person(world: World) -> None:
    """Who sees a visitor on the wire and the count jump in the same second has found somebody."""
    shown = []
    for _ in range(20):
        world.have_counted(PL=1)
        shown.append(_shown(world))

    moves = [after - before for before, after in itertools.pairwise(shown)]
    assert {count % world.services.settings.count_step for count in shown} == {0}
    assert set(moves) == {0, 5}


@pytest.mark.parametrize("small", range(1, 10))
def test_a_country_with_fewer_than_ten_is_nowhere(world: World, small: int) -> None:
    """Elsewhere a country with a single signature is published as such."""
    world.have_counted(**COUNTRIES, BY=small)

    assert set(_countries(world)) == {"Poland", "Germany", "Lithuania"}
    for path in FIGURES[1:]:
        assert "BY" not in get(path).text


def test_the_figures_of_countries_go_in_steps_too(world: World) -> None:
    world.have_counted(**COUNTRIES, BY=10)

    assert _countries(world) == {
        "Poland": "40",
        "Germany": "20",
        "Lithuania": "10",
        "Belarus": "10",
    }


@pytest.mark.parametrize("germany", range(20, 25))
def test_the_small_ones_cannot_be_had_by_subtraction(world: World, germany: int) -> None:
    """The total less the lines moves with every fifth person from elsewhere, not with each.

    Who knew every other figure exactly would learn in which five theirs lies, and no more.
    """
    step = world.services.settings.count_step
    differences = []
    world.have_counted(**{**COUNTRIES, "DE": germany})
    for _ in range(9):
        world.have_counted(BY=1)
        lines = _countries(world)
        assert set(lines) == {"Poland", "Germany", "Lithuania"}
        differences.append(_shown(world) - sum(map(int, lines.values())))

    alike = [len(list(run)) for _, run in itertools.groupby(differences)]
    assert {difference % step for difference in differences} == {0}
    assert max(alike) == step
    assert set(alike[1:-1]) <= {step}


def test_all_that_is_published_says_the_same(world: World) -> None:
    """Two views of one figure, rounded in two ways, would be a third."""
    world.have_counted(**COUNTRIES, BY=3)
    world.publish_update()

    count = json.loads(get(FIGURES[2]).text)
    assert _shown(world) == count["count"] == 75
    assert "75" in count["text"]["en"]
    for path in (f"/en/{SLUG}", f"/embed/{SLUG}/en", f"/be/{SLUG}", f"/ru/{SLUG}"):
        assert "75" in ParsedPage(get(path).text).one("body").text
    for path in (f"/en/{SLUG}/feed.atom", f"/en/{SLUG}/feed.json"):
        assert "75" not in get(path).text
    for exact in ("77", "23", "11"):
        assert exact not in re.findall(r"\d+", ParsedPage(get(f"/en/{SLUG}").text).text)


def test_nothing_public_lists_who_signed_last(world: World) -> None:
    """A list of recent signers, even of initials and places, is a list for the police."""
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


def test_nobody_can_page_or_search_through_signatures(world: World) -> None:
    for path in ("signatures", "signers", "export", "search", "list", "admin"):
        assert get(f"/en/{SLUG}?page=2&q=a&{path}=1").text == get(f"/en/{SLUG}").text
        assert get(f"/api/petitions/{SLUG}-{path}").status == 404


# Reading mailboxes.


@pytest.mark.parametrize("provider", ["tut.by", "mail.ru", "yandex.com", "пошта.бел", "list.ru"])
@pytest.mark.parametrize("form", ["sign", "subscribe", "manage"])
def test_nothing_is_mailed_to_a_mailbox_that_it_reads_before_the_person_was_warned(
    world: World, provider: str, form: str
) -> None:
    fields = {**builders.sign_form(name="Ada"), "email": f"ada@{provider}"}

    warned = sends(form, **fields)
    world.settle()
    mailed_before = len(world.mails())
    domain = email_address.parse(fields["email"]).domain
    gone_on = sends(form, **fields, despite=domain)
    world.settle()

    assert (warned.status, mailed_before) == (422, 0)
    assert "We have sent nothing yet." in warned.text
    assert gone_on.status == 200
    assert len(world.mails()) == 1


def test_sender_subject_and_first_lines_of_a_mail_name_neither_petition_nor_country(
    world: World,
) -> None:
    """What a phone shows on its locked screen, and what a list of mails shows to a colleague."""
    world.sign_and_confirm()
    world.sign()
    sends("subscribe", email="hanna@example.org")
    sends("manage", email="hanna@example.org")
    sends("manage", email="nobody@example.org")
    world.settle()

    assert len(world.mails()) == 5
    for mail in world.mails():
        first = " ".join(mail.text.split())[:180]
        for word in ("petition", "door", "Belarus", "signature"):
            assert word.lower() not in f"{mail.subject} {first}".lower(), (mail.subject, word)


# Looking over a shoulder, seizing a phone.


def _pages_after_the_form(world: World) -> list[ApiResponse]:
    asked = signs("ada@example.org")
    world.settle()
    link = world.link()
    confirmed = [get(link), post(link)]
    own = world.ask_for_own_page("ada@example.org")
    return [asked, *confirmed, get(own), post(own, {"do": "delete"}), signs("ada@", name="")]


def test_nothing_after_the_form_is_kept_by_a_browser_or_told_to_the_next_site(
    world: World,
) -> None:
    for response in _pages_after_the_form(world):
        names = {name.lower() for name in response.headers}
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "set-cookie" not in names


def test_no_script_of_ours_stores_anything_or_asks_anybody_else() -> None:
    for name in ("page.js", "proof.js"):
        script = assets.find_static(assets.static(name).rpartition("/")[2]) or ""
        assert script
        for forbidden in ("localStorage", "sessionStorage", "indexedDB", "document.cookie"):
            assert forbidden not in script
        assert re.findall(r"https?://(?!www\.wikipedia\.org)[^\s\"'`]+", script) == []


def test_every_page_of_the_journey_has_a_way_out_of_sight(world: World) -> None:
    for response in [get(f"/en/{SLUG}"), *_pages_after_the_form(world)]:
        ways = [a["href"] for a in ParsedPage(response.text).all("a")]
        assert "https://www.wikipedia.org/" in ways


def test_titles_of_mailed_pages_do_not_name_the_petition(world: World) -> None:
    """A title stays in the history of a browser and in the list of open windows."""
    signs("ada@example.org")
    world.settle()
    own = world.ask_for_own_page("ada@example.org")

    for link in {world.link(mail) for mail in world.mails()} | {own, world.link_to("block")}:
        assert "door" not in ParsedPage(get(link).text).one("title").text.lower()


# Closing the service.


def test_a_flood_closes_nothing_for_who_can_wait(world: World) -> None:
    press(world, proof_posts_per_network=1, posts_per_network=3)
    for number in range(6):
        signs(f"agent{number}@example.org")

    calm = signs("citizen@example.org", client="203.0.113.9")

    assert calm.status == 200
    assert get(f"/en/{SLUG}").status == 200
