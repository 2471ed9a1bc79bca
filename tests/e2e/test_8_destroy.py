"""`zaklik deploy destroy` refuses until it is sure, and leaves nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.demo import STACK
from tests.e2e.drivers import inventory
from tests.e2e.drivers.command_line import CommandLine

pytestmark = pytest.mark.e2e


@pytest.mark.usefixtures("stack")
def test_destroy_refuses_while_there_is_data(zaklik: CommandLine) -> None:
    zaklik("deploy", "destroy", "--really", STACK, exit_status=1)


@pytest.mark.usefixtures("stack")
def test_destroy_refuses_the_name_of_another_stack(zaklik: CommandLine) -> None:
    zaklik("deploy", "destroy", "--with-all-data", "--really", "other", exit_status=1)


@pytest.mark.usefixtures("stack")
def test_destroy_leaves_nothing(
    zaklik: CommandLine, account_before: frozenset[str], client: Callable[[str], Any]
) -> None:
    zaklik("deploy", "destroy", "--with-all-data", "--really", STACK)

    assert inventory.read_account(client) - account_before == frozenset()
