"""The empty table of organisers for each test."""

import pytest

from chalicelib.store.dynamodb.table import Table
from chalicelib.wiring import Services


@pytest.fixture
def organisers_table(services: Services) -> Table:
    """The empty table of organisers."""
    return services.organisers
