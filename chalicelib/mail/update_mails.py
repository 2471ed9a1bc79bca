"""The mail of one update in one of its languages, as alerts, tests and previews show it."""

from chalicelib.domain.alerts.content import Content
from chalicelib.mail.alert_messages import AlertMessage


def message(content: Content, language: str, *, page: str, unsubscribe: str) -> AlertMessage:
    """The variables of the mail in `language`, which is one of the update's.

    `page` is the address of the update's page, `unsubscribe` the link to leave.
    """
    text = content.updates[0].text(language)
    return AlertMessage(
        title=text.title,
        body_text=text.text,
        body_html=text.html,
        petition_title=content.title(language),
        organiser=content.organiser,
        discreet=content.discreet,
        page=page,
        unsubscribe=unsubscribe,
    )
