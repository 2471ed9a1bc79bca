"""Every page in every language: structure, labels, escaping and translations."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import UndefinedError

from chalicelib.domain import errors
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.person import PersonRecord, SignatureRecord, SubscriptionRecord
from chalicelib.domain.petitions.text_changes import Fate, Part, Piece
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import SubscriberState
from chalicelib.domain.suppression import Suppression, SuppressionReason
from chalicelib.mail.announcement import Announcement
from chalicelib.rendering import assets, qr_codes, templates, translations
from chalicelib.rendering.translations import format_date, format_number, languages
from chalicelib.routes.pages import contexts
from chalicelib.routes.pages.amendment_notices import AmendmentNotice
from chalicelib.routes.pages.amendments import AmendmentPage, ShownChange
from chalicelib.routes.pages.contexts import LanguageLink, Page, PageLayout, Preview
from chalicelib.routes.pages.form_contexts import Form
from chalicelib.routes.pages.key_periods import KeyPeriod
from chalicelib.routes.pages.pictures import ShownPicture
from chalicelib.routes.pages.prompts import AddressPage
from chalicelib.routes.pages.self_service import ManagePage
from chalicelib.routes.pages.share_links import ShareLinks
from chalicelib.routes.pages.signing import InboxPage, ThanksPage
from chalicelib.usecases.signatures.confirming import News
from ops import catalogues, compiling
from tests import builders
from tests.routes import markup

ROOT = Path(__file__).parents[2]
LANGUAGES = tuple(compiling.languages())
TRANSLATED = LANGUAGES[1:]
MARK = "<i>&\"'</i>"
"""Markup in every plain-text value, which must reach no page unescaped."""

FIELDS: Mapping[type[Page], Sequence[str]] = {
    contexts.PetitionPage: ("name", "email", "country", "alerts"),
    InboxPage: ("code",),
    AddressPage: ("email",),
    ManagePage: ("name", "country", "language", "frequency"),
}
EMPTY = Form(action="/en/open-door/sign")
BLOCK = Suppression(reason=SuppressionReason.OWNER, since=date(2026, 3, 8))
ENDED = PersonRecord(
    signature=SignatureRecord(
        state=SignatureState.WITHDRAWN, since=builders.NOW.date(), erased_on=builders.NOW
    ),
    subscription=SubscriptionRecord(
        state=SubscriberState.UNSUBSCRIBED, since=builders.NOW.date(), erased_on=builders.NOW
    ),
)
WAITING = replace(EMPTY, typed={"name": MARK}, notice=f"Wait {MARK}")


def _layout(language: str) -> PageLayout:
    return PageLayout(
        language=languages()[language],
        title=f"Title {MARK}",
        description=f"Description {MARK}",
        feed="/en/open-door/feed.atom",
        origin="https://zaklik.example",
        languages=[
            LanguageLink(code=code, name=other.name, href=f"/{code}/open-door")
            for code, other in languages().items()
        ],
        home="/en",
        privacy="/en/privacy",
        exit="https://example.org/",
        style=assets.style("style.css"),
        scripts=[assets.static("page.js")],
        preview=Preview(
            href=f"https://zaklik.example/{language}/open-door",
            image=f"https://zaklik.example/{language}/open-door/card.png",
        ),
    )


NOTICE = AmendmentNotice(
    kind="amendment",
    made_on=builders.NOW.date(),
    reason=MARK,
    reason_language="be",
    href="/en/open-door/amendments/1",
)
PICTURE = ShownPicture(
    src="/pictures/open-door/0123456789abcdef.svg", width=1200, height=480, alt=MARK, credit=MARK
)
LISTED = contexts.PetitionLink(
    title=f"Title {MARK}",
    lead=MARK,
    language="be",
    href="/en/open-door",
    state="open",
    opens_on=date(2026, 1, 1),
    closes_on=date(2026, 12, 31),
    count=55,
    outcome="",
    picture=PICTURE,
)
_VALUES: Mapping[str, Any] = {
    "picture": PICTURE,
    "petitions": [LISTED, replace(LISTED, state="upcoming", count=0)],
    "closed": [replace(LISTED, state="closed", outcome=MARK), replace(LISTED, state="closed")],
    "announcement": Announcement(sender_name=MARK, sender_address=MARK, subject=MARK),
    "sharing": ShareLinks(
        sentence=f"Please read “{MARK}”",
        link="https://zaklik.example/en/open-door",
        apps={"Telegram": "https://t.me/share/url?url=a&text=b", "Viber": "viber://forward?text=a"},
        page="/en/open-door/share",
        at_risk=True,
    ),
    "text": builders.petition_text(title=f"Title {MARK}", target=f"Target {MARK}"),
    "organiser": replace(builders.petition().organiser, name=f"Name {MARK}"),
    "organisers": [builders.petition().organiser],
    "opens_on": date(2026, 1, 1),
    "closes_on": date(2026, 12, 31),
    "published_on": date(2026, 3, 1),
    "changed_on": date(2026, 3, 2),
    "count": 1234,
    "goal": 5000,
    "percent": 24,
    "count_step": 5,
    "figures": [contexts.CountryFigure(country=f"Country {MARK}", count=1230, percent=100)],
    "state": "open",
    "link_days": 7,
    "alerts": False,
    "name": f"Name {MARK}",
    "country": f"Country {MARK}",
    "news": "none",
    "paragraphs": [f"First {MARK}", f"Second {MARK}"],
    "button": f"Press {MARK}",
    "pending": "AAAA",
    "demands": [f"Demand {MARK}"],
    "qr": qr_codes.svg("https://zaklik.example/en/open-door"),
    "embed_code": f"<iframe title='{MARK}'></iframe>",
    "size": "medium",
    "links": [contexts.Link(label=f"Link {MARK}", href="/en/open-door")],
    "petition_title": f"Title {MARK}",
    "note": f"Note {MARK}",
    "record": PersonRecord(
        signature=SignatureRecord(
            state=SignatureState.CONFIRMED, since=builders.NOW.date(), country="PL"
        ),
        subscription=SubscriptionRecord(
            state=SubscriberState.ACTIVE, since=builders.NOW.date(), language="be"
        ),
    ),
    "publishes_countries": True,
    "keys": [
        KeyPeriod(fingerprint="1a2b 3c4d", since=date(2026, 3, 1)),
        KeyPeriod(fingerprint="5e6f 7a8b", since=date(2026, 1, 1), until=date(2026, 3, 1)),
    ],
    "attestation_keys": ["c2V2ZW4="],
    "notice": NOTICE,
    "amendments": [NOTICE, replace(NOTICE, kind="correction")],
    "changes": [
        ShownChange(
            language="be",
            name="Беларуская",
            part=part,
            number=1,
            pieces=[Piece(fate=fate, text=MARK) for fate in Fate] if part is not Part.TITLE else (),
        )
        for part in Part
    ],
    "elsewhere": [contexts.Link(label=f"Link {MARK}", href="/en/open-door")],
    "before": None,
    "after": replace(builders.petition_text(), title=f"Title {MARK}", target=MARK),
    "news_language": "be",
    "news_languages": {code: language.name for code, language in languages().items()},
}


def _value(name: str, kind: type[Page], language: str) -> Any:
    """A value for a field of a page; by default, a path, True or 7, by its type."""
    if name == "layout":
        return _layout(language)
    if name == "form":
        return Form(
            action="/en/open-door/sign",
            typed={"name": MARK, "email": MARK, "country": "PL", "alerts": "yes", "code": MARK},
            errors=dict.fromkeys(FIELDS.get(kind, ()), f"Fix {MARK}"),
        )
    if name == "countries":
        return translations.countries(language)
    if name == "updates":
        return [
            contexts.UpdateLink(
                title=f"News {MARK}",
                summary=f"Summary {MARK}",
                published_on=date(2026, 3, 1),
                href="/en/open-door/updates/first-news",
            )
        ]
    if kind is contexts.UpdatePage and name == "text":
        return replace(builders.update().texts["en"], title=f"Title {MARK}")
    if name in _VALUES:
        return _VALUES[name]
    types = {field.name: field.type for field in fields(kind)}
    if types[name] is bool:
        return True
    return 7 if types[name] is int else "/en/open-door"


def _page(kind: type[Page], language: str = "en", **changes: Any) -> Page:
    values = {field.name: _value(field.name, kind, language) for field in fields(kind)}
    return kind(**{**values, **changes})


KINDS: Sequence[type[Page]] = sorted(Page.__subclasses__(), key=lambda kind: kind.__name__)
"""Every page of a route: `app` imports all routes."""
VARIANTS: Sequence[tuple[type[Page], Mapping[str, Any]]] = [
    *[(kind, {}) for kind in KINDS],
    (contexts.PetitionPage, {"form": EMPTY}),
    (contexts.PetitionPage, {"form": WAITING}),
    (contexts.PetitionPage, {"state": "upcoming", "updates": []}),
    (contexts.PetitionPage, {"state": "closed", "count": 1}),
    (contexts.PetitionPage, {"picture": None}),
    (contexts.PetitionPage, {"count": 0, "figures": [], "amendments": []}),
    (AmendmentPage, {"changes": [], "elsewhere": [], "offers_withdrawal": False}),
    (contexts.PetitionsPage, {"petitions": []}),
    (contexts.PetitionsPage, {"closed": []}),
    (contexts.PetitionsPage, {"petitions": [], "closed": []}),
    (InboxPage, {"form": EMPTY, "link_days": 1}),
    (InboxPage, {"announcement": None}),
    (AddressPage, {"form": WAITING}),
    (contexts.ConfirmSignaturePage, {"country": "", "alerts": True}),
    (ThanksPage, {"added": False}),
    *((ThanksPage, {"count": count}) for count in (None, 0, 1)),
    *((ThanksPage, {"news": news}) for news in News),
    (ThanksPage, {"count_step": 1}),
    (contexts.PrivacyPage, {"organisers": []}),
    (InboxPage, {"asked_again": False, "mails_a_day": 1, "delayed": False}),
    (ManagePage, {"form": EMPTY, "note": ""}),
    (ManagePage, {"form": EMPTY, "for_signature": False}),
    (ManagePage, {"form": EMPTY, "record": PersonRecord()}),
    (ManagePage, {"form": EMPTY, "record": ENDED}),
    (ManagePage, {"form": EMPTY, "record": PersonRecord(suppression=BLOCK)}),
]


def _rendered(page: Page) -> str:
    return templates.render(page.layout.language.code, f"pages/{page.template}", page)


def _every_page(language: str) -> Iterator[tuple[str, markup.ParsedPage]]:
    for number, (kind, changes) in enumerate(VARIANTS):
        html = _rendered(_page(kind, language, **changes))
        yield f"{kind.__name__} {number} in {language}", markup.ParsedPage(html)


def test_every_page_has_its_dataclass() -> None:
    templates = {path.name for path in (ROOT / "templates/pages").glob("*.html")}

    parts = {
        "amendments",
        "base",
        "closed",
        "count",
        "fields",
        "frequency",
        "picture",
        "proof",
        "sharing",
    }
    assert templates - {f"{part}.html" for part in parts} == {kind.template for kind in KINDS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_declares_its_language_and_has_one_main_heading(language: str) -> None:
    for name, page in _every_page(language):
        html = page.one("html")
        assert (html["lang"], html["dir"]) == (language, "ltr"), name
        assert page.one("h1").text, name
        assert page.one("title").text, name
        levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3")]
        assert levels[0] == 1, name
        assert all(deeper - higher <= 1 for higher, deeper in pairwise(levels)), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_one_label_and_every_id_is_unique(language: str) -> None:
    for name, page in _every_page(language):
        ids = Counter(element["id"] for element in page.elements if element.get("id"))
        assert [i for i, count in ids.items() if count > 1] == [], name
        labelled = Counter(label["for"] for label in page.all("label") if label.text)
        for entry in page.all("input", "select"):
            if entry.get("type") != "hidden":
                assert labelled[entry["id"]] == 1, f"{name}: {entry['name']}"
        for element in page.elements:
            named = f"{element.get('aria-describedby')} {element.get('aria-labelledby')}".split()
            assert set(named) <= set(ids), f"{name}: {named}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_and_button_has_a_text_and_a_target(language: str) -> None:
    for name, page in _every_page(language):
        ids = {element.get("id") for element in page.elements}
        for element in page.all("a", "button", "option", "li", "p", "h2", "h3"):
            assert element.text, f"{name}: an empty <{element.tag}>"
        for link in page.all("a"):
            assert link["href"], name
            if link["href"].startswith("#"):
                assert link["href"][1:] in ids, f"{name}: {link['href']} leads nowhere"
        for form in page.all("form"):
            assert form["method"] == "post", name
            assert form["action"].startswith("/"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_becomes_markup(language: str) -> None:
    for name, page in _every_page(language):
        assert page.all("i") == [], name
        assert "&amp;amp;" not in page.one("html").text, name
        assert "&lt;" not in page.one("html").text, name
        assert "{{" not in page.one("body").text, name


def test_templates_mark_only_what_is_ours_as_safe() -> None:
    """Stored HTML is printed if the sanitiser has made it `Markup`, else as text."""
    sources = [
        path.read_text("utf-8")
        for path in (ROOT / "templates").rglob("*")
        if path.suffix in (".html", ".atom", ".txt")
    ]
    marked = [
        match
        for source in sources
        for match in re.findall(r"""(\S+?['"]?)\s*\|\s*safe\b""", source)
    ]
    modules = [
        path.name
        for path in (ROOT / "chalicelib").rglob("*.py")
        if "compiled" not in path.parts and "import Markup" in path.read_text("utf-8")
    ]

    assert {name for name in marked if not name.endswith(("'", '"'))} == {"layout.style", "qr"}
    assert not [source for source in sources if "autoescape" in source]
    assert modules == ["sanitiser.py"]


def test_typed_values_come_back_unchanged() -> None:
    page = markup.ParsedPage(_rendered(_page(contexts.PetitionPage)))

    assert page.field("name")["value"] == MARK
    assert page.field("email")["value"] == MARK


def test_the_title_of_a_page_says_that_the_form_has_errors() -> None:
    title = markup.ParsedPage(_rendered(_page(contexts.PetitionPage))).one("title").text

    assert title == f"Please check the form – Title {MARK}"


def test_a_missing_variable_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates.template("en", "pages/thanks.html").render(layout=_layout("en"))


# Translations.


def _catalogue(language: str) -> Catalog:
    with (ROOT / f"locale/{language}/messages.po").open("rb") as file:
        return read_po(file, locale=language)


PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+(?: href=\"%\(\w+\)s\")?>")


def test_sentences_of_templates_and_of_code_are_extracted() -> None:
    sentences = catalogues.sentences()

    assert errors.NotFound.title in sentences
    assert "{day} May {year}" in sentences
    assert "No cookies, no tracking." in sentences
    assert len(sentences) > 100


def test_every_sentence_is_translated() -> None:
    assert not any(catalogues.untranslated().values())


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_has_all_plural_forms_and_placeholders(language: str) -> None:
    catalogue = _catalogue(language)

    for entry in catalogue:
        if not entry.id:
            continue
        if entry.pluralizable:
            assert len(_forms(entry)) == catalogue.num_plurals, entry.id
        sentence = entry.id if isinstance(entry.id, str) else entry.id[-1]
        wanted = Counter(PLACEHOLDERS.findall(sentence))
        for form in _forms(entry):
            assert Counter(PLACEHOLDERS.findall(form)) == wanted, form


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_catalogue_has_unused_sentences(language: str) -> None:
    sentences = catalogues.sentences()

    unused = [
        entry.id
        for entry in _catalogue(language)
        if entry.id and sentences.get(entry.id, entry.context) is None
    ]

    assert unused == []


def _forms(entry: Message) -> Sequence[str]:
    return entry.string if isinstance(entry.string, tuple | list) else [entry.string or ""]


# Numbers, dates, countries.


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "1,234,567"),
        ("be", "1\u00a0234\u00a0567"),
        ("ru", "1\u00a0234\u00a0567"),
    ],
)
def test_numbers_have_the_thousands_separator_of_the_language(language: str, written: str) -> None:
    assert format_number(1_234_567, language) == written
    assert format_number(999, language) == "999"
    assert format_number(0, language) == "0"


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "8 March 2026"), ("be", "8 сакавіка 2026"), ("ru", "8 марта 2026")],
)
def test_a_date_is_written_as_in_a_sentence(language: str, written: str) -> None:
    assert format_date(date(2026, 3, 8), language).startswith(written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_has_a_name_of_its_own(language: str) -> None:
    assert len({format_date(date(2026, month, 1), language) for month in range(1, 13)}) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_name_of_its_own(language: str) -> None:
    names = translations.countries(language)

    assert set(names) == COUNTRIES
    assert len(set(names.values())) == len(COUNTRIES)
    assert all(names.values())


@pytest.mark.parametrize(
    ("language", "in_order"),
    [
        ("en", "AF AX AL HR CU CW CY FR RE RO RU TN TR TM ZM ZW"),
        ("be", "AU AT BY IL IN ES IT CA PL UG UZ UA UY"),
        ("pl", "AF HR CI CY TD CZ EE FR LT LU LV PL PT LC SK LK CH SE UA GB"),
        ("lt", "IE AR AU AT BY CZ CL IS ES IT HR LT SK SI MK SE CH ZM CV"),
        ("ru", "AU AT BY EG ZM IL IN ES IT CA PL UA"),
    ],
)
def test_countries_are_in_alphabetical_order(language: str, in_order: str) -> None:
    wanted = in_order.split()

    codes = [code for code in translations.countries(language) if code in wanted]

    assert codes == wanted


def test_languages_are_named_in_themselves() -> None:
    names = {code: language.name for code, language in languages().items()}

    assert list(names) == list(LANGUAGES)
    for code, name in {
        "en": "English",
        "be": "Беларуская",
        "lt": "Lietuvių",
        "pl": "Polski",
        "ru": "Русский",
    }.items():
        assert names[code] == name
