"""Puts mails on the queue, sealed so that only the mailer can read them."""

from datetime import date

from chalicelib.crypto import sealing
from chalicelib.domain import networks
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.mail import job_queue, jobs
from chalicelib.mail.jobs import SendMail
from chalicelib.mail.messages import MailContent, MailMessage
from chalicelib.people import blind_indexes
from chalicelib.store.limits import daily_keys
from chalicelib.wiring import Services


def queue_mail(
    services: Services,
    *,
    to: EmailAddress,
    network: str,
    slug: str,
    language: str,
    mail: MailMessage,
    blocked: bool,
    delay_seconds: int = 0,
) -> None:
    """Queue a mail of a petition to the address `to`, asked for by `network`. One call to AWS.

    Raises Unavailable.

    A mail to a `blocked` address is also queued, and never sent. All messages of the queue have the
    same length.
    """
    job_id, now = jobs.new_id(), services.now()
    content = MailContent(
        to=to.deliverable,
        person=blind_indexes.suppression_index(services, to),
        asker=_asker(services, to, network, now.date()),
        slug=slug,
        language=language,
        mail=mail,
        blocked=blocked,
    )
    sealed = sealing.seal(
        content.to_values(),
        sealing.MAIL,
        services.secrets.mailer_public_keys.current(now).raw,
        sealing.info(sealing.MAIL, job_id),
    )
    job = SendMail(id=job_id, queued_at=now, sealed=sealed)
    job_queue.put(
        services.sqs,
        services.settings.mail_queue_url,
        job,
        services.job_key,
        delay_seconds=delay_seconds,
    )


def _asker(services: Services, to: EmailAddress, network: str, day: date) -> str:
    """The keyed hash of the widest network that one person can have, and of the address.

    So the limits of two addresses do not show that one network has asked for mails to both.
    """
    text = f"{networks.prefixes(network)[0]} {to.canonical}"
    return daily_keys.keyed_hash(services.limit_key(day), text)
