"""The variables of the pages after the sign form: wait for the mail, and thanks.

As in `contexts.py`, nothing has a `repr` or an `eq`.
"""

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.mail.announcement import Announcement
from chalicelib.routes.pages.contexts import Page
from chalicelib.routes.pages.form_contexts import Form
from chalicelib.routes.pages.share_links import ShareLinks


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InboxPage(Page):
    """The page after a form: what to do next, and a field for the mail's code.

    `again` is the address of the button "send it again"; `asked_again`: it was just pressed.
    `mail_notice` says when the mail should come, `no_mail_notice` when none does; `delayed`: it
    comes by the slow lane. `announcement` is what an inbox shows of it, None while that cannot be
    read.
    """

    template: ClassVar[str] = "inbox.html"
    form: Form
    pending: str
    again: str
    asked_again: bool
    mails_a_day: int
    back: str
    link_days: int
    mail_notice: str
    no_mail_notice: str
    delayed: bool
    announcement: Announcement | None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ThanksPage(Page):
    """The page after a confirmation.

    `added`: the signature is new; otherwise an earlier one stands. `news` is one of the values of
    `News`, `frequency` one of `Frequency`: how often news comes that has started. `count` is the
    public one, 0 below the first step, None while it cannot be read; `count_step` is the least by
    which it moves.
    """

    template: ClassVar[str] = "thanks.html"
    added: bool
    news: str
    frequency: str
    count: int | None
    count_step: int
    sharing: ShareLinks
    petition: str
    subscribe: str
    manage: str
    feed: str
