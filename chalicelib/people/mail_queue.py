"""Puts mails on the queue, sealed so that only the mailer can read them."""

from chalicelib.crypto import sealing
from chalicelib.domain.email_address import EmailAddress
from chalicelib.mail import jobs
from chalicelib.mail.jobs import SendMail
from chalicelib.mail.messages import MailContent, MailMessage
from chalicelib.people import blind_indexes
from chalicelib.wiring import Services


def queue_mail(
    services: Services,
    *,
    to: EmailAddress,
    language: str,
    mail: MailMessage,
    blocked: bool,
    delay_seconds: int = 0,
) -> None:
    """Queue a mail to the address `to`. One call to AWS. Raises Unavailable.

    A mail to a `blocked` address is also queued, and never sent.
    """
    person = blind_indexes.suppression_index(services, blind_indexes.person_index(services, to))
    content = MailContent(
        to=to.deliverable, person=person, language=language, mail=mail, blocked=blocked
    )
    job = SendMail(
        id=jobs.new_id(),
        queued_at=services.now(),
        sealed=sealing.seal(
            content.to_bytes(), services.secrets.mailer_public_key, sealing.info(sealing.MAIL)
        ),
    )
    jobs.put(services.sqs, services.settings.mail_queue_url, job, delay_seconds=delay_seconds)
