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

    A mail to a `blocked` address is also queued, and never sent. All messages of the queue have the
    same length.
    """
    person = blind_indexes.suppression_index(services, to)
    content = MailContent(
        to=to.deliverable, person=person, language=language, mail=mail, blocked=blocked
    )
    job_id, now = jobs.new_id(), services.now()
    sealed = sealing.seal(
        content.to_values(),
        sealing.MAIL,
        services.secrets.mailer_public_keys.current(now).raw,
        sealing.info(sealing.MAIL, job_id),
    )
    job = SendMail(id=job_id, queued_at=now, sealed=sealed)
    jobs.put(
        services.sqs,
        services.settings.mail_queue_url,
        job,
        services.job_key,
        delay_seconds=delay_seconds,
    )
