"""Commands as a person types them."""

from pathlib import Path

from click.testing import CliRunner, Result

from ops.cli import main


def zaklik(*words: str | Path, typed: str | None = None) -> Result:
    """Type a command; `typed` answers its prompts."""
    return CliRunner().invoke(main, [str(word) for word in words], input=typed)


def refused(result: Result) -> str:
    """Why a command could not go on, from standard error; any other result fails."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    return result.stderr
