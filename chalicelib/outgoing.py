"""What goes out by mail: put on the queue, sealed so that only the mailer can read it."""

from datetime import timedelta
from typing import Final

from chalicelib import filing, jobs, links, sealing, tokens
from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.person import Filed
from chalicelib.emails import Mail, MailContent
from chalicelib.jobs import SendMail
from chalicelib.tokens import Claims, Purpose
from chalicelib.wiring import Services

RENEWABLE: Final = timedelta(days=90)
"""For how long an expired link can still be exchanged for a new one by who opens it."""


def queue_mail(
    services: Services, *, to: str, language: str, mail: Mail, blocked: bool, delay_seconds: int = 0
) -> None:
    """Queue a mail to the address `to`, to be sent after a while if so. Raises Unavailable.

    A mail to a `blocked` address is queued as well, and never sent.
    """
    content = MailContent(to=to, language=language, mail=mail, blocked=blocked)
    job = SendMail(
        id=jobs.new_id(),
        queued_at=services.now(),
        sealed=sealing.seal(
            content.to_bytes(), services.secrets.mailer_public_key, sealing.info(sealing.MAIL)
        ),
    )
    jobs.put(services.sqs, services.settings.mail_queue_url, job, delay_seconds=delay_seconds)


def manage_link(services: Services, slug: str, language: str, address: EmailAddress) -> str:
    """The link to the page where whoever reads the mail sees, changes and deletes what is kept."""
    token = manage_token(services, filing.filed(services, slug, address))
    return services.settings.public_url + links.manage(language, token)


def manage_token(services: Services, filed: Filed) -> str:
    """What opens that page: blind indexes and no address."""
    claims = {"slug": filed.slug, "signature": filed.signature, "subscriber": filed.subscriber}
    keys = services.secrets.token_keys
    return tokens.issue(keys, Purpose.MANAGE, claims, services.now())


def never_link(services: Services, slug: str, language: str, address: EmailAddress) -> str:
    """The link after which an address is mailed no more; it never expires."""
    claims = {"slug": slug, "person": filing.person(services, address)}
    token = tokens.issue(services.secrets.token_keys, Purpose.NEVER, claims, services.now())
    return services.settings.public_url + links.never(language, token)


def read_renewable(services: Services, purpose: Purpose, token: str) -> Claims:
    """Open a link that may have expired, to mail a new one in its place.

    Raises BrokenToken, and ExpiredToken for one that is too old even for that.
    """
    return tokens.read(
        services.secrets.token_keys, purpose, token, now=services.now(), lifetime=RENEWABLE
    )
