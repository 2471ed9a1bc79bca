"""Sanitises HTML to what Markdown of ours renders: no image, style, script, class or frame.

Templates escape every text but `Markup`, and stored HTML becomes `Markup` here only.
"""

from functools import cache
from html import escape
from typing import TYPE_CHECKING, Final

from chalicelib.domain import plain_text

if TYPE_CHECKING:
    from markupsafe import Markup
    from nh3 import Cleaner

_TAGS: Final = frozenset(
    """
    a blockquote br code em h2 h3 h4 h5 h6 hr li ol p pre strong ul
    """.split()  # noqa: SIM905 - words stay in alphabetical order
)
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}, "*": set[str]()}
"""Those of each tag, and those of every tag: none."""
_SCHEMES: Final = frozenset({"http", "https", "mailto"})


def clean(html: str) -> "Markup":
    """The HTML without all that could load, run or change the look of a page or mail."""
    # Imported here: functions that render nothing read no HTML.
    from markupsafe import Markup  # noqa: PLC0415

    # Control characters last: HTML can also write them as references, such as `&#11;`.
    return Markup(plain_text.printable(_cleaner().clean(html)))  # noqa: S704


def keeps_link(address: str) -> bool:
    """Whether a link to this address stays a link."""
    return "href" in clean(f'<a href="{escape(address)}"></a>')


@cache
def _cleaner() -> "Cleaner":
    from nh3 import Cleaner  # noqa: PLC0415

    return Cleaner(
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        # Pages send no referrer, and no link opens a window.
        link_rel=None,
    )
