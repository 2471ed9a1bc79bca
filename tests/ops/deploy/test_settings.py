"""deploy.toml: what is understood, and every refusal with its line and remedy."""

from pathlib import Path

import pytest

from ops.deploy.settings import DEFAULT_LIMITS, EXAMPLE, read_settings
from ops.errors import CannotContinue, NotReady

LIMITS = 'sender = "a@example.org"\n[limits]\n'
ARN = "arn:aws:acm:us-east-1:111122223333:certificate/abc"


def written(folder: Path, text: str) -> Path:
    """A deploy.toml."""
    file = folder / "deploy.toml"
    file.write_text(text, "utf-8")
    return file


def test_one_line_is_enough(tmp_path: Path) -> None:
    read = read_settings(written(tmp_path, 'sender = "Desk <Desk@Example.org>"'))

    assert (read.stack, read.architecture, read.public_url) == ("zaklik", "arm64", "")
    assert (read.sender_address, read.sender_domain) == ("Desk@Example.org", "example.org")


def test_the_example_that_is_shown_can_be_copied(tmp_path: Path) -> None:
    with pytest.raises(CannotContinue) as refused:
        read_settings(tmp_path / "deploy.toml")

    assert EXAMPLE in str(refused.value)
    assert read_settings(written(tmp_path, EXAMPLE)).sender


def test_the_domain_is_where_visitors_come(tmp_path: Path) -> None:
    text = f'sender = "a@example.org"\ndomain = "Call.example.org"\ncertificate = "{ARN}"'

    read = read_settings(written(tmp_path, text))

    assert (read.domain, read.public_url) == ("call.example.org", "https://call.example.org")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('stack = "zk"', 1, "“sender” is missing"),
        ('sender = "Desk"', 1, "no usable email address"),
        ("sender = 7", 1, "must be text"),
        ('sender = "a@example.org"\ncolour = "red"', 2, "“colour” is not known"),
        ('sender = "a@example.org"\nstack = "9lives"', 2, "cannot be a stack's name"),
        ('sender = "a@example.org"\nstack = "Zaklik"', 2, "cannot be a stack's name"),
        (f'sender = "a@example.org"\nstack = "{"z" * 25}"', 2, "cannot be a stack's name"),
        ('sender = "a@example.org"\nstack = "aws-calls"', 2, "keeps names"),
        ('sender = "a@example.org"\nregion = "Frankfurt"', 2, "not an AWS region"),
        ('sender = "a@example.org"\ndomain = "call.example.org"', 2, "needs a certificate"),
        (f'sender = "a@example.org"\ncertificate = "{ARN}"', 2, "needs its domain"),
        (
            'sender = "a@example.org"\ndomain = "c.example.org"\ncertificate = "'
            + ARN.replace("us-east-1", "eu-west-1") + '"', 3, "is in eu-west-1",
        ),
        (
            'sender = "a@example.org"\ndomain = "c.example.org"\ncertificate = "mine"',
            3, "not the ARN",
        ),
        (f'sender = "a@example.org"\ndomain = "call"\ncertificate = "{ARN}"', 2, "not a domain"),
        ('sender = "a@example.org"\npublic_url = "http://example.org"', 2, "not an address"),
        ('sender = "a@example.org"\npublic_url = "https://example.org/"', 2, "not an address"),
        ('sender = "a@example.org"\nalarms_to = "me"', 2, "no usable email address"),
        ('sender = "a@example.org"\narchitecture = "mips"', 2, "not a processor"),
        ('sender = "a@example.org"\nses_suppression_list = "yes"', 2, "neither on nor off"),
        ('sender = "a@example.org"\nstack = zk', 2, "not TOML"),
        (LIMITS + "posts_per_hour = 7", 3, "“posts_per_hour” is not known"),
        (LIMITS + "posts_per_network = 0", 3, "must be a whole number from 1 to 1,000,000"),
        (LIMITS + 'posts_per_network = "many"', 3, "must be a whole number"),
        (LIMITS + "posts_per_network = true", 3, "must be a whole number"),
        (LIMITS + "posts_per_network = 60.5", 3, "must be a whole number"),
        (LIMITS + "slow_minutes = 16", 3, "from 1 to 15"),
        ('sender = "a@example.org"\nlimits = 7', 2, "[limits] is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    with pytest.raises(NotReady) as refused:
        read_settings(written(tmp_path, text))

    problem = refused.value.problems[0]
    assert what in problem.what
    assert problem.line == line
    assert problem.remedy


def test_limits_that_are_not_written_keep_their_defaults(tmp_path: Path) -> None:
    text = LIMITS + "posts_per_network = 5000 # a whole country behind one address"

    read = read_settings(written(tmp_path, text))

    assert read.limits == {**DEFAULT_LIMITS, "posts_per_network": 5000}
    assert read_settings(written(tmp_path, 'sender = "a@example.org"')).limits == DEFAULT_LIMITS
