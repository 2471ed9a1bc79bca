"""The faults of SES: whose they are, and whether SES may have taken the mail.

SES API v2 reference: SendEmail, SendBulkEmail, BulkEmailEntryResult, "Common errors".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """What SES did with one mail: took it, refused it, or the account, or was too busy."""

    SENT = "sent"
    RECIPIENT_FAULT = "recipient fault"
    THROTTLED = "throttled"
    ACCOUNT_FAULT = "account fault"


class Throttled(Exception):
    """SES has not taken the mail, and may take it a little later."""


class RecipientFault(Exception):
    """SES refuses this mail for good; others may go."""


class InDoubt(Exception):
    """The answer was lost: SES may have taken the mail."""


class AccountFault(Exception):
    """SES has not taken the mail, and takes none until somebody, or time, changes something.

    `reason` is an English phrase. `is_daily_quota`: it is the limit of 24 hours.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.reason = _REASONS.get(code, f"SES refuses with {code}")
        self.is_daily_quota = code in _DAILY_QUOTA


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of one recipient of a bulk call; `reason` is SES's own word, "" for a success."""

    status: Status
    reason: str = ""

    @property
    def account_fault(self) -> AccountFault | None:
        """The fault of the account, if it is one."""
        return AccountFault(self.reason) if self.status is Status.ACCOUNT_FAULT else None


DAILY_QUOTA: Final = "DAILY_QUOTA"
"""Our own word for a throttling whose message says that it is of the day."""
SENDER_NOT_VERIFIED: Final = "SENDER_NOT_VERIFIED"
"""Our own word for a `MessageRejected` that names the sender."""

PAUSED: Final = "SendingPausedException"
"""What SES answers while it sends nothing for the account."""
_DAILY_QUOTA: Final = frozenset(
    {DAILY_QUOTA, "ACCOUNT_DAILY_QUOTA_EXCEEDED", "LimitExceededException"}
)
_PAUSED_REASON: Final = "SES has paused all sending of this account"
_SUSPENDED: Final = "SES has shut this account down for mail"
_NOT_VERIFIED: Final = "the sender, or its MAIL FROM domain, is not verified in SES"
_NO_SET: Final = "SES does not find the configuration set or what it names"
_QUOTA: Final = "the daily quota of SES is used up"
_NOT_ALLOWED: Final = "the function may not send: its role or its credentials are refused"
_REASONS: Final[Mapping[str, str]] = {
    "AccountSuspendedException": _SUSPENDED,
    PAUSED: _PAUSED_REASON,
    "MailFromDomainNotVerifiedException": _NOT_VERIFIED,
    "NotFoundException": _NO_SET,
    "LimitExceededException": _QUOTA,
    "AccessDeniedException": _NOT_ALLOWED,
    "ExpiredTokenException": _NOT_ALLOWED,
    "IncompleteSignature": _NOT_ALLOWED,
    "InvalidClientTokenId": _NOT_ALLOWED,
    "InvalidSignatureException": _NOT_ALLOWED,
    "MissingAuthenticationToken": _NOT_ALLOWED,
    "NotAuthorized": _NOT_ALLOWED,
    "OptInRequired": _NOT_ALLOWED,
    "RequestExpired": _NOT_ALLOWED,
    "SignatureDoesNotMatch": _NOT_ALLOWED,
    "UnrecognizedClientException": _NOT_ALLOWED,
    "ACCOUNT_SUSPENDED": _SUSPENDED,
    "ACCOUNT_SENDING_PAUSED": _PAUSED_REASON,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": _QUOTA,
    "CONFIGURATION_SET_SENDING_PAUSED": "SES has paused the sending of the configuration set",
    "CONFIGURATION_SET_NOT_FOUND": _NO_SET,
    "INVALID_SENDING_POOL_NAME": _NO_SET,
    "TEMPLATE_NOT_FOUND": _NO_SET,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": _NOT_VERIFIED,
    DAILY_QUOTA: _QUOTA,
    SENDER_NOT_VERIFIED: _NOT_VERIFIED,
}
"""Every fault that is the account's, with what it means."""
_THROTTLING: Final = frozenset(
    {
        "ACCOUNT_THROTTLED",
        "TRANSIENT_FAILURE",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_MAYBE_SENDER: Final = frozenset({"MessageRejected", "MESSAGE_REJECTED"})
"""SES says this of a mail that it refuses, and of a sender that is not verified."""
_REFUSED_STATUSES: Final = frozenset({401, 403, 404})
_QUOTA_WORDS: Final = "daily message quota"


def fault(
    code: str, *, http_status: int, message: str, sender_address: str
) -> Throttled | RecipientFault | AccountFault | InDoubt:
    """What an error of a whole call means. The message is read, and never kept."""
    if http_status >= 500 and code not in _THROTTLING:
        return InDoubt(code)
    status, reason = _status(code, message, sender_address)
    if code not in _REASONS and http_status in _REFUSED_STATUSES:
        return AccountFault(code)
    match status:
        case Status.THROTTLED:
            return Throttled(reason)
        case Status.ACCOUNT_FAULT:
            return AccountFault(reason)
        case _:
            return RecipientFault(reason)


def result(status: str, *, error: str, sender_address: str) -> Result:
    """What a status of one recipient means; `error` is SES's own explanation."""
    if status == "SUCCESS":
        return Result(status=Status.SENT)
    kind, reason = _status(status, error, sender_address)
    return Result(status=kind, reason=reason)


def _status(code: str, message: str, sender_address: str) -> tuple[Status, str]:
    """Whose fault it is, and its word.

    An unknown one is the recipient's: else one mail could stop all others.
    """
    if code in _THROTTLING:
        if _QUOTA_WORDS in message.lower():
            return Status.ACCOUNT_FAULT, DAILY_QUOTA
        return Status.THROTTLED, code
    named = bool(sender_address) and sender_address.lower() in message.lower()
    if code in _MAYBE_SENDER and named:
        return Status.ACCOUNT_FAULT, SENDER_NOT_VERIFIED
    if code in _REASONS:
        return Status.ACCOUNT_FAULT, code
    return Status.RECIPIENT_FAULT, code
