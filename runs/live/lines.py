"""Console lines as pages show them: read by number, never by offset."""

from __future__ import annotations

from runs.models import Line, Run

FIRST_VIEW = 100
"""Lines a page carries; the socket brings what follows, and the Logs tab has all."""
SHOWN = ("number", "at", "level", "task_position", "text", "url")


def after(run_id: int, number: int, limit: int) -> list[Line]:
    """The lines that follow line ``number``, oldest first."""
    lines = Line.objects.filter(run=run_id, number__gt=number).order_by("number")
    return list(lines.only(*SHOWN)[:limit])


def latest(run: Run) -> list[Line]:
    """The last lines of the run, oldest first."""
    lines = Line.objects.filter(run=run, number__lte=run.last_line).order_by("-number").only(*SHOWN)
    return list(lines[:FIRST_VIEW])[::-1]
