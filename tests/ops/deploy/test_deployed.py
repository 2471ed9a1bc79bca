"""After a deployment, commands find the service without any further setting."""

from pathlib import Path

import pytest

from chalicelib.config import BadSetting
from ops.deploy import deployed
from ops.deploy.account import Account
from ops.target import Target
from tests.ops.test_target import SETTINGS

STACK = 'sender = "a@example.org"\nregion = "eu-central-1"\nstack = "zk"'


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and no variable that names a service."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def test_without_deploy_toml_and_variables_the_first_variable_is_missed() -> None:
    with pytest.raises(BadSetting):
        _ = Target(local=False).services


def test_variables_go_before_deploy_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deploy.toml").write_text(STACK, "utf-8")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)

    assert Target(local=False).services.settings.petitions_table == "x"


def test_deploy_toml_leads_to_the_settings_of_the_web_function(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deploy.toml").write_text(STACK, "utf-8")
    monkeypatch.setattr(deployed, "get_stack", lambda *_: None)
    monkeypatch.setattr(
        deployed, "environment", lambda *_: {**SETTINGS, "ZAKLIK_PETITIONS_TABLE": "d"}
    )

    assert Target(local=False).services.settings.petitions_table == "d"


def test_a_person_reads_only_the_secrets_that_are_used_whatever_the_web_function_reads_at_once(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deploy.toml").write_text(STACK, "utf-8")
    monkeypatch.setattr(deployed, "get_stack", lambda *_: None)
    variables = {**SETTINGS, "ZAKLIK_SECRET_NAMES": "token-keys,index-key"}
    monkeypatch.setattr(deployed, "environment", lambda *_: variables)

    assert Target(local=False).services.settings.secret_names == ""
