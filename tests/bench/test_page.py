"""What a browser fetches to show a page, and what is not counted as fetched."""

import pytest

from bench.page import fetched_by, weigh


@pytest.mark.parametrize(
    ("markup", "fetched"),
    [
        ('<img src="/logo.png">', ["/logo.png"]),
        ('<img srcset="/a.png 1x, /b.png 2x">', ["/a.png", "/b.png"]),
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="/style.css">', ["/style.css"]),
        ('<link rel="preload icon" href="/icon.svg">', ["/icon.svg"]),
        (
            "<style>@import '/more.css'; a { background: url(/b.png) }</style>",
            ["/more.css", "/b.png"],
        ),
        ("<p style=\"background: url('/c.png')\">", ["/c.png"]),
        ('<video poster="/p.jpg"><source src="/v.mp4"></video>', ["/p.jpg", "/v.mp4"]),
        ('<iframe src="//video.example/1">', ["//video.example/1"]),
        ('<a href="/elsewhere">', []),
        ('<form action="/sign">', []),
        ('<link rel="alternate" href="/feed.atom">', []),
        ('<link rel="icon" href="data:,">', []),
        ("<p>url(/not-in-a-style.png)</p>", []),
        ("<style>a { color: red }</style><p>url(/after-the-style.png)</p>", []),
    ],
)
def test_what_is_fetched_without_being_asked_for(markup: str, fetched: list[str]) -> None:
    assert fetched_by(markup) == fetched


def test_a_third_party_is_told_from_ourselves() -> None:
    weight = weigh(
        '<img src="/ours.png"><img src="https://theirs.example/x"><img src="//also.example/y">'
    )

    assert weight.requests == 4
    assert weight.third_parties == 2


def test_bytes_are_counted_and_not_letters() -> None:
    assert weigh("Беларусь").raw == 16
    assert weigh("ab" * 5000).gzip < 100
