"""Settings are read from the environment and validated."""

from dataclasses import fields
from datetime import timedelta

import pytest

from chalicelib.config import BadSetting, Settings, settings_from

REQUIRED = {
    "ZAKLIK_PUBLIC_URL": "https://zaklik.example",
    "ZAKLIK_SIGNATURES_TABLE": "s",
    "ZAKLIK_SUBSCRIBERS_TABLE": "u",
    "ZAKLIK_PETITIONS_TABLE": "d",
    "ZAKLIK_LIMITS_TABLE": "l",
    "ZAKLIK_ORGANISERS_TABLE": "o",
    "ZAKLIK_MAIL_QUEUE_URL": "https://sqs/mail",
    "ZAKLIK_JOB_QUEUE_URL": "https://sqs/jobs",
    "ZAKLIK_CHANGE_QUEUE_URL": "https://sqs/changes",
    "ZAKLIK_EXPORT_QUEUE_URL": "https://sqs/exports.fifo",
    "ZAKLIK_EXPORT_BUCKET": "b",
    "ZAKLIK_SECRETS_PATH": "/zaklik",
    "ZAKLIK_SENDER": "Desk <desk@zaklik.example>",
}


def test_an_unset_setting_has_its_default() -> None:
    settings = settings_from(REQUIRED)

    assert settings.public_url == "https://zaklik.example"
    assert settings.link_days == 7
    assert settings.configuration_set == ""


def test_a_setting_is_read_without_spaces_around_it() -> None:
    settings = settings_from(
        {
            **REQUIRED,
            "ZAKLIK_LINK_DAYS": " 3 ",
            "ZAKLIK_PETITIONS_TABLE": " petitions\n",
            "OTHER": "x",
        }
    )

    assert settings.link_days == 3
    assert settings.petitions_table == "petitions"


@pytest.mark.parametrize("variable", REQUIRED)
@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_missing_setting_is_named_with_its_meaning(variable: str, text: str | None) -> None:
    environment = {**REQUIRED, variable: text or ""}

    with pytest.raises(BadSetting, match=f"{variable} is not set: \\w+"):
        settings_from(environment)


@pytest.mark.parametrize("text", ["seven", "7.5", "1e3", "0x10"])
def test_an_invalid_number_is_quoted(text: str) -> None:
    with pytest.raises(BadSetting, match=f"ZAKLIK_LINK_DAYS must be a whole number, not '{text}'"):
        settings_from({**REQUIRED, "ZAKLIK_LINK_DAYS": text})


@pytest.mark.parametrize("text", ["0", "-1"])
def test_a_number_below_one_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="ZAKLIK_LINK_DAYS must be 1 or more"):
        settings_from({**REQUIRED, "ZAKLIK_LINK_DAYS": text})


def test_the_lifetime_of_links_follows_from_the_setting() -> None:
    assert settings_from({**REQUIRED, "ZAKLIK_LINK_DAYS": "3"}).link_lifetime == timedelta(days=3)


def test_the_process_environment_is_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable, text in REQUIRED.items():
        monkeypatch.setenv(variable, text)
    monkeypatch.setenv("ZAKLIK_CODE_MINUTES", "45")

    assert settings_from().code_minutes == 45


def test_every_setting_has_a_meaning_of_its_own() -> None:
    meanings = [setting.metadata["meaning"] for setting in fields(Settings)]

    assert all(meanings)
    assert len(set(meanings)) == len(meanings)
