"""Mails an update to an organiser's own address, as subscribers would get it."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from chalicelib.crypto import sealing, tokens, unsealing
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain.alerts import content
from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.alerts.pacing import Lane, NotNow
from chalicelib.domain.errors import N_, Message
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.mail import alert_messages, job_queue, jobs, ses
from chalicelib.mail.alert_messages import BulkEmail, BulkRecipient
from chalicelib.mail.jobs import SendTest
from chalicelib.mail.ses_faults import AccountFault, InDoubt, RecipientFault, SendStatus, Throttled
from chalicelib.protection import sending_rate
from chalicelib.rendering import translations, urls
from chalicelib.store.organisers import accounts
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import composing
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

MAX_AGE: Final = timedelta(hours=1)
"""After which a test is given up: whoever waits for it has asked again."""
_SUBJECT: Final = N_("[Test] {subject}")
_PAUSE_SECONDS: Final = 30
"""Before the next attempt, where SES does not say how long."""


def request_tests(
    services: Services, update: Update, languages: Sequence[str], address: EmailAddress
) -> None:
    """Queue a test for each language, to an address that is verified. Raises Unavailable."""
    key = services.secrets.mailer_public_keys.current(services.now()).raw
    tests = []
    for job in _jobs(services, update, languages):
        context = sealing.info(sealing.TEST_ADDRESS, job.id)
        sealed = sealing.seal(address.deliverable, sealing.TEST_ADDRESS, key, context)
        tests.append(replace(job, sealed=sealed))
    job_queue.put_all(services.sqs, services.settings.job_queue_url, tests, services.job_key)


def request_own_tests(
    services: Services, update: Update, languages: Sequence[str], organiser_id: str
) -> None:
    """Queue a test for each language, to the address of an organiser's account.

    They have verified it when they entered, and only the mailer can read it. Raises NotFound,
    Unavailable.
    """
    organiser = accounts.get(services.organisers, organiser_id)
    tests = [
        replace(job, organiser=organiser.id, sealed=organiser.sealed_address)
        for job in _jobs(services, update, languages)
    ]
    job_queue.put_all(services.sqs, services.settings.job_queue_url, tests, services.job_key)


def _jobs(services: Services, update: Update, languages: Sequence[str]) -> Sequence[SendTest]:
    """The job of each language, still without an address."""
    return [
        SendTest(
            id=jobs.new_id(),
            queued_at=services.now(),
            update_id=update.id,
            language=language,
            sealed=b"",
        )
        for language in languages
    ]


def send_test(services: Services, job: SendTest) -> None:
    """Send one test. While SES takes no mail it is queued again, for an hour at most.

    A worker that dies may have sent it: then it comes twice. Raises NotFound, Unavailable.
    """
    slug, _ = split_id(job.update_id)
    mail = _mail(services, job)
    try:
        sending_rate.wait_until(services, sending_rate.reserve(services, Lane.ORGANISER, 1))
        with sending_rate.learning(services):
            [result] = ses.send_bulk(services.ses, services.sender, mail)
    except NotNow as error:
        _again(services, job, error.retry_after_seconds)
    except (Throttled, AccountFault):
        _again(services, job, _PAUSE_SECONDS)
    except (RecipientFault, InDoubt) as error:
        log.warning("a test of %s may not have been sent: %s", slug, type(error).__name__)
    else:
        if result.status in (SendStatus.THROTTLED, SendStatus.ACCOUNT_FAULT):
            _again(services, job, _PAUSE_SECONDS)
        elif result.status is SendStatus.RECIPIENT_FAULT:
            log.warning("a test of %s was refused: %s", slug, result.reason)


def _again(services: Services, job: SendTest, seconds: int) -> None:
    if services.now() - job.queued_at > MAX_AGE:
        log.warning("a test was given up: SES took no mail for an hour")
        return
    job_queue.put(
        services.sqs,
        services.settings.job_queue_url,
        job,
        services.job_key,
        delay_seconds=seconds,
    )


def _mail(services: Services, job: SendTest) -> BulkEmail:
    """The mail of a test: that of a subscriber, with a mark in its subject. Raises NotFound."""
    slug, name = split_id(job.update_id)
    petition = petitions.get(services.petitions, slug)
    update = updates.get(services.petitions, slug, name)
    context = (
        sealing.info(sealing.ORGANISER, job.organiser)
        if job.organiser
        else sealing.info(sealing.TEST_ADDRESS, job.id)
    )
    address = unsealing.unseal(job.sealed, services.mailer_keys, context)
    # No blind index: the page of this link says that it is a test.
    token = tokens.issue(
        services.secrets.permanent_token_keys,
        Purpose.UNSUBSCRIBE,
        {"slug": slug, "index": ""},
        services.now(),
    )
    frozen = content.frozen(petition, [update], whole=True)
    message = composing.message(
        services,
        frozen,
        AlertKind.UPDATE,
        due=[update.name],
        wanted=job.language,
        unsubscribe=lambda language: urls.unsubscribe(language, token),
    )
    recipient = alert_messages.to_recipient(
        address,
        job.language,
        message,
        mailing_list=composing.mailing_list(services, frozen),
        tags={"mail": "test"},
    )
    marked = _marked(recipient, job.language)
    return BulkEmail(recipients=[marked], sender_name=message.sender_name, tags={})


def _marked(recipient: BulkRecipient, language: str) -> BulkRecipient:
    parts = json.loads(recipient.variables)
    subject = Message(text=_SUBJECT, values={"subject": parts["subject"]})
    parts["subject"] = translations.translate(subject, language)
    return replace(recipient, variables=json.dumps(parts, ensure_ascii=False))
