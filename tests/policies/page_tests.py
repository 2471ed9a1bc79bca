"""The tests of the desk's pages, played again while every call is recorded.

So a page that calls AWS anew needs no journey of its own, only the test that it has anyway.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

from ops.compiling import ROOT
from tests.policies.documents import LOGICAL_IDS
from tests.policies.recording import RecordedWorld

_WITHOUT_PAGES: Final = ("test_access", "test_matrix")
"""Tests of the gate: they have routes of their own, or all routes."""


def play(world: RecordedWorld) -> None:
    """Every test of a page that needs a world alone, or fixtures of its module made of one."""
    # What a page reads of the secrets, the desk's process reads, whatever visitors did before.
    world.home = LOGICAL_IDS["desk"]
    world.reset()
    world.publish()
    published = world.snapshot()
    for path in sorted((ROOT / "tests/routes/desk").glob("test_*.py")):
        if path.stem not in _WITHOUT_PAGES:
            module = importlib.import_module(f"tests.routes.desk.{path.stem}")
            for test in _playable(module):
                published()
                world.restart(world.home)
                test(**_arguments(test, module, world))


def _playable(module: ModuleType) -> Iterator[Callable[..., Any]]:
    for name, value in vars(module).items():
        is_plain = name.startswith("test_") and callable(value) and not _is_parametrized(value)
        if is_plain and _can_be_made(value, module):
            yield value


def _is_parametrized(test: Callable[..., Any]) -> bool:
    return any(mark.name == "parametrize" for mark in getattr(test, "pytestmark", ()))


def _can_be_made(function: Callable[..., Any], module: ModuleType) -> bool:
    return all(
        name == "world" or (name in vars(module) and _can_be_made(_made_by(module, name), module))
        for name in inspect.signature(function).parameters
    )


def _arguments(
    function: Callable[..., Any], module: ModuleType, world: RecordedWorld
) -> dict[str, Any]:
    """What a test or a fixture asks for; a fixture is made once for each that asks."""
    made = {}
    for name in inspect.signature(function).parameters:
        if name == "world":
            made[name] = world
        else:
            fixture = _made_by(module, name)
            made[name] = fixture(**_arguments(fixture, module, world))
    return made


def _made_by(module: ModuleType, name: str) -> Callable[..., Any]:
    """The function of a fixture."""
    function: Callable[..., Any] = vars(module)[name]._get_wrapped_function()
    return function
