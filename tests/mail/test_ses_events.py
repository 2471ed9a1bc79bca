"""SES's events are read strictly: what they name becomes keys of items."""

import json
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.mailboxes.provider_kinds import ProviderKind
from chalicelib.mail import ses_events
from chalicelib.mail.ses_events import MailEvent, MailOrigin, Recipient
from tests.builders import PERSON

TAGS = {
    "alert": ["8c1f04d27be96a35"],
    "chunk": ["12"],
    "recipient": ["98"],
    "attempt": ["1"],
    "person": [PERSON],
    "ses:source-ip": ["192.0.2.1"],
}
RECIPIENT = Recipient(alert_id="8c1f04d27be96a35", chunk=12, position=98)


def read(**event: Any) -> MailEvent:
    return ses_events.read(json.dumps({"kind": "Send", "tags": TAGS, **event}))


def bounce(kind: str, subtype: str, **event: Any) -> MailEvent:
    return read(
        **{
            "kind": "Bounce",
            "type": kind,
            "subtype": subtype,
            "message": "01000157c44f053b",
            "time": "2026-03-08T23:59:59Z",
            **event,
        }
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Send", EventKind.SEND),
        ("Delivery", EventKind.DELIVERY),
        ("DeliveryDelay", EventKind.DELAY),
        ("Complaint", EventKind.COMPLAINT),
        ("Reject", EventKind.REJECT),
        ("Rendering Failure", EventKind.RENDERING_FAILURE),
    ],
)
def test_an_event_says_what_became_of_which_mail(name: str, kind: EventKind) -> None:
    assert read(kind=name) == MailEvent(kind=kind, recipient=RECIPIENT, person=PERSON)


@pytest.mark.parametrize(
    "subtype", ["General", "NoEmail", "Suppressed", "OnAccountSuppressionList"]
)
def test_a_permanent_bounce_is_hard(subtype: str) -> None:
    event = bounce("Permanent", subtype)

    assert (event.kind, event.soft_bounce) == (EventKind.HARD_BOUNCE, None)


@pytest.mark.parametrize("subtype", ["General", "MailboxFull"])
def test_a_transient_bounce_of_the_mailbox_names_its_day_and_not_its_mail(subtype: str) -> None:
    event = bounce("Transient", subtype)

    assert event.kind is EventKind.SOFT_BOUNCE
    assert event.soft_bounce
    assert event.soft_bounce.bounced_on == date(2026, 3, 8)
    assert event.soft_bounce == getattr(bounce("Transient", subtype), "soft_bounce", None)
    assert event.soft_bounce != bounce("Transient", subtype, message="another").soft_bounce
    assert "01000157" not in str(event)


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("Undetermined", "Undetermined"),
        ("Transient", "MessageTooLarge"),
        ("Transient", "ContentRejected"),
        ("Transient", "AttachmentRejected"),
    ],
)
def test_a_bounce_for_another_reason_than_the_mailbox_does_not_count(
    kind: str, subtype: str
) -> None:
    event = bounce(kind, subtype)

    assert (event.kind, event.soft_bounce) == (EventKind.SOFT_BOUNCE, None)


def test_a_single_mail_has_a_person_and_no_place_in_an_alert() -> None:
    assert read(tags={"kind": ["welcome"], "person": [PERSON]}) == MailEvent(
        kind=EventKind.SEND, recipient=None, person=PERSON
    )


@pytest.mark.parametrize(
    ("mail", "answers_form"),
    [({"mail": ["already_signed"]}, True), ({"mail": ["welcome"]}, False), ({}, False)],
)
def test_a_mail_of_a_petition_names_it_and_the_kind_of_provider(
    mail: dict[str, list[str]], answers_form: bool
) -> None:
    tags = {**mail, "petition": ["open-door"], "provider": ["belarus-russia"]}

    assert read(tags=tags).origin == MailOrigin(
        slug="open-door", provider=ProviderKind.BELARUS_RUSSIA, answers_form=answers_form
    )


def test_a_probe_has_a_place_and_no_person() -> None:
    event = read(tags={"alert": ["probe-8c1f04d2"], "chunk": ["0"], "recipient": ["9"]})

    assert event.recipient == Recipient(alert_id="probe-8c1f04d2", chunk=0, position=9)
    assert event.person == ""


@pytest.mark.parametrize(
    "tags",
    [
        {**TAGS, "alert": ["vera@example.org"]},
        {**TAGS, "alert": ["a#b"]},
        {**TAGS, "chunk": ["-1"]},
        {**TAGS, "chunk": ["1", "2"]},
        {**TAGS, "recipient": ["1000"]},
        {**TAGS, "person": ["vera@example.org"]},
        {**TAGS, "person": [PERSON + "0"]},
        {name: value for name, value in TAGS.items() if name != "alert"},
        {**TAGS, "person": []},
        {**TAGS, "petition": ["open-door"]},
        {**TAGS, "petition": ["open-door"], "provider": ["example.org"]},
        {**TAGS, "petition": ["vera@example.org"], "provider": ["google"]},
        {**TAGS, "chunk": [3]},
        "vera@example.org",
        None,
    ],
)
def test_tags_that_are_not_ours_are_refused(tags: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read(tags=tags)


@pytest.mark.parametrize(
    "body",
    ["", "[]", "7", "null", "{}", '{"kind": "Open", "tags": {}}', '{"kind": [], "tags": {}}'],
)
def test_any_other_text_is_refused(body: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        ses_events.read(body)


def test_a_bounce_without_its_type_is_refused() -> None:
    with pytest.raises(KeyError):
        read(kind="Bounce")
