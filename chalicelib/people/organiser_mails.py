"""Mails to organisers, whose addresses are stored sealed: who asks for a mail cannot read them."""

from chalicelib.crypto import sealing
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.mail import job_queue, jobs
from chalicelib.mail.jobs import SendMail
from chalicelib.mail.messages import MailContent, MailMessage
from chalicelib.rendering import translations
from chalicelib.wiring import Services


def seal_address(services: Services, organiser_id: str, address: EmailAddress) -> bytes:
    """The address of an organiser, sealed to the mailer for this organiser's account alone."""
    return sealing.seal(
        address.deliverable,
        sealing.ORGANISER,
        services.secrets.mailer_public_keys.current(services.now()).raw,
        sealing.info(sealing.ORGANISER, organiser_id),
    )


def queue_mail(
    services: Services,
    organiser: OrganiserAccount,
    mail: MailMessage,
    *,
    asker: str,
    job_id: str = "",
) -> None:
    """Queue a mail to an organiser, in the language of the desk. Raises Unavailable.

    An `asker` has a daily number for each address, as a visitor's network has. Of mails that are
    queued with the same `job_id` on a day, one is sent.
    """
    job_id, now = job_id or jobs.new_id(), services.now()
    content = MailContent(
        organiser=organiser.id,
        sealed_to=organiser.sealed_address,
        to="",
        person="",
        asker=asker,
        language=translations.SOURCE_LANGUAGE,
        mail=mail,
    )
    sealed = sealing.seal(
        content.to_values(),
        sealing.MAIL,
        services.secrets.mailer_public_keys.current(now).raw,
        sealing.info(sealing.MAIL, job_id),
    )
    job_queue.put(
        services.sqs,
        services.settings.mail_queue_url,
        SendMail(id=job_id, queued_at=now, sealed=sealed),
        services.job_key,
    )
