"""Both clock changes of Paris and New York in 2026, by a clock the test moves, with two dispatchers
at every moment: each table of firings was worked out by hand.
"""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from squids.models import User
from tests.runs.schedules.conftest import (
    NEW_YORK,
    PARIS,
    at,
    check_runs,
    hours,
    live_through,
    local,
    minutes,
    scheduled,
    table,
)

Row = tuple[dict[str, Any], list[str]]

PARIS_SPRING: list[Row] = [
    (
        {"repeat": "hours", "every": 6},
        at("+0100", "29 00:00") + at("+0200", "29 07:00", "29 13:00", "29 19:00", "30 01:00"),
    ),
    (
        {"repeat": "minutes", "every": 300},
        at("+0100", "29 01:00")
        + at("+0200", "29 07:00", "29 12:00", "29 17:00", "29 22:00", "30 03:00"),
    ),
    ({"repeat": "daily", "at": time(2, 30)}, at("+0200", "29 03:00", "30 02:30")),
    ({"repeat": "daily", "at": time(3)}, at("+0200", "29 03:00", "30 03:00")),
    ({"repeat": "weekly", "at": time(2), "weekdays": [6]}, at("+0200", "29 03:00")),
    ({"repeat": "monthly", "at": time(2, 59), "day": 29}, at("+0200", "29 03:00")),
    ({"repeat": "cron", "cron": "30 2 * * *"}, at("+0200", "29 03:00", "30 02:30")),
    (
        {"repeat": "cron", "cron": "0 */3 * * *"},
        at("+0100", "28 21:00", "29 00:00")
        + at("+0200", *hours("29", [3, 6, 9, 12, 15, 18, 21]), "30 00:00", "30 03:00"),
    ),
    (
        {"repeat": "cron", "cron": "20 0-4 29 * *"},
        at("+0100", "29 00:20", "29 01:20") + at("+0200", "29 03:00", "29 03:20", "29 04:20"),
    ),
    (
        {"repeat": "cron", "cron": "40 * 29 3 0"},
        at("+0100", "29 00:40", "29 01:40") + at("+0200", *hours("29", range(3, 24), "40")),
    ),
]
PARIS_AUTUMN: list[Row] = [
    (
        {"repeat": "hours", "every": 6},
        at("+0200", "25 00:00") + at("+0100", "25 05:00", "25 11:00", "25 17:00", "25 23:00"),
    ),
    (
        {"repeat": "minutes", "every": 300},
        at("+0200", "25 01:00")
        + at("+0100", "25 05:00", "25 10:00", "25 15:00", "25 20:00", "26 01:00"),
    ),
    (
        {"repeat": "daily", "at": time(2, 30)},
        at("+0200", "25 02:30") + at("+0100", "26 02:30"),
    ),
    ({"repeat": "daily", "at": time(3)}, at("+0100", "25 03:00", "26 03:00")),
    ({"repeat": "weekly", "at": time(2), "weekdays": [6]}, at("+0200", "25 02:00")),
    ({"repeat": "monthly", "at": time(2, 59), "day": 25}, at("+0200", "25 02:59")),
    (
        {"repeat": "cron", "cron": "30 2 * * *"},
        at("+0200", "25 02:30") + at("+0100", "26 02:30"),
    ),
    (
        {"repeat": "cron", "cron": "0 */3 * * *"},
        at("+0200", "24 21:00", "25 00:00")
        + at("+0100", *hours("25", [3, 6, 9, 12, 15, 18, 21]), "26 00:00", "26 03:00"),
    ),
    (
        {"repeat": "cron", "cron": "20 0-4 25 * *"},
        at("+0200", "25 00:20", "25 01:20", "25 02:20") + at("+0100", "25 03:20", "25 04:20"),
    ),
    (
        {"repeat": "cron", "cron": "40 * 25 10 0"},
        at("+0200", "25 00:40", "25 01:40", "25 02:40")
        + at("+0100", *hours("25", range(2, 24), "40")),
    ),
]
NEW_YORK_SPRING: list[Row] = [
    (
        {"repeat": "hours", "every": 6},
        at("-0500", "08 00:00") + at("-0400", "08 07:00", "08 13:00", "08 19:00", "09 01:00"),
    ),
    (
        {"repeat": "minutes", "every": 300},
        at("-0500", "08 01:00")
        + at("-0400", "08 07:00", "08 12:00", "08 17:00", "08 22:00", "09 03:00"),
    ),
    ({"repeat": "daily", "at": time(2, 30)}, at("-0400", "08 03:00", "09 02:30")),
    ({"repeat": "daily", "at": time(3)}, at("-0400", "08 03:00", "09 03:00")),
    ({"repeat": "weekly", "at": time(2), "weekdays": [6]}, at("-0400", "08 03:00")),
    ({"repeat": "monthly", "at": time(2, 59), "day": 8}, at("-0400", "08 03:00")),
    ({"repeat": "cron", "cron": "30 2 * * *"}, at("-0400", "08 03:00", "09 02:30")),
    (
        {"repeat": "cron", "cron": "0 */3 * * *"},
        at("-0500", "07 21:00", "08 00:00")
        + at("-0400", *hours("08", [3, 6, 9, 12, 15, 18, 21]), "09 00:00", "09 03:00"),
    ),
    (
        {"repeat": "cron", "cron": "20 0-4 8 * *"},
        at("-0500", "08 00:20", "08 01:20") + at("-0400", "08 03:00", "08 03:20", "08 04:20"),
    ),
    (
        {"repeat": "cron", "cron": "40 * 8 3 0"},
        at("-0500", "08 00:40", "08 01:40") + at("-0400", *hours("08", range(3, 24), "40")),
    ),
]
NEW_YORK_AUTUMN: list[Row] = [  # here it is the hour from 1 to 2 that comes twice
    (
        {"repeat": "hours", "every": 6},
        at("-0400", "01 00:00") + at("-0500", "01 05:00", "01 11:00", "01 17:00", "01 23:00"),
    ),
    (
        {"repeat": "minutes", "every": 300},
        at("-0400", "01 01:00")
        + at("-0500", "01 05:00", "01 10:00", "01 15:00", "01 20:00", "02 01:00"),
    ),
    (
        {"repeat": "daily", "at": time(1, 30)},
        at("-0400", "01 01:30") + at("-0500", "02 01:30"),
    ),
    ({"repeat": "daily", "at": time(2)}, at("-0500", "01 02:00", "02 02:00")),
    ({"repeat": "weekly", "at": time(1), "weekdays": [6]}, at("-0400", "01 01:00")),
    ({"repeat": "monthly", "at": time(1, 59), "day": 1}, at("-0400", "01 01:59")),
    (
        {"repeat": "cron", "cron": "30 1 * * *"},
        at("-0400", "01 01:30") + at("-0500", "02 01:30"),
    ),
    (
        {"repeat": "cron", "cron": "0 */3 * * *"},
        at("-0400", "31 21:00", "01 00:00")
        + at("-0500", *hours("01", [3, 6, 9, 12, 15, 18, 21]), "02 00:00", "02 03:00"),
    ),
    (
        {"repeat": "cron", "cron": "20 0-4 1 * *"},
        at("-0400", "01 00:20", "01 01:20") + at("-0500", "01 02:20", "01 03:20", "01 04:20"),
    ),
    (
        {"repeat": "cron", "cron": "40 * 1 11 0"},
        at("-0400", "01 00:40", "01 01:40") + at("-0500", *hours("01", range(1, 24), "40")),
    ),
]


@pytest.mark.parametrize(
    ("zone", "begins", "ends", "wanted"),
    [
        (PARIS, "2026-03-28 20:00", "2026-03-30 04:00", PARIS_SPRING),
        (PARIS, "2026-10-24 20:00", "2026-10-26 04:00", PARIS_AUTUMN),
        (NEW_YORK, "2026-03-07 20:00", "2026-03-09 04:00", NEW_YORK_SPRING),
        (NEW_YORK, "2026-10-31 20:00", "2026-11-02 04:00", NEW_YORK_AUTUMN),
    ],
    ids=["Paris spring", "Paris autumn", "New York spring", "New York autumn"],
)
def test_clock_changes(owner: User, zone: str, begins: str, ends: str, wanted: list[Row]) -> None:
    start = local(begins, zone)
    squids = [scheduled(owner, start, time_zone=zone, **fields) for fields, _ in wanted]
    live_through(minutes(start, local(ends, zone), step=10), dispatchers=2)
    for squid, (fields, rows) in zip(squids, wanted, strict=True):
        assert table(squid, zone) == rows, fields
        check_runs(squid)
