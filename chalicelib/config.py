"""Settings: every environment variable that the service reads, with its unit and meaning.

Only this module reads the environment. Secrets are in SSM Parameter Store, under `secrets_path`.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from email.utils import parseaddr
from typing import Any, Final

from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.mailboxes import email_address

PREFIX: Final = "ZAKLIK_"


class BadSetting(Misconfigured):
    """A setting is missing or invalid. The message names it and the remedy."""


def _setting(meaning: str, *, default: Any = MISSING) -> Any:
    """Declare a setting with its meaning, as docs/settings.md has it."""
    if default is MISSING:
        return field(metadata={"meaning": meaning})
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field for each variable: `public_url` is read from `ZAKLIK_PUBLIC_URL`, and so on."""

    public_url: str = _setting("where visitors reach the service, without a slash at the end")
    signatures_table: str = _setting("name of the table of sealed signatures")
    subscribers_table: str = _setting("name of the table of subscribers")
    petitions_table: str = _setting(
        "name of the table of petitions, tallies, updates and the ledger"
    )
    limits_table: str = _setting(
        "name of the table of limits and of the salts of blind indexes, which has no recovery"
    )
    organisers_table: str = _setting(
        "name of the table of organisers: accounts, sessions, roles, drafts, jobs and the trail"
    )
    mail_queue_url: str = _setting("queue of single mails")
    job_queue_url: str = _setting(
        "queue of jobs: fan-outs and chunks of alerts, and new seals of subscribers"
    )
    change_queue_url: str = _setting(
        "queue of changes of records: holds, releases, erasures and destructions"
    )
    export_queue_url: str = _setting("queue of exports: their slices, and links to their files")
    export_bucket: str = _setting("bucket of exports")
    secrets_path: str = _setting("path of the secrets in SSM Parameter Store")
    secret_names: str = _setting(
        "names of the secrets that the function's role may read, with commas between them; they "
        "are read in one call",
        default="",
    )
    sender: str = _setting(
        "sender's address of mails; neutral, verified in SES; if its domain is reserved for tests, "
        "such as zaklik.local, visitors' addresses may be at reserved domains as well"
    )
    configuration_set: str = _setting(
        "SES configuration set that reports events; empty for none", default=""
    )
    origin_digests: str = _setting(
        "SHA-256 digests, in hex and with commas between them, of the secrets that the CDN sends; "
        "empty where there is no CDN",
        default="",
    )
    link_days: int = _setting(
        "lifetime in days of links that confirm or open the self-service page", default=7
    )
    code_minutes: int = _setting(
        "lifetime in minutes of the 8-character code in a mail", default=120
    )
    mails_per_address: int = _setting(
        "mails of one kind (to confirm a signature, to confirm news, to welcome, one's own page, "
        "to confirm an address for tests) to one address on one day, for all petitions together",
        default=12,
    )
    mails_per_network: int = _setting(
        "how many of these one network (/24 or /48) can ask for",
        default=3,
    )
    posts_per_network: int = _setting(
        "forms of one network (/24 or /64) in one hour; a /56 may send twice as many and a /48 "
        "four times as many, as for the other limits of a network",
        default=600,
    )
    proof_posts_per_network: int = _setting(
        "forms of one network in one hour after which it needs a proof of work",
        default=60,
    )
    proof_posts_per_minute: int = _setting(
        "forms of all networks in one minute after which every form needs a proof of work",
        default=600,
    )
    slow_posts_per_network: int = _setting(
        "forms of one network in one hour by the slow lane, without the proof of work they need",
        default=20,
    )
    slow_minutes: int = _setting(
        "minutes by which the mail of a form in the slow lane is delayed: at most 15", default=10
    )
    busy_domain_mailboxes: int = _setting(
        "mailboxes of one domain that confirm signatures on one day from which on this is a weak "
        "signal; domains of large providers do not count",
        default=10,
    )
    flooded_domain_mailboxes: int = _setting(
        "the same, from which on it is a strong signal, which holds signatures", default=30
    )
    count_step: int = _setting(
        "step of public figures in signatures: the larger, the less they tell about one person",
        default=5,
    )
    country_minimum: int = _setting(
        "signatures that a country needs for a figure of its own", default=10
    )
    security_contact: str = _setting(
        "contact for security reports, as a mailto: or https: address; empty for the sender's "
        "address",
        default="",
    )
    unsubscribe_mailbox: str = _setting(
        "mailbox that people read, to which mail programs can write to end the news of a person; "
        "empty for none",
        default="",
    )
    desk_url: str = _setting(
        "where organisers reach the desk, without a slash at the end; empty for the public URL. "
        "Passkeys belong to its host",
        default="",
    )
    page_cache_seconds: int = _setting(
        "seconds for which a function and the CDN cache a page", default=10
    )

    @property
    def is_tryout(self) -> bool:
        """Whether the sender's own domain is reserved for tests: no mail leaves such a service."""
        return email_address.is_reserved(parseaddr(self.sender)[1].rpartition("@")[2].lower())

    @property
    def desk_origin(self) -> str:
        """Where organisers reach the desk: scheme, host and port."""
        return self.desk_url or self.public_url

    @property
    def link_lifetime(self) -> timedelta:
        """The lifetime of links that confirm or open the self-service page."""
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
    if not 1 <= settings.slow_minutes <= 15:
        # The longest delay of SQS (SQS API reference, SendMessage).
        raise BadSetting(f"{PREFIX}SLOW_MINUTES must be between 1 and 15")
    return settings


def _whole_number(variable: str, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise BadSetting(f"{variable} must be a whole number, not {text!r}") from None
    if number < 1:
        raise BadSetting(f"{variable} must be 1 or more, not {number}")
    return number
