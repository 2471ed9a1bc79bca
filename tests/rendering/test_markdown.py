"""Markdown becomes safe HTML, and plain text that is good to read."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rendering import markdown, markdown_errors


def test_plain_mail_keeps_headings_lists_and_addresses() -> None:
    text = """\
## What happened
The door **moved**, says [the keeper](https://door.example/news), who wrote to
[us](mailto:desk@door.example).\\
See <https://door.example>.

- one
- two
  - inner

3. third
4. fourth

> quoted

```
code
```

---
"""

    assert (
        markdown.to_text(text)
        == """\
What happened
-------------

The door moved, says the keeper (https://door.example/news), who wrote
to us (desk@door.example).
See https://door.example.

- one
- two
  - inner

3. third
4. fourth

> quoted

    code

* * *"""
    )


def test_long_lines_are_wrapped_and_long_addresses_stay_whole() -> None:
    address = "https://door.example/" + "x" * 100
    lines = markdown.to_text(f"{'слова ' * 40}[тут]({address})").split("\n")

    assert all(len(line) <= markdown.MAIL_WIDTH or address in line for line in lines)
    assert any(address in line for line in lines)


def test_html_and_dangerous_links_never_become_markup() -> None:
    html = markdown.to_html("<script>x</script> [a](javascript:x) [b](data:text/html,x) <i>y</i>")

    assert "<script" not in html
    assert "<i>" not in html
    assert "href" not in html


def test_links_to_the_web_and_to_mailboxes_work() -> None:
    html = markdown.to_html("[a](https://door.example/x) [b](mailto:desk@door.example)")

    assert 'href="https://door.example/x"' in html
    assert 'href="mailto:desk@door.example"' in html
    assert (
        list(markdown_errors.errors("[a](https://door.example/x) <mailto:desk@door.example>")) == []
    )


def test_a_definition_of_a_link_counts_in_every_section() -> None:
    sections = markdown.sections(
        "One.\n\n## Two\n[here][d]\n\n## Three\n\n[d]: https://d.example\n"
    )

    assert [section.heading for section in sections] == ["", "Two", "Three"]
    assert 'href="https://d.example"' in sections[1].html
    assert [section.line for section in sections] == [0, 2, 5]


@given(st.text(alphabet=st.sampled_from("#<>[]()!*_`-=1. \n\\&:/abцhtps"), max_size=200))
def test_no_text_breaks_the_renderer(text: str) -> None:
    list(markdown_errors.errors(text))
    markdown.sections(text)

    assert "<script" not in markdown.to_html(text)
    assert isinstance(markdown.to_text(text), str)
