"""The tables of each test, empty: on moto, or on the engine that ZAKLIK_TEST_ENGINE names.

These tests are the store's contract: what it asks of DynamoDB. `make rehearse` runs them a second
time, on an engine that is no kin of moto: ZAKLIK_TEST_ENGINE is its address, and AWS_CA_BUNDLE what
its certificate is trusted by.
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
from tests.world import World

ENGINE = os.environ.get("ZAKLIK_TEST_ENGINE", "")
PARAMETERS = {"PublicUrl": "https://zaklik.example", "Sender": "Desk <desk@zaklik.example>"}


@pytest.fixture(scope="session")
def elsewhere() -> Services:
    """Services on the engine, with tables made there from the template that is deployed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", ENGINE)
        # The engine takes the number of an account for the key of its root.
        patch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
        boto3.setup_default_session()
        stack = TemplateResources(read_template(), PARAMETERS)
        stack.create()
        made = Services(settings=settings_from(stack.environment()))
        # Its client is made here, where the variables are set.
        made.petitions.client.describe_table(TableName=made.petitions.name)
    boto3.setup_default_session()
    return made


@pytest.fixture(scope="module")
def emptied(request: pytest.FixtureRequest) -> Callable[[], Services]:
    """Empties all tables, and gives the services whose they are."""
    if ENGINE:
        services: Services = request.getfixturevalue("elsewhere")
        return lambda: _swept(services)
    shared_world: World = request.getfixturevalue("shared_world")
    return lambda: _wiped(shared_world)


@pytest.fixture
def services(emptied: Callable[[], Services]) -> Services:
    """The services, with all tables empty."""
    return emptied()


@pytest.fixture
def petitions_table(services: Services) -> Table:
    """The petitions_table table, empty."""
    return services.petitions


def _wiped(shared_world: World) -> Services:
    shared_world.reset()
    return shared_world.services


def _swept(services: Services) -> Services:
    for table in (services.petitions, services.signatures, services.subscribers):
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
