"""What is broken in the database as it was at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterable

from runs.models import Run
from runs.sql import one_snapshot
from tests.runs.invariants import broken


def broken_at_once(runs: Iterable[int]) -> list[str]:
    """Each rule that these runs break, all read in one snapshot."""
    with one_snapshot():
        found = [broken(run) for run in Run.objects.filter(pk__in=runs)]
    return [text for texts in found for text in texts]
