"""What goes out by mail: put on the queue, sealed so that only the mailer can read it."""

from chalicelib import filing, jobs, links, sealing, tokens
from chalicelib.domain.email_address import EmailAddress
from chalicelib.emails import Mail, MailContent
from chalicelib.jobs import SendMail
from chalicelib.tokens import Purpose
from chalicelib.wiring import Services


def queue_mail(services: Services, *, to: str, language: str, mail: Mail) -> None:
    """Queue a mail to the address `to`. Raises Unavailable."""
    content = MailContent(to=to, language=language, mail=mail)
    job = SendMail(
        id=jobs.new_id(),
        queued_at=services.now(),
        sealed=sealing.seal(
            content.to_bytes(), services.secrets.mailer_public_key, sealing.info(sealing.MAIL)
        ),
    )
    jobs.put(services.sqs, services.settings.mail_queue_url, job)


def withdrawal_link(services: Services, slug: str, language: str, address: EmailAddress) -> str:
    """The link with which whoever reads the mail withdraws the signature and ends the news."""
    claims = {
        "slug": slug,
        "signature": filing.signature_index(services, slug, address),
        "subscriber": filing.subscriber_index(services, slug, address),
    }
    keys = services.secrets.token_keys
    token = tokens.issue(keys, Purpose.WITHDRAW, claims, services.now())
    return services.settings.public_url + links.withdraw(language, token)
