"""What the bench says of its figures: a table for people, a file for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure

SIGNS = {"higher": "≥", "lower": "≤"}


def table(figures: Sequence[Figure]) -> str:
    """One line a figure, with its goal and whether it is met; the details below."""
    rows = [("what", "value", "goal", "unit", ""), *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    details = [f"{figure.name}: {figure.detail}" for figure in figures]
    return "\n".join([*(_line(row, widths) for row in rows), "", *details])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Numbers to the right, words to the left."""
    cells = [
        cell.rjust(width) if place in (1, 2) else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    goal = figure.goal
    sought = f"{SIGNS[goal.better]} {goal.goal:g}"
    return (
        figure.name,
        number(figure.value),
        sought,
        goal.unit,
        "met" if figure.is_met else "MISSED",
    )


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def as_json(figures: Sequence[Figure]) -> dict[str, dict[str, Any]]:
    return {
        figure.name: {
            "value": round(figure.value, 3),
            "goal": figure.goal.goal,
            "better": figure.goal.better,
            "unit": figure.goal.unit,
            "detail": figure.detail,
        }
        for figure in figures
    }


def write(figures: Sequence[Figure], path: Path) -> None:
    """Only what was measured just now."""
    path.write_text(json.dumps(as_json(figures), indent=2, ensure_ascii=False) + "\n")


def missed(figures: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in figures if not figure.is_met]
