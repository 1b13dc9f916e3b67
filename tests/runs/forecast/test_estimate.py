"""The arithmetic of a forecast, over any history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.forecast.estimate import Estimate, Job, Past, estimate, span

RATES = st.integers(0, 5_000)
FUNCTIONS = st.dictionaries(st.sampled_from(["email", "phone"]), RATES)


@st.composite
def past_runs(draw: st.DrawFn) -> Past:
    total = draw(st.integers(1, 10_000))
    ended = draw(st.integers(0, total))
    failed = draw(st.integers(0, ended))
    rows = draw(st.integers(0, 1_000_000))
    return Past(
        worked=total,
        rows=rows,
        credits=draw(st.integers(0, 10**12)),
        seconds=draw(st.floats(0, 10**7)),
        instances=draw(st.integers(1, 100)),
        row_rate=draw(RATES),
        functions=draw(FUNCTIONS),
        completed=ended - failed,
        failed=failed,
        known_rows=draw(st.integers(0, rows)),
    )


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    tasks = draw(st.integers(1, 10_000))
    return Job(
        tasks=tasks,
        instances=draw(st.integers(1, tasks)),
        row_rate=draw(RATES),
        functions=draw(FUNCTIONS),
        most=draw(st.none() | st.integers(1, 10**7)),
    )


PASTS = st.lists(past_runs(), min_size=1, max_size=20)


def ranges(found: Estimate) -> list[tuple[int, int]]:
    return [found.rows, found.credits, found.seconds]


@given(jobs(), PASTS, st.booleans())
@settings(max_examples=300)
def test_ranges_are_ranges_and_keep_the_limit(job: Job, pasts: list[Past], strange: bool) -> None:
    found = estimate(job, pasts, strange=strange)
    for low, high in ranges(found):
        assert 0 <= low <= high
    if job.most is not None:
        assert found.rows[1] <= job.most
        assert found.credits[1] <= _dearest(job, pasts) * job.most + 1


def _dearest(job: Job, pasts: list[Past]) -> float:
    """What a row can cost at most: every function as often as it ever hit, or once."""
    hits = [1.0]
    for past in pasts:
        rates = sum(past.functions.values())
        if rates and past.rows:
            hits.append(past.credits / past.rows / rates)
    return job.row_rate + max(hits) * sum(job.functions.values())


@given(jobs(), PASTS)
def test_a_strange_history_only_widens(job: Job, pasts: list[Past]) -> None:
    own, strange = estimate(job, pasts), estimate(job, pasts, strange=True)
    assert strange.rows[0] <= own.rows[0] and own.rows[1] <= strange.rows[1]


@given(jobs(), PASTS, st.integers(1, 10**6))
def test_a_limit_never_raises_anything(job: Job, pasts: list[Past], most: int) -> None:
    free, limited = replace(job, most=None), replace(job, most=most)
    for one, other in zip(
        ranges(estimate(limited, pasts)), ranges(estimate(free, pasts)), strict=True
    ):
        assert one[0] <= other[0] and one[1] <= other[1]


@given(
    st.integers(1, 10_000), st.integers(0, 10**6), st.integers(1, 10), RATES, st.floats(0, 10**6)
)
def test_the_same_run_over_again_is_in_the_range(
    tasks: int, rows: int, runs: int, rate: int, seconds: float
) -> None:
    past = Past(tasks, rows, rows * rate, seconds, 1, rate, completed=tasks, known_rows=rows)
    found = estimate(Job(tasks, 1, rate), [past] * runs)
    assert found.rows[0] <= rows <= found.rows[1]
    assert found.credits[0] <= rows * rate <= found.credits[1]
    assert found.seconds[0] <= seconds <= found.seconds[1]
    assert found.rows[1] - found.rows[0] <= 0.2 * rows + 2


@given(st.lists(st.integers(0, 1000), min_size=5, max_size=20), st.integers(10**6, 10**9))
def test_one_run_out_of_line_does_not_move_it(values: list[int], odd: int) -> None:
    assert span([*values, odd])[1] <= max(values)
    assert span([*values, -odd])[0] >= min(values)


KITCHEN = Past(3, 300, 300_000, 60, 3, 1000, completed=3, known_rows=300)


def test_prices_of_today() -> None:
    found = estimate(Job(3, 3, 2500), [KITCHEN])
    assert found.credits == (270 * 2500, 330 * 2500)


def test_functions_that_never_ran_hit_at_most_once_a_row() -> None:
    found = estimate(Job(3, 3, 1000, {"email": 9000}), [KITCHEN])
    assert found.credits == (270 * 1000, 330 * 10_000)


def test_functions_hit_as_often_as_before_at_new_rates() -> None:
    past = replace(KITCHEN, credits=300_000 + 100 * 9000, functions={"email": 9000})
    found = estimate(Job(3, 3, 1000, {"email": 3000}), [past])
    assert found.credits == (270 * 2000, 330 * 2000)


def test_a_task_that_failed_may_give_nothing_or_as_much_as_any_other() -> None:
    past = replace(KITCHEN, worked=4, rows=300, completed=3, failed=1)
    low, high = estimate(Job(4, 4, 1000), [past]).rows
    assert (low, high) == (270, 413)


def test_new_tasks_widen_it() -> None:
    same, more = (estimate(Job(tasks, 3, 1000), [KITCHEN]).rows for tasks in (3, 6))
    assert same == (270, 330)
    assert more[0] < 400 and more[1] > 800


@pytest.mark.parametrize(("instances", "seconds"), [(3, (36, 98)), (6, (18, 98)), (1, (36, 290))])
def test_time_by_the_number_of_instances(instances: int, seconds: tuple[int, int]) -> None:
    assert estimate(Job(3, instances, 1000), [KITCHEN]).seconds == seconds
