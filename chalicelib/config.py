"""Settings: every environment variable that the service reads, with its unit and meaning.

This is the only module that reads the environment. Secrets are not here: they live in SSM
Parameter Store under `secrets_path` and are read by the functions that need them.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.errors import Misconfigured

PREFIX: Final = "ZAKLIK_"


class BadSetting(Misconfigured):
    """A setting is missing or is not of its kind. The message names it and the remedy."""


def _setting(meaning: str, *, default: Any = MISSING) -> Any:
    """Declare a setting with its meaning, for people; docs/settings.md is tested against it."""
    if default is MISSING:
        return field(metadata={"meaning": meaning})
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field a variable: `public_url` is read from `ZAKLIK_PUBLIC_URL`, and so on."""

    public_url: str = _setting("where visitors reach the service, without a slash at the end")
    signatures_table: str = _setting("name of the table of sealed signatures")
    subscribers_table: str = _setting("name of the table of subscribers")
    petitions_table: str = _setting(
        "name of the table of petitions, tallies, updates and the ledger"
    )
    mail_queue_url: str = _setting("queue of single mails to send")
    job_queue_url: str = _setting("queue of jobs of alerts: fan-outs, and chunks to send")
    export_bucket: str = _setting("bucket for exports that organisers fetch")
    secrets_path: str = _setting("path of the secrets in SSM Parameter Store")
    secret_names: str = _setting(
        "names of the secrets that the function's role may read, separated by commas: one call "
        "reads them all; another call reads any other",
        default="",
    )
    sender: str = _setting("address from which mails come: neutral, verified in SES")
    configuration_set: str = _setting(
        "SES configuration set whose events the service gets; empty for none", default=""
    )
    origin_digests: str = _setting(
        "SHA-256 digests of the secrets with which the CDN identifies itself, in hex, separated by "
        "commas; empty without a CDN",
        default="",
    )
    link_days: int = _setting(
        "days for which a link works that confirms, or that opens a person's own page", default=7
    )
    code_minutes: int = _setting(
        "minutes for which the 8-character code of a mail works", default=120
    )
    mails_per_address: int = _setting(
        "mails that one address can receive on one day, all petitions together",
        default=6,
    )
    posts_per_network: int = _setting(
        "forms that one network (/24 or /64) can send in one hour", default=600
    )
    proof_posts_per_network: int = _setting(
        "forms of one network in one hour, before it must send proofs of work",
        default=60,
    )
    proof_posts_per_minute: int = _setting(
        "forms of all networks in one minute, before everybody must send proofs of work",
        default=600,
    )
    slow_posts_per_network: int = _setting(
        "forms without a required proof that one network can send in one hour",
        default=20,
    )
    slow_minutes: int = _setting(
        "minutes for which the mail of such a form waits: at most 15", default=10
    )
    count_step: int = _setting(
        "public figures are multiples of this, so that nobody sees when one person signed",
        default=5,
    )
    country_minimum: int = _setting(
        "signatures that a country needs before its figure is shown", default=10
    )
    security_contact: str = _setting(
        "where to report vulnerabilities, as a mailto: or https: address; empty: the address from "
        "which mails come",
        default="",
    )
    page_cache_seconds: int = _setting(
        "seconds for which a function and the CDN may show the same count", default=10
    )
    chunk_size: int = _setting(
        "recipients of one bulk mail: at most 50, and no more than SES sends in a second",
        default=50,
    )

    @property
    def links_live(self) -> timedelta:
        """How long a link works that confirms, or that opens one's own page."""
        return timedelta(days=self.link_days)


def settings_from(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process environment). Raises BadSetting."""
    environ = os.environ if environ is None else environ
    values: dict[str, str | int] = {}
    for setting in fields(Settings):
        variable = PREFIX + setting.name.upper()
        text = environ.get(variable, "").strip()
        if not text:
            if setting.default is MISSING:
                raise BadSetting(f"{variable} is not set: {setting.metadata['meaning']}")
        elif setting.type is int:
            values[setting.name] = _whole_number(variable, text)
        else:
            values[setting.name] = text
    settings = Settings(**values)  # type: ignore[arg-type]
    if not 1 <= settings.chunk_size <= 50:
        raise BadSetting(f"{PREFIX}CHUNK_SIZE must lie between 1 and 50")
    if not 1 <= settings.slow_minutes <= 15:
        # SQS holds a message back for no longer.
        raise BadSetting(f"{PREFIX}SLOW_MINUTES must lie between 1 and 15")
    return settings


def _whole_number(variable: str, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise BadSetting(f"{variable} must be a whole number, not {text!r}") from None
    if number < 1:
        raise BadSetting(f"{variable} must be 1 or more, not {number}")
    return number
