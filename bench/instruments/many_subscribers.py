"""Many subscribers at once, written 25 in a call: what is measured comes after them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from chalicelib.domain.mailboxes import email_address
from chalicelib.people import sealed_records
from chalicelib.wiring import Services

_BATCH: Final = 25
"""Items of one call (DynamoDB API reference, BatchWriteItem)."""


class _BatchedPuts:
    """Stands for a client of DynamoDB whose puts go out together; conditions are left out."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._waiting: list[Any] = []
        self._table = ""

    def put_item(self, **arguments: Any) -> None:
        """Keep an item until there are enough."""
        self._table = arguments["TableName"]
        self._waiting.append({"PutRequest": {"Item": arguments["Item"]}})
        if len(self._waiting) == _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is kept."""
        if self._waiting:
            self._client.batch_write_item(RequestItems={self._table: self._waiting})
            self._waiting = []


def subscribe(services: Services, slug: str, addresses: Iterable[str], languages: Any) -> None:
    """Add subscriptions that nobody has had before, in these languages by turns."""
    table = services.subscribers
    with _batching(services):
        for number, address in enumerate(addresses):
            sealed_records.add_subscription(
                services,
                slug=slug,
                language=languages[number % len(languages)],
                address=email_address.parse(address),
                requested_at=services.now(),
            )
    services.subscribers = table


@contextmanager
def _batching(services: Services) -> Iterator[None]:
    table = services.subscribers
    puts: Any = _BatchedPuts(table.client)
    services.subscribers = replace(table, client=puts)
    yield
    puts.flush()
    services.subscribers = table
