"""Empty tables for each test: on moto, or on the engine at the address ZAKLIK_TEST_ENGINE.

`make rehearse` runs these tests a second time, on an engine that is independent of moto.
AWS_CA_BUNDLE names the certificate that the engine is trusted by.
"""

import os
from collections.abc import Callable, Iterator

import boto3
import pytest

from chalicelib.config import settings_from
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import deserialize
from chalicelib.store.dynamodb.table import Table
from chalicelib.wiring import Services
from ops.local.aws import ACCOUNT
from ops.local.resources import TemplateResources, read_template
from tests.world import TABLES, World

ENGINE = os.environ.get("ZAKLIK_TEST_ENGINE", "")
PARAMETERS = {"PublicUrl": "https://zaklik.example", "Sender": "Desk <desk@zaklik.example>"}


@pytest.fixture(scope="session")
def elsewhere() -> Services:
    """Services on the engine, with tables from the template of the deployment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", ENGINE)
        # The engine reads the account number from the access key.
        patch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
        boto3.setup_default_session()
        stack = TemplateResources(read_template(), PARAMETERS)
        stack.create()
        services = Services(settings=settings_from(stack.environment()))
        # Makes the client while the variables are set.
        services.petitions.client.describe_table(TableName=services.petitions.name)
    boto3.setup_default_session()
    return services


@pytest.fixture(scope="module")
def emptied(request: pytest.FixtureRequest) -> Callable[[], Services]:
    """A function that empties all tables and returns their services."""
    if ENGINE:
        services: Services = request.getfixturevalue("elsewhere")
        return lambda: _emptied(services)
    shared_world: World = request.getfixturevalue("shared_world")
    return lambda: _wiped(shared_world)


@pytest.fixture
def services(emptied: Callable[[], Services]) -> Services:
    """Services with empty tables."""
    return emptied()


@pytest.fixture
def petitions_table(services: Services) -> Table:
    """The empty table of petitions."""
    return services.petitions


@pytest.fixture
def limits_table(services: Services) -> Table:
    """The empty table of limits."""
    return services.limits


def _wiped(shared_world: World) -> Services:
    shared_world.reset()
    return shared_world.services


def _emptied(services: Services) -> Services:
    for name in TABLES:
        table: Table = getattr(services, name)
        for item in list(_scanned(table)):
            table.delete(item)
    return services


def _scanned(table: Table) -> Iterator[keys.Key]:
    pages = table.client.get_paginator("scan").paginate(
        TableName=table.name, ProjectionExpression="pk, sk"
    )
    for page in pages:
        for item in page["Items"]:
            yield deserialize(item) or {}
