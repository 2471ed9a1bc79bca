"""HTML is sanitised to what Markdown of ours renders, and that survives unchanged."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markupsafe import Markup

from chalicelib.domain import plain_text
from chalicelib.rendering import markdown, markdown_errors, sanitiser
from chalicelib.routes.events import schedules
from chalicelib.store.petitions import petitions
from tests.event_delivery import schedule_event
from tests.proving import press
from tests.world import World

CONSTRUCTS = (
    "## Two",
    "### Three with *emphasis*",
    "###### Six",
    "Setext\n---",
    "Words, **strong**, *emphatic*, ***both***, `code <b>`, \\* &copy; \u00a0 & < > \" '.",
    "hard\\\nbreak, soft\nbreak",
    "[a](https://door.example/x?a=1&b=\u0436 \"A 'title'\") and <https://door.example>",
    "[us](mailto:desk@door.example) or <desk@door.example>",
    "[by reference][d]\n\n[d]: http://d.example 'Title'",
    "- one\n- two\n  - inner\n\n    a paragraph",
    "3. third\n4. fourth",
    "0) from nothing",
    "> quoted\n> > deeper\n>\n> - list",
    "```python\n<img src=x>\n\tx = '\"'\n```",
    "    indented\n\n    code",
    "---",
    "<script>shown</script> <b>as text</b>",
)
MARKDOWN = st.lists(
    st.sampled_from(CONSTRUCTS)
    | st.text(alphabet="#<>[]()!*_`-=+1. \n\\&:/\"'~|abцhtps\u00a0\u2028\x0b@?%;", max_size=40)
    | st.text(max_size=20),
    max_size=6,
).map("\n\n".join)
HOSTILE = (
    "<img src=https://tracker.example/t.png>",
    "<script>alert(1)</script>",
    "<p style='background:url(https://tracker.example)' class=card id=sign onclick=alert(1)>x</p>",
    "<style>p { background: url(https://tracker.example) }</style>",
    "<link rel=stylesheet href=https://tracker.example>",
    "<a href=javascript:alert(1)>x</a><a href=' java\tscript:alert(1)'>x</a>",
    "<a href=data:text/html,x>x</a><a href=//tracker.example>x</a><a href=/en/confirm/x>x</a>",
    "<a href='&#106;avascript:alert(1)' target=_blank ping=https://tracker.example>x</a>",
    "<iframe src=https://tracker.example></iframe><object data=x><embed src=x>",
    "<svg><style><img src=x onerror=alert(1)></style></svg><svg onload=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<form action=https://tracker.example><input name=email><button>x</button></form>",
    "<base href=https://tracker.example><meta http-equiv=refresh content=0>",
    "<video poster=https://tracker.example><audio src=x><source srcset=x></video>",
    "</div></body></html><template><img src=x></template><!--[if mso]><img src=x><![endif]-->",
    "<h1 lang=xx title=x dir=rtl>A second title</h1><p lang=xx title=x>x</p>",
    "&lt;img src=x&gt; &#60;script> &#11; \x00\x0b",
)
PARTS = ("<p>", "</p>", "<a href=", "<svg>", "<math>", "<style>", "</style>", "<!--", *HOSTILE)
TAGS = "a blockquote br code em h2 h3 h4 h5 h6 hr li ol p pre strong ul"
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


class _Events(HTMLParser):
    """Start tags with their attributes, texts and end tags, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.events: list[tuple[Any, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A code block names its language in a class, of which we make no use.
        self.events.append((tag, {name: value for name, value in attrs if name != "class"}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "hr"):
            self.events.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        if self.events and self.events[-1][0] == "":
            data = self.events.pop()[1] + data
        self.events.append(("", data))


def _check_allowed(html: str) -> None:
    for event in _Events(html).events:
        if len(event) == 2 and event[0]:
            tag, attributes = event
            assert tag in TAGS.split()
            assert attributes.keys() <= ATTRIBUTES.get(tag, set())
            assert attributes.get("href", "https:").startswith(("https:", "http:", "mailto:"))


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_loads_or_runs_is_left(html: str) -> None:
    clean = sanitiser.clean(f"<p>before</p>{html}<p>after</p>")

    _check_allowed(clean)
    assert clean.startswith("<p>before</p>")
    assert not {"\x00", "\x0b"} & set(clean)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(PARTS) | st.text(alphabet="<>/=\"'& ;:#!-abhimgrstyle\x0b\n", max_size=60)
    ).map("".join)
)
def test_no_mixture_leaves_anything_that_loads_or_runs(html: str) -> None:
    _check_allowed(sanitiser.clean(html))


@pytest.mark.parametrize("text", CONSTRUCTS)
def test_every_construct_of_markdown_survives(text: str) -> None:
    assert list(markdown_errors.errors(text)) == [] or "<script>" in text
    assert _Events(markdown.to_html(text)).events == _Events(_unsanitised(text)).events


@settings(deadline=None)
@given(MARKDOWN)
@example("\n\n".join(CONSTRUCTS[:-1]))
def test_a_text_that_can_be_published_survives(text: str) -> None:
    assume(not list(markdown_errors.errors(text)))

    assert _Events(markdown.to_html(text)).events == _Events(_unsanitised(text)).events


@settings(deadline=None)
@given(MARKDOWN)
def test_published_html_is_read_unchanged(text: str) -> None:
    html = markdown.to_html(text)

    assert sanitiser.clean(html) == html
    assert all(sanitiser.clean(section.html) == section.html for section in markdown.sections(text))


def test_only_the_sanitiser_makes_html_that_templates_print() -> None:
    clean = sanitiser.clean("<p>x</p>")

    assert isinstance(clean, Markup)
    assert isinstance(markdown.to_html("x"), Markup)


def test_functions_that_render_nothing_load_no_sanitiser(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AssertionError("the sanitiser was loaded")

    world.sign_and_confirm()
    press(world, proof_posts_per_minute=0)
    monkeypatch.setattr(sanitiser, "_cleaner", refuse)

    world.run_every_minute()
    world.invoke(schedules.reconcile, schedule_event())

    petition = petitions.find_as_stored(world.services.petitions, "open-door")
    assert petition
    assert petition.proof_until


def _unsanitised(text: str) -> str:
    """What the library renders, without control characters."""
    return plain_text.printable(MarkdownIt("commonmark", {"html": False}).render(text))
