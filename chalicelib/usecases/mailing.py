"""Sends single mails from the queue, once each, within the daily caps of each address."""

import logging
import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Final

from chalicelib.crypto import sealing, unsealing
from chalicelib.domain.alerts.pacing import Lane, NotNow
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mailboxes import email_address, provider_kinds
from chalicelib.domain.petitions import funnel
from chalicelib.domain.petitions.funnel import Stage
from chalicelib.domain.petitions.switches import Switch, Switches
from chalicelib.mail import composing, job_queue, ses
from chalicelib.mail.jobs import SendMail
from chalicelib.mail.messages import MailContent, MailKind
from chalicelib.mail.ses_faults import AccountFault, InDoubt, RecipientFault, Throttled
from chalicelib.protection import rate_limits, sending_rate
from chalicelib.store.limits import mail_claims
from chalicelib.store.limits.mail_claims import Claim, QueuedMail
from chalicelib.store.petitions import funnels, switches
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


MAX_AGE: Final = timedelta(days=4)
"""After which a mail is given up: its link is old, and its reader has asked again."""
_SHORTEST_WAIT: Final = 5
_LONGEST_WAIT: Final = 360
"""Seconds. With 1,000 deliveries, the most that SQS allows, `MAX_AGE` is reached."""


class TryAgainLater(Exception):
    """The message stays on the queue.

    Another worker has it, SES does not accept it now, or mails of its petition are switched off.
    """


def deliver(services: Services, job: SendMail, receipt_handle: str, *, deliveries: int) -> bool:
    """Send a queued mail, or give it up for its age; False if its message stays on the queue.

    It is then delivered again in seconds, and after more deliveries in minutes.
    """
    if services.now() - job.queued_at > MAX_AGE:
        log.error("mail given up: it has waited for %s days", MAX_AGE.days)
        return True
    try:
        send_mail(services, job)
    except (TryAgainLater, Unavailable):
        url, seconds = services.settings.mail_queue_url, _wait_seconds(deliveries)
        # Without it the message comes again when the queue's visibility timeout has passed.
        with suppress(Unavailable):
            job_queue.put_off(services.sqs, url, receipt_handle, seconds=seconds)
        return False
    return True


def _wait_seconds(deliveries: int) -> int:
    """Twice as long each time, and up to a fifth longer: what came together comes apart."""
    wait: int = min(_LONGEST_WAIT, _SHORTEST_WAIT * 2 ** min(deliveries - 1, 10))
    return wait + random.randrange(wait // 5 + 1)  # noqa: S311 - jitter, no secret


def send_mail(services: Services, job: SendMail) -> None:
    """Send a queued mail, once for all deliveries of its message.

    A worker that dies before it has stored SES's answer leaves a claim. The mail is sent again when
    the claim's lease is over: two links are better than none.
    Raises TryAgainLater or Unavailable, which leave the message on the queue.
    """
    context = sealing.info(sealing.MAIL, job.id)
    values = unsealing.unseal(job.sealed, services.mailer_keys, context)
    content = _addressed(services, MailContent.from_values(values))
    if _is_switched_off(services, content):
        raise TryAgainLater
    if content.blocked:
        log.info("mail %s not sent: blocked", content.mail.name)
        _count(services, content, Stage.ASKED)
        return
    mail = _as_limits_know_it(services, job, content)
    claim = mail_claims.claim_mail(
        services.limits,
        mail,
        cap=services.settings.mails_per_address,
        network_cap=services.settings.mails_per_network,
        now=services.now(),
    )
    if claim is Claim.RUNNING:
        raise TryAgainLater
    if claim is not Claim.TAKEN:
        log.info("mail %s not sent: %s", content.mail.name, claim.value)
        if claim is Claim.OVER_CAP:
            _count(services, content, Stage.ASKED)
        return
    stages = [Stage.ASKED]
    try:
        _send(services, content)
        stages.append(Stage.MAILED)
    except (NotNow, Throttled, AccountFault) as error:
        mail_claims.release_mail(services.limits, mail)
        raise TryAgainLater from error
    except InDoubt as error:
        raise TryAgainLater from error
    except RecipientFault as error:
        log.warning("mail %s rejected by SES: %s", content.mail.name, error)
    mail_claims.mark_mailed(services.limits, mail)
    _count(services, content, *stages)


def _as_limits_know_it(services: Services, job: SendMail, content: MailContent) -> QueuedMail:
    day = job.queued_at.astimezone(UTC).date()
    return QueuedMail(
        job_id=job.id,
        day=day,
        address_hash=rate_limits.address_hash(services, email_address.parse(content.to), day),
        kind=content.mail.kind,
        asker=content.asker,
    )


def _count(services: Services, content: MailContent, *stages: Stage) -> None:
    """Count the answer to a sign form in the funnel. A write that fails is not repeated."""
    if content.mail.kind is not MailKind.SIGNATURE:
        return
    now, kind = services.now(), provider_kinds.kind_of(email_address.parse(content.to))
    figures = {funnel.name_of(stage, kind): 1 for stage in stages}
    try:
        funnels.add(services.petitions, content.slug, now.astimezone(UTC).date(), figures, now=now)
    except Unavailable:
        log.warning("a mail of %s is missing in the funnel", content.slug)


def _is_switched_off(services: Services, content: MailContent) -> bool:
    """Whether the petition lets its mails wait; those to organisers go on.

    Its switches are read once in `page_cache_seconds`. Raises Unavailable.
    """
    slug = content.slug
    if content.mail.kind.is_to_organiser:
        return False
    read: Switches = services.cache.get(
        ("switches", slug), lambda: switches.get(services.petitions, slug), stale_on=Unavailable
    )
    return not read.is_on(Switch.MAILS)


def _addressed(services: Services, content: MailContent) -> MailContent:
    """The same mail with the address of the organiser that it is to."""
    if not content.organiser:
        return content
    context = sealing.info(sealing.ORGANISER, content.organiser)
    return replace(content, to=unsealing.unseal(content.sealed_to, services.mailer_keys, context))


def _send(services: Services, content: MailContent) -> None:
    """Wait for the slot of one mail and hand it to SES; the pace learns what SES answers.

    Raises NotNow and the faults of SES.
    """
    sending_rate.wait_until(services, sending_rate.reserve(services, Lane.SINGLE, 1))
    with sending_rate.learning(services):
        ses.send(services.ses, services.sender, composing.compose(content))
