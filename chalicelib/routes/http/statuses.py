"""The HTTP status of each refusal, and after how long a program may try again."""

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.errors import (
    N_,
    Blocked,
    BrokenToken,
    CrossSite,
    DataDestroyed,
    EndedMeanwhile,
    ExpiredToken,
    FormTooLarge,
    InvalidForm,
    MistypedDomain,
    NotFound,
    NotThroughCdn,
    PetitionNotOpen,
    ProofRequired,
    Refusal,
    RiskyMailbox,
    SigningPaused,
    TooManyRequests,
    Unavailable,
    UnreadableForm,
    WrongCode,
)


class InternalError(Refusal):
    """Something of ours failed. Says so, and nothing else."""

    title = N_("Something went wrong on our side")
    message = N_("It is not your fault. Please try again in a few minutes.")


STATUSES: Final[Mapping[type[Refusal], int]] = {
    UnreadableForm: 400,
    CrossSite: 403,
    NotThroughCdn: 403,
    PetitionNotOpen: 403,
    SigningPaused: 403,
    NotFound: 404,
    BrokenToken: 404,
    ExpiredToken: 410,
    EndedMeanwhile: 410,
    DataDestroyed: 410,
    Blocked: 410,
    FormTooLarge: 413,
    InvalidForm: 422,
    WrongCode: 422,
    MistypedDomain: 422,
    RiskyMailbox: 422,
    ProofRequired: 429,
    TooManyRequests: 429,
    InternalError: 500,
    Unavailable: 503,
}
RETRY_AFTER_SECONDS: Final[Mapping[type[Refusal], int]] = {
    SigningPaused: 600,
    TooManyRequests: 3600,
    Unavailable: 60,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return STATUSES[type(refusal)]


def retry_after_of(refusal: Refusal) -> int | None:
    """The seconds for the header Retry-After, or None where waiting changes nothing."""
    return RETRY_AFTER_SECONDS.get(type(refusal))
