"""No method of the SDK and no command is without a test (``covers``, which is held to its word)."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.kinds import KINDS, methods
from tests.clients.terminal import commands

pytestmark = pytest.mark.clients


def covered() -> set[str]:
    return {str(name) for mark in _marks() for name in mark.args}


def _marks() -> Iterator[pytest.Mark]:
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.clients.{file.stem}")
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
                yield from (mark for mark in marks if mark.name == "covers")


@pytest.mark.parametrize("kind", KINDS)
def test_every_method_has_a_test(kind: str) -> None:
    assert methods(KINDS[kind]) - covered() == set()


def test_every_command_has_a_test() -> None:
    assert commands() - covered() == set()


def test_nothing_is_covered_that_is_not_there() -> None:
    known = commands().union(*(methods(kind) for kind in KINDS.values()))
    assert covered() - known == set()
