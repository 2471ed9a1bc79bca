"""Feeds of updates and amendments, and the petition and its count as JSON (docs/api.md)."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from html import escape
from typing import Any, ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.crypto import sealing
from chalicelib.domain.petitions.amendment import Amendment
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import templates, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.responses import Edition, PublicResponse
from chalicelib.routes.pages.amendment_notices import title_of
from chalicelib.routes.pages.pictures import described_picture, picture_address
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.petitions.browsing import PetitionView

blueprint = Blueprint(__name__)
route = router.router(blueprint)

ATOM: Final = "application/atom+xml; charset=utf-8"
JSON_FEED: Final = "application/feed+json; charset=utf-8"
_MARKUP: Final = re.compile(r"</?\w+>")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FeedEntry:
    """An update or an amendment. Addresses are absolute, `published` and `updated` RFC 3339."""

    id: str
    language: str
    title: str
    summary: str
    html: str
    href: str
    published: str
    updated: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Feed:
    """A feed of a petition's updates and amendments, as Atom (RFC 4287) and as JSON Feed.

    `picture` is the address of the petition's picture, or "".
    """

    template: ClassVar[str] = "feed.atom"
    language: str
    title: str
    id: str
    href: str
    self_href: str
    updated: str
    author: str
    picture: str
    entries: Sequence[FeedEntry]


@route("/{language}/{slug}/feed.atom")
def atom(request: Request, slug: str) -> Response:
    """The updates as an Atom feed (RFC 4287)."""
    return responses.cached_response(request, _atom, browsing.show_petition(request.services, slug))


def _atom(edition: Edition, view: PetitionView) -> PublicResponse:
    feed = _feed(edition, view, path=urls.feed)
    body = templates.render(edition.language.code, f"pages/{feed.template}", feed)
    return _for_programs(edition, body, ATOM)


@route("/{language}/{slug}/feed.json")
def json_feed(request: Request, slug: str) -> Response:
    """The updates as a JSON Feed (https://jsonfeed.org/version/1.1)."""
    return responses.cached_response(
        request, _json_feed, browsing.show_petition(request.services, slug)
    )


def _json_feed(edition: Edition, view: PetitionView) -> PublicResponse:
    feed = _feed(edition, view, path=urls.json_feed)
    values = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.href,
        "feed_url": feed.self_href,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [
            {
                "id": entry.id,
                "url": entry.href,
                "title": entry.title,
                "summary": entry.summary,
                "content_html": entry.html,
                "date_published": entry.published,
                "date_modified": entry.updated,
                "language": entry.language,
            }
            for entry in feed.entries
        ],
    }
    return _as_json(edition, values, JSON_FEED)


@route("/api/petitions/{slug}")
def petition(request: Request, slug: str) -> Response:
    """Titles, state, count, goal and keys, for other sites and programs."""
    return responses.cached_response(
        request, _petition, browsing.show_petition(request.services, slug)
    )


def _petition(edition: Edition, view: PetitionView) -> PublicResponse:
    values = {
        "slug": view.petition.slug,
        "title": {code: text.title for code, text in view.petition.texts.items()},
        "state": view.state,
        "count": view.count,
        "goal": view.goal,
        "opens_on": view.petition.opens_on.isoformat(),
        "closes_on": view.petition.closes_on.isoformat(),
        "key": {
            "fingerprint": sealing.fingerprint(view.petition.public_key),
            "since": view.petition.key_since.isoformat(),
        },
        "former_keys": [
            {
                "fingerprint": key.fingerprint,
                "since": key.since.isoformat(),
                "until": key.until.isoformat(),
            }
            for key in view.petition.former_keys
        ],
        "attestation_keys": [
            base64.b64encode(key).decode() for key in view.petition.verification.attestation
        ],
        "amendments": [
            {
                "number": amendment.number,
                "kind": amendment.kind,
                "made_on": amendment.made_at.date().isoformat(),
                "reason": amendment.reasons,
            }
            for amendment in view.petition.amendments
        ],
        "picture": described_picture(edition.settings.public_url, view.petition),
    }
    return _as_json(edition, values)


@route("/api/petitions/{slug}/count")
def count(request: Request, slug: str) -> Response:
    """The count and the goal, as numbers and in words of every language of the petition."""
    return responses.cached_response(
        request, _count, browsing.show_petition(request.services, slug)
    )


def _count(edition: Edition, view: PetitionView) -> PublicResponse:
    values = {
        "slug": view.petition.slug,
        "count": view.count,
        "goal": view.goal,
        "text": _in_words(view, "sentence"),
        "progress": _in_words(view, "progress"),
        "remaining": _in_words(view, "remaining"),
    }
    return _as_json(edition, values)


def _feed(edition: Edition, view: PetitionView, *, path: Callable[[str, str], str]) -> Feed:
    code, slug = edition.language.code, view.petition.slug
    public_url = edition.settings.public_url
    updates = [
        FeedEntry(
            id=public_url + urls.update(code, slug, news.name),
            language=news.language(code),
            title=news.text(code).title,
            summary=news.text(code).summary,
            html=news.text(code).html,
            href=public_url + urls.update(code, slug, news.name),
            published=_at_midnight(news.published_on),
            updated=news.updated_at.isoformat(timespec="seconds"),
        )
        for news in view.updates
    ]
    amendments = [
        _amendment_entry(edition, view.petition, each) for each in view.petition.amendments
    ]
    entries = sorted([*amendments, *updates], key=lambda entry: entry.published, reverse=True)
    moments = [entry.updated for entry in entries]
    return Feed(
        language=code,
        title=view.petition.text(code).title,
        id=public_url + path(code, slug),
        href=public_url + urls.petition(code, slug),
        self_href=public_url + path(code, slug),
        updated=max(moments, default=_at_midnight(view.petition.opens_on)),
        author=view.petition.organiser.name,
        picture=picture_address(public_url, view.petition),
        entries=entries,
    )


def _amendment_entry(edition: Edition, petition: Petition, amendment: Amendment) -> FeedEntry:
    """The reason of an amendment; its page has both texts."""
    code = edition.language.code
    href = edition.settings.public_url + urls.amendment(code, petition.slug, amendment.number)
    reason, language = amendment.reason(code), amendment.language(code)
    made_at = amendment.made_at.isoformat(timespec="seconds")
    return FeedEntry(
        id=href,
        language=code,
        title=title_of(amendment, code),
        summary=reason,
        html=f'<p lang="{language}">{escape(reason)}</p>',
        href=href,
        published=made_at,
        updated=made_at,
    )


def _in_words(view: PetitionView, macro: str) -> Mapping[str, str]:
    """What a macro of `count.html` says on the page, as text, by language; "" at a count of 0."""
    words = dict.fromkeys(view.petition.languages, "")
    for code in words if view.count else ():
        macros: Any = templates.template(code, "pages/count.html").module
        said = getattr(macros, macro)(view.count, view.goal)
        words[code] = _MARKUP.sub("", str(said))
    return words


def _as_json(
    edition: Edition, values: Mapping[str, Any], content_type: str = "application/json"
) -> PublicResponse:
    return _for_programs(edition, json.dumps(values, ensure_ascii=False), content_type)


def _for_programs(edition: Edition, body: str, content_type: str) -> PublicResponse:
    """A response that scripts of other sites may read."""
    made = responses.public_text(edition, body, content_type)
    open_to_all = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return replace(made, headers={**made.headers, **open_to_all})


def _at_midnight(day: date) -> str:
    return datetime.combine(day, time.min, UTC).isoformat()
