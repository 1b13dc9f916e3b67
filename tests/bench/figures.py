"""What is measured, against which goal, and by which module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Goal:
    """``unit`` is of the value and of the goal alike."""

    goal: float
    better: Better
    unit: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A value that was measured; ``detail`` says what stands behind it."""

    name: str
    value: float
    detail: str

    @property
    def goal(self) -> Goal:
        return GOALS[self.name]

    @property
    def is_met(self) -> bool:
        if self.goal.better == "higher":
            return self.value >= self.goal.goal
        return self.value <= self.goal.goal


GOALS: dict[str, Goal] = {
    "pages_vs_scrapy_documented": Goal(4.0, "higher", "times"),
    "pages_vs_scrapy_lean": Goal(1.3, "higher", "times"),
    "pages_vs_bare_loop": Goal(0.6, "higher", "times"),
    "page_50000_vs_500": Goal(1.2, "lower", "times"),
    "web_under_load_vs_idle": Goal(3.0, "lower", "times"),
    "press_to_first_line_ms": Goal(500, "lower", "ms"),
    "press_to_first_page_ms": Goal(500, "lower", "ms"),
    "line_to_browser_p99_ms_200": Goal(500, "lower", "ms"),
    "line_to_browser_p99_ms_1": Goal(500, "lower", "ms"),
    "results_last_vs_first": Goal(1.5, "lower", "times"),
    "results_of_task_last_vs_first": Goal(1.5, "lower", "times"),
    "stats_busy_vs_idle": Goal(3.0, "lower", "times"),
    "drawn_vs_bare": Goal(1.3, "lower", "times"),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "speed": ("pages_vs_scrapy_documented", "pages_vs_scrapy_lean", "pages_vs_bare_loop"),
    "depth": ("page_50000_vs_500",),
    "load": ("web_under_load_vs_idle",),
    "press": ("press_to_first_line_ms", "press_to_first_page_ms"),
    "console": ("line_to_browser_p99_ms_200", "line_to_browser_p99_ms_1"),
    "api": ("results_last_vs_first", "results_of_task_last_vs_first", "stats_busy_vs_idle"),
    "drawing": ("drawn_vs_bare",),
}
"""Figures by the module of this package that measures them together."""


def chosen(only: str) -> dict[str, tuple[str, ...]]:
    """The groups to measure, and of each the figures: all, or those of one name, which may be a
    figure's or a group's. Raises KeyError."""
    if not only:
        return dict(GROUPS)
    if only in GROUPS:
        return {only: GROUPS[only]}
    if only not in GOALS:
        raise KeyError(only)
    return {group: (only,) for group, names in GROUPS.items() if only in names}
