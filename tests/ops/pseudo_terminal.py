"""Commands as a person types them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ops.cli import main
from ops.deploy import account
from tests.event_delivery import EventDelivery


def zaklik(*words: str | Path, typed: str | None = None) -> Result:
    """Type a command; `typed` answers its prompts."""
    return CliRunner().invoke(main, [str(word) for word in words], input=typed)


def refused(result: Result) -> str:
    """Why a command could not go on, from standard error; any other result fails."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    return result.stderr


@contextmanager
def delivered_meanwhile(service: EventDelivery) -> Iterator[None]:
    """While a command waits, AWS delivers what it has queued."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account, "sleep", lambda seconds: service.deliver_messages())
        yield
