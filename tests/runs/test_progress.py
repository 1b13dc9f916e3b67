from __future__ import annotations

from datetime import timedelta

import pytest

from runs.progress import UNKNOWN, left_text, measure


def test_time_left_follows_from_the_tasks_that_ended() -> None:
    seen = measure(done=50, total=200, pages=600, active=60.0, going=True)
    assert seen.percent == 25
    assert seen.tasks_left == 150
    assert seen.pages_per_second == 10
    assert seen.left == timedelta(minutes=3)
    assert seen.left_text == "3 min"


@pytest.mark.parametrize(("done", "going"), [(0, True), (50, False)])
def test_time_left_is_endless_while_nobody_can_know_it(done: int, going: bool) -> None:
    seen = measure(done=done, total=200, pages=600, active=60.0, going=going)
    assert seen.left is None
    assert seen.left_text == UNKNOWN


def test_a_run_that_has_not_begun() -> None:
    seen = measure(done=0, total=0, pages=0, active=0.0, going=True)
    assert (seen.percent, seen.tasks_left, seen.pages_per_second) == (0, 0, 0)
    assert seen.speed_text == "0"


def test_all_tasks_done_leaves_nothing() -> None:
    seen = measure(done=3, total=3, pages=3, active=9.0, going=True)
    assert seen.percent == 100
    assert seen.left == timedelta(0)


@pytest.mark.parametrize(
    ("pages", "active", "text"), [(1234, 1, "1,234"), (42, 10, "4.2"), (7, 100, "0.07")]
)
def test_speed_has_as_many_digits_as_it_deserves(pages: int, active: float, text: str) -> None:
    seen = measure(done=1, total=2, pages=pages, active=active, going=True)
    assert seen.speed_text == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "5 s"),
        (12, "15 s"),
        (60, "1 min"),
        (61, "2 min"),
        (3599, "60 min"),
        (4800, "1 h 20 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_time_left_is_told_as_a_guess(seconds: int, text: str) -> None:
    assert left_text(timedelta(seconds=seconds)) == text
