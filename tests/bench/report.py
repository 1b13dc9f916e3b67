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
    lines = [
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {goal:>{widths[2]}}  {unit:<{widths[3]}}  {met}"
        for name, value, goal, unit, met in rows
    ]
    details = [f"{figure.name}: {figure.detail}" for figure in figures]
    return "\n".join([*(line.rstrip() for line in lines), "", *details])


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    goal = figure.goal
    sought = f"{SIGNS[goal.better]} {goal.goal:g}"
    return figure.name, number(figure.value), sought, goal.unit, "met" if figure.is_met else "MISSED"


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
    """Only what was measured just now: older values would pass for it."""
    path.write_text(json.dumps(as_json(figures), indent=2, ensure_ascii=False) + "\n")


def missed(figures: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in figures if not figure.is_met]
