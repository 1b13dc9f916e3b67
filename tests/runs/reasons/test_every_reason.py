"""Every reason that a run may end or pause for is reached by a test, through the real worker."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from runs.states import Reason
from tests.runs.reasons.table import PROOFS

ROOT = Path(__file__).parents[3]


def test_each_has_its_proof() -> None:
    assert set(PROOFS) == set(Reason)


@pytest.mark.parametrize("reason", PROOFS)
def test_the_proof_is_there_and_speaks_of_the_reason(reason: Reason) -> None:
    file, _, name = PROOFS[reason].partition("::")
    source = (ROOT / file).read_text()
    tests = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert name in {test.name for test in tests}
    assert f"Reason.{reason.name}" in source
