"""Translation of botocore's errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from chalicelib.domain.errors import Unavailable
from chalicelib.store.dynamodb.items import Item, deserialize

_TRANSIENT: Final = frozenset(
    {
        "InternalServerError",
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


class ConditionFailed(Exception):
    """The condition of a write failed. `item` is the stored item, or None."""

    def __init__(self, item: Item | None = None) -> None:
        super().__init__("the condition of a write did not hold")
        self.item = item


class Conflict(Exception):
    """Another transaction is writing the item."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise ConditionFailed, Conflict or Unavailable for errors of botocore in the block.

    Errors of our own, such as a malformed expression, are not translated.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ConditionalCheckFailedException":
            item: Any = error.response.get("Item")
            raise ConditionFailed(deserialize(item)) from error
        if code == "TransactionCanceledException":
            if cancelled := _cancelled(error):
                raise cancelled from error
            raise
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _TRANSIENT or status >= 500:
            raise Unavailable from error
        raise
    except (HTTPClientError, NoConnection) as error:
        raise Unavailable from error


def _cancelled(error: ClientError) -> Exception | None:
    """What a cancelled transaction means; None if it can never succeed, as with a large item."""
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons}
    if "ConditionalCheckFailed" in codes:
        return ConditionFailed()
    if "ValidationError" in codes:
        return None
    return Conflict() if "TransactionConflict" in codes else Unavailable()
