"""Console lines: written under the run's row lock, numbered without a gap."""

from __future__ import annotations

from django.utils import timezone

from runs.models import Line, Run
from runs.states import Level

CUT = " … (cut)"


def storable(text: str) -> str:
    """Text as every database takes it: no NUL, and no half of a character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def fit(text: str) -> str:
    """A line's text on one row and within its limit; a cut says so."""
    text = " ".join(storable(text).splitlines())
    if len(text) <= Line.TEXT_LIMIT:
        return text
    return text[: Line.TEXT_LIMIT - len(CUT)] + CUT


def write(run: Run, text: str, level: Level = Level.INFO) -> None:
    """Append a line. The caller holds the lock on the run's row, inside a transaction."""
    run.last_line += 1
    Line.objects.create(
        run=run, number=run.last_line, at=timezone.now(), level=level, text=fit(text)
    )
    run.save(update_fields=["last_line"])
