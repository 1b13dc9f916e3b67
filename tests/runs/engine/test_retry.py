"""When a failed request is tried again."""

from __future__ import annotations

import pytest

from runs.engine.errors import HttpStatus, RobotsDenied, Timeout
from runs.engine.retry import next_delay, retry_after

NOON = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


def test_waits_double_and_end() -> None:
    error = Timeout("slow")
    waits = [next_delay(tries, error, chance=lambda: 0.5) for tries in range(1, 6)]
    assert waits == [0.5, 1.0, 2.0, None, None]


def test_chance_spreads_the_waits() -> None:
    error = Timeout("slow")
    assert next_delay(1, error, chance=lambda: 0.0) == 0.25
    assert next_delay(1, error, chance=lambda: 1.0) == 0.75
    assert len({next_delay(1, error) for _ in range(50)}) > 1


def test_what_cannot_get_better_is_not_tried_again() -> None:
    assert next_delay(1, RobotsDenied("no")) is None
    assert next_delay(1, HttpStatus(404)) is None
    assert next_delay(1, HttpStatus(503)) is not None


def test_never_before_the_site_asked() -> None:
    assert next_delay(1, HttpStatus(429, retry_after=30.0)) == 30.0
    assert next_delay(3, HttpStatus(429, retry_after=0.1), chance=lambda: 0.5) == 2.0
    assert next_delay(4, HttpStatus(429, retry_after=30.0)) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("12", 12.0), (" 0 ", 0.0), ("-5", None),
        ("1e3", None), ("99999999", 3600.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tuesday, 14-Nov-23 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:50", 30.0),
        ("Tue, 14 Nov 2023 22:13:00 GMT", 0.0),
        ("Fri, 14 Nov 2025 22:13:00 GMT", 3600.0),
    ],
)  # fmt: skip
def test_the_header(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOON) == seconds


def test_a_request_with_patience_is_tried_twice_and_waits_no_longer() -> None:
    error = HttpStatus(503, retry_after=50.0)
    assert next_delay(1, error, patience=60.0) == 50.0
    assert next_delay(1, error, patience=40.0) is None
    assert next_delay(2, error, patience=60.0) is None
    assert next_delay(2, error) == 50.0
