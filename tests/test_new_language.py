"""A new language is one folder in locale/: no page and no mail is left with English words."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from chalice.test import HTTPResponse

from chalicelib.domain.errors import Refusal
from chalicelib.domain.petitions.petition import BackgroundPart, Demand, Organiser, PetitionText
from chalicelib.domain.petitions.update import UpdateText
from chalicelib.rendering import assets, build_output, templates, translations
from chalicelib.routes.http import responses
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases import pressure
from chalicelib.usecases.alerts import starting
from ops import catalogues, compiling
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes import markup
from tests.world import World

MADE_UP: Final = "el"
"""A language without a translation, in an alphabet that no other language uses."""
PLACEHOLDERS: Final = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+(?: href=\"[^\"]*\")?>")
NAMES: Final = frozenset(
    """
    A4 Amazon Atom Browser Ed English IP JSON QR RSS SHA Services Signal Telegram Tor UTC Viber Web
    WhatsApp ZAKLIK Zaklik cookie
    """.split()  # noqa: SIM905 - words stay in alphabetical order
)
"""Words in Latin letters that are the same in every language."""
SENDER: Final = frozenset({"Desk"})
"""The name with which the operator of the tests sends."""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A build with one more folder in `locale/`."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(compiling.LOCALE, folder / "locale")
    (folder / "locale" / MADE_UP).mkdir()
    with (folder / "locale" / MADE_UP / "messages.po").open("wb") as file:
        write_po(file, _made_up_catalogue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "LOCALE", folder / "locale")
        patch.setattr(build_output, "COMPILED", folder / "compiled")
        compiling.compile_all(folder / "compiled")
        _clear_caches()
        yield
    _clear_caches()


def _made_up_catalogue() -> Catalog:
    """A catalogue of every sentence, with `λέξη` for each word."""
    catalogue = Catalog(locale=MADE_UP)
    for entry in catalogues.sentences():
        if not entry.id:
            continue
        if isinstance(entry.id, str):
            translation: str | list[str] = _without_words(entry.id)
        else:
            translation = [_without_words(form) for form in entry.id]
        catalogue.add(entry.id, translation, context=entry.context)
    return catalogue


def _without_words(sentence: str) -> str:
    """The sentence with its placeholders, markup and names, and `λέξη` for its words."""
    parts = re.split(f"({PLACEHOLDERS.pattern})", sentence)
    return "".join(
        part
        if PLACEHOLDERS.fullmatch(part) or part.startswith("name@")
        else re.sub(r"[A-Za-z]+", lambda word: word[0] if word[0] in NAMES else "λέξη", part)
        for part in parts
    )


def _clear_caches() -> None:
    """Clear the caches of another build's files."""
    for module in (assets, templates, translations):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def _publish_in_greek(world: World) -> None:
    """Publish the petition and an update in the made-up language, in Greek letters."""
    text = PetitionText(
        title="Τίτλος",
        target="Στόχος",
        lead="Πρόταση",
        summary="Περίληψη",
        introduction_html="<p>Εισαγωγή</p>",
        demands=(
            Demand(number=1, heading="Αίτημα", html="<p>Τώρα</p>", details_html="<p>Πάντα</p>"),
        ),
        background_heading="Γιατί",
        background_html="<p>Διότι</p>",
        background_parts=(BackgroundPart(heading="Πότε", html="<p>Χθες</p>"),),
        risk="Κίνδυνος",
        risk_question="Εσείς;",
    )
    organiser = Organiser(
        name="Οργάνωση", email="desk@example.org", website="https://example.org", placeholder=True
    )
    world.publish(builders.petition(texts={MADE_UP: text}, organiser=organiser, pseudonyms=True))
    news = UpdateText(title="Νέα", summary="Λίγα", html="<p>Νέα</p>", text="Νέα")
    world.publish_update(builders.update(texts={MADE_UP: news}))


def _pages(world: World) -> Iterator[HTTPResponse]:
    """Every page of the journey, in the made-up language."""
    home = f"/{MADE_UP}/open-door"
    person = {"name": "Άννα", "email": "hanna@example.org", "alerts": "yes"}
    world.raise_tally(without_country=100, PL=50)
    world.set_figures()
    for path in ("", "/manage", "/subscribe", "/share", "/poster", "/updates/first-news"):
        yield world.get(home + path)
    for path in ("", "/privacy", "/confirm/nothing", "/nothing"):
        yield world.get(f"/{MADE_UP}{path}")
    yield world.get(f"/embed/open-door/{MADE_UP}")
    for fields in ({}, {"email": "a", "name": "1"}, {"name": "Α", "email": "a@mail.ru"}):
        yield world.post(home + "/sign", {**fields, "country": "XX"} if len(fields) < 2 else fields)
    yield world.post(home + "/manage", {"email": "a"})
    yield world.post(home + "/subscribe", {"email": "a"})
    signed = world.post(home + "/sign", person)
    yield signed
    [pending] = set(re.findall(r'name="pending" value="([^"]+)"', signed.body.decode()))
    yield world.post(home + "/code", {"pending": pending, "code": "00000000"})
    yield world.post(home + "/again", {"pending": pending})
    world.deliver_all()
    yield world.get(world.link())
    yield world.get(world.link_to("block"))
    yield world.post(world.link(), {})
    world.deliver_all()
    yield from _own_page(world, home, person)
    yield from _under_pressure(world, home, person)
    yield from _refused(world, home, person)


def _own_page(world: World, home: str, person: Mapping[str, str]) -> Iterator[HTTPResponse]:
    yield world.post(home + "/sign", person)
    yield world.post(home + "/manage", {"email": "nobody@example.org"})
    yield world.post(home + "/manage", person)
    world.deliver_all()
    own = world.link_to("manage")
    yield world.get(own)
    for action in (
        {"do": "change", "language": MADE_UP, "frequency": "weekly"},
        {"do": "change"},
        {"do": "stop"},
        {"do": "withdraw"},
        {"do": "delete"},
    ):
        yield world.post(own, action)
    yield world.post(home + "/subscribe", {"email": "reader@example.org"})
    world.deliver_all()
    confirm, block_link = world.link(), world.link_to("block")
    yield world.get(confirm)
    yield world.post(confirm, {})
    yield from _alerts(world)
    yield world.post(block_link, {})


def _alerts(world: World) -> Iterator[HTTPResponse]:
    """One alert and one digest to a subscriber."""
    world.post(f"/{MADE_UP}/open-door/manage", {"email": "reader@example.org"})
    world.deliver_all()
    own = world.link()
    starting.start_update(world.services, "open-door/first-news")
    world.deliver_all()
    assert len(world.mails("reader@example.org")) == 4
    world.post(own, {"do": "change", "language": MADE_UP, "frequency": "weekly"})
    second = replace(
        updates.get(world.services.petitions, "open-door", "first-news"), name="second-news"
    )
    world.publish_update(second)
    starting.start_update(world.services, second.id)
    world.clock.advance(days=7)
    for _ in range(3):
        world.run_every_minute()
        world.deliver_all()
    assert len(world.mails("reader@example.org")) == 5
    stop = world.mails("reader@example.org")[-1].headers["List-Unsubscribe"]
    path = stop.strip("<>").removeprefix(PUBLIC_URL)
    yield world.get(path)
    yield world.post(path, {})


def _under_pressure(world: World, home: str, person: Mapping[str, str]) -> Iterator[HTTPResponse]:
    pressure.require_proofs(
        world.services, "open-door", until=world.clock.now() + timedelta(hours=1)
    )
    yield world.get(home)
    yield world.post(home + "/sign", person)
    yield world.post(home + "/sign", {**person, "slow": "yes"})
    yield world.post(home + "/subscribe", {**person, "slow": "yes"})
    pressure.stop_requiring_proofs(world.services, "open-door")


def _refused(world: World, home: str, person: Mapping[str, str]) -> Iterator[HTTPResponse]:
    yield world.post(home + "/sign", {**person, "email": "late@example.org"})
    world.deliver_all()
    link = world.link()
    world.clock.advance(days=8)
    yield world.get(link)
    page_count = petitions.get(world.services.petitions, "open-door")
    to_come = replace(page_count, opens_on=date(2026, 12, 1))
    for petition in (to_come, replace(page_count, closes_on=date(2026, 3, 9))):
        world.publish(petition)
        yield world.get(home)
        yield world.get(link)
        yield world.post(home + "/sign", person)


def _refusals() -> Iterator[str]:
    """The page of every refusal."""
    for kind in _subclasses(Refusal):
        yield str(
            responses.refusal_page(translations.languages()[MADE_UP], kind.__new__(kind)).body
        )


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)


_READABLE_ATTRIBUTES: Final = (
    "aria-label",
    "content",
    "data-done",
    "data-wait",
    "data-failed",
    "title",
    "alt",
)
_UNREAD_ELEMENTS: Final = frozenset({"style", "script", "textarea", "code"})
_ADDRESSES: Final = re.compile(
    r"\S+@\S+|https?://\S+|[\w.-]+\.example\S*|\b[0-9A-Z]{4} [0-9A-Z]{4}\b"
)


def _english(words: str) -> set[str]:
    """Words in Latin letters other than names, also of languages, and addresses."""
    languages = {re.split(r"[^A-Za-z]", each.name)[0] for each in translations.languages().values()}
    return set(re.findall(r"[A-Za-z]{2,}", _ADDRESSES.sub("", words))) - NAMES - languages - SENDER


def _english_on(page: markup.ParsedPage) -> set[str]:
    silent = " ".join(element.text for element in page.all(*_UNREAD_ELEMENTS))
    words = _english(page.one("html").text) - _english(silent)
    for element in page.elements:
        if element.tag != "meta" or element.get("name") == "description":
            for attribute in _READABLE_ATTRIBUTES:
                words |= _english(element.get(attribute))
    return words


def test_a_new_folder_in_locale_translates_every_page_and_mail(
    shared_world: World, build: None
) -> None:
    shared_world.reset()
    _publish_in_greek(shared_world)
    english: dict[str, set[str]] = {}
    page_count = 0

    for html in (*(response.body.decode() for response in _pages(shared_world)), *_refusals()):
        page = markup.ParsedPage(html)
        assert page.one("html")["lang"] == MADE_UP
        assert "λέξη" in page.one("html").text
        page_count += 1
        if words := _english_on(page):
            english[page.one("h1").text or str(page_count)] = words
    assert len({mail.subject for mail in shared_world.mails()}) >= 3
    for mail in shared_world.mails():
        assert "λέξη" in mail.text
        html = re.sub(r"<style>.*?</style>|<[^>]+>", " ", unescape(mail.html), flags=re.DOTALL)
        for text in (mail.subject, mail.text, html):
            if words := _english(text):
                english[f"mail {mail.subject}"] = words

    assert english == {}
    assert page_count > 40
