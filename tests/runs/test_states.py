"""The table of moves: complete, and drawn in the documentation as it is."""

from __future__ import annotations

from pathlib import Path

from runs import states
from runs.states import Status

DOC = Path(__file__).parents[2] / "docs" / "run-lifecycle.md"


def test_every_status_has_its_moves() -> None:
    assert set(states.MOVES) == {"", *Status.values}


def test_what_is_finished_moves_no_more_but_for_an_error() -> None:
    moving = {status for status in states.FINISHED if states.MOVES[status]}
    assert moving == {Status.ERROR}


def test_every_unfinished_run_can_be_aborted() -> None:
    assert all(Status.ABORTED in states.MOVES[status] for status in states.UNFINISHED)


def test_the_documentation_shows_the_table() -> None:
    assert f"```mermaid\n{states.diagram()}\n```" in DOC.read_text()
