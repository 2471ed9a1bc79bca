"""Puts a mail on the queue, sealed so that only the mailer can read it."""

from chalicelib import jobs, sealing
from chalicelib.emails import Mail, MailContent
from chalicelib.jobs import SendMail
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
