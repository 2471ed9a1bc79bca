"""What the commands refuse before they begin: settings, region, stack, and the wrong name."""

from dataclasses import replace
from pathlib import Path

import pytest

from ops.deploy import apply, resources
from ops.deploy.account import Account, account_for
from ops.deploy.apply import Deployment
from ops.deploy.settings import DeploySettings
from ops.errors import CannotContinue
from tests.ops.deploy.conftest import agree, without
from tests.ops.pseudo_terminal import refused, zaklik


@pytest.mark.parametrize("words", ["check", "plan", "apply", "smoke", "destroy"])
def test_without_settings_every_command_shows_an_example(tmp_path: Path, words: str) -> None:
    printed = refused(zaklik("deploy", "--settings", tmp_path / "deploy.toml", words))

    assert 'sender = "' in printed


def test_without_a_region_the_line_to_add_is_named(
    settings: DeploySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    no_region = DeploySettings(**{**settings.__dict__, "region": ""})

    with pytest.raises(CannotContinue, match="region = "):
        account_for(no_region)


def test_a_region_that_aws_has_not_is_refused_before_it_is_asked(settings: DeploySettings) -> None:
    with pytest.raises(CannotContinue, match="no region “eu-centrl-1”"):
        account_for(replace(settings, region="eu-centrl-1"))


def test_the_region_of_the_shell_is_taken_by_either_name(
    settings: DeploySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")

    assert account_for(replace(settings, region="")).region == "eu-north-1"


def test_smoke_without_a_stack_says_how_to_deploy(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text('sender = "a@example.org"\nregion = "eu-central-1"\nstack = "zk"', "utf-8")

    printed = refused(zaklik("deploy", "--settings", file, "smoke"))

    assert "The stack zk does not exist in eu-central-1" in printed
    assert "deploy apply" in printed


def test_destroy_wants_the_right_name(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text('sender = "a@example.org"\nregion = "eu-central-1"\nstack = "zk"', "utf-8")

    wrong = zaklik("deploy", "--settings", file, "destroy", "--really", "zaklik")
    right = zaklik("deploy", "--settings", file, "destroy", typed="zk\n")

    assert (wrong.exit_code, right.exit_code) == (1, 0)
    assert "Nothing of zk is left" in right.stdout


def test_a_removed_table_is_refused_where_nobody_can_be_asked(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text('sender = "a@example.org"\nregion = "eu-central-1"\nstack = "zk"', "utf-8")
    apply.apply(deployment, agree)
    monkeypatch.setattr(apply, "prepare", lambda *_, **__: without(deployment, "PetitionsTable"))

    shown = zaklik("deploy", "--settings", file, "apply")

    assert shown.exit_code == 1
    assert "PetitionsTable (table) will be REMOVED" in shown.stderr
    assert "Add --yes if that is meant. Nothing has changed." in shown.stderr
    assert resources.table_exists(deployment.account, "zk-petitions")
