"""Repetition across clock changes of every kind, held against clocks read minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squids import cron
from squids.recurrence import Elapsed, EveryHour, Rule, at_times, cron_rule

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

CHANGES = {
    "Europe/Paris": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],  # half an hour
    "Africa/Cairo": ["2026-04-23T22:00", "2026-10-29T21:00"],  # at midnight
    "Pacific/Apia": ["2011-12-30T10:00"],  # a whole day
    "Antarctica/Troll": ["2026-03-29T01:00", "2026-10-25T01:00"],  # two hours
    "America/St_Johns": ["2006-04-02T03:31", "2006-10-29T02:31"],  # at 00:01
    "Asia/Kolkata": ["2026-03-29T01:00"],  # none, and an odd offset
}
"""Moments around which clocks are put to another offset, in UTC."""
PLACES = [(zone, moment) for zone, moments in CHANGES.items() for moment in moments]

clocks = st.builds(
    lambda hour, minute: time(hour, minute),
    st.integers(0, 3) | st.integers(0, 23),
    st.integers(0, 59),
)
EXPRESSIONS = (
    "30 2 * * *",
    "*/20 2 * * *",
    "0 * * * *",
    "*/15 * * * *",
    "7,37 * * * *",
    "30 */2 * * *",
    "0,30 0-3 * * *",
    "15 1-23 * * *",
    "45 * 29 3,10 *",
    "0 0 * * 0",
    "59 23 L * *",
)


@cache
def readings(zone: str, moment: str) -> tuple[list[datetime], list[datetime]]:
    """What the clock shows at each minute of four days around the change: (moments, readings)."""
    first = datetime.fromisoformat(moment).replace(tzinfo=UTC) - 2 * DAY
    moments = [first + n * MINUTE for n in range(4 * 24 * 60)]
    return moments, [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in moments]


def expected(zone: str, moment: str, fits: cron.Cron, *, every_hour: bool) -> list[datetime]:
    """The firings of those days, by reading the clock alone."""
    moments, shown = readings(zone, moment)
    if every_hour:
        return [at for at, reading in zip(moments, shown, strict=True) if due(fits, reading)]
    first: dict[datetime, datetime] = {}
    for at, reading in zip(moments, shown, strict=True):
        first.setdefault(reading, at)
    wanted = (shown[0] + n * MINUTE for n in range(int((shown[-1] - shown[0]) / MINUTE) + 1))
    return sorted({_first_at(first, moments, shown, r) for r in wanted if due(fits, r)})


def _first_at(
    first: dict[datetime, datetime], moments: list[datetime], shown: list[datetime], r: datetime
) -> datetime:
    """When the clock first shows the reading, or, where it never does, jumps past it."""
    if r in first:
        return first[r]
    return next(at for at, reading in zip(moments, shown, strict=True) if reading > r)


def due(fits: cron.Cron, reading: datetime) -> bool:
    if reading.minute not in fits.minutes or reading.hour not in fits.hours:
        return False
    return fits.after(reading - MINUTE) == reading


@pytest.mark.parametrize(("zone", "moment"), PLACES)
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_every_firing_around_a_change_by_reading_the_clock(
    zone: str, moment: str, text: str
) -> None:
    rule = cron_rule(cron.parse(text), ZoneInfo(zone))
    wanted = expected(zone, moment, cron.parse(text), every_hour=isinstance(rule, EveryHour))
    start = readings(zone, moment)[0][0] - MINUTE
    assert list(islice(rule.each_after(start), len(wanted))) == wanted
    for at in wanted:
        assert rule.after(at - timedelta(seconds=1)) == at
        assert rule.after(at - timedelta(microseconds=1)) == at


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, str, str]:
    zone, moment = draw(st.sampled_from(PLACES))
    place = ZoneInfo(zone)
    kind = draw(st.sampled_from(["minutes", "hours", "daily", "weekly", "monthly", "cron"]))
    anchor = datetime.fromisoformat(moment).replace(tzinfo=UTC) + draw(st.integers(-99, 99)) * DAY
    if kind in ("minutes", "hours"):
        return Elapsed(draw(st.integers(5, 3000)) * MINUTE, anchor), zone, moment
    if kind == "cron":
        return cron_rule(cron.parse(draw(st.sampled_from(EXPRESSIONS))), place), zone, moment
    days = draw(st.frozensets(st.integers(0, 6), min_size=1)) if kind == "weekly" else frozenset()
    day = draw(st.integers(1, 31)) if kind == "monthly" else 0
    return at_times(draw(clocks), place, weekdays=days, day=day), zone, moment


@given(found=rules(), offset=st.integers(-3 * 86_400, 3 * 86_400), micro=st.integers(0, 999_999))
def test_strictly_after_increasing_and_none_skipped(
    found: tuple[Rule, str, str], offset: int, micro: int
) -> None:
    rule, _, moment = found
    change = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    start = change + timedelta(seconds=offset, microseconds=micro)
    firings = list(islice(rule.each_after(start), 12))
    assert firings[0] > start
    assert all(earlier < later for earlier, later in pairwise(firings))
    for place, firing in enumerate(firings):
        earlier = firings[place - 1] if place else start
        middle = earlier + (firing - earlier) / 2
        for between in (earlier, middle, firing - timedelta(microseconds=1)):
            assert rule.after(between) == firing


@given(found=rules(), starts=st.lists(st.integers(-3 * 86_400, 3 * 86_400), min_size=2))
def test_a_later_start_sees_a_later_or_the_same_firing(
    found: tuple[Rule, str, str], starts: list[int]
) -> None:
    rule, _, moment = found
    change = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    nexts = [rule.after(change + timedelta(seconds=start)) for start in sorted(starts)]
    assert nexts == sorted(nexts)


@given(
    step=st.integers(5, 5000),
    anchor=st.datetimes(timezones=st.just(UTC)),
    start=st.datetimes(max_value=datetime.fromisoformat("9000-01-01"), timezones=st.just(UTC)),
)
def test_elapsed_time_knows_no_clock(step: int, anchor: datetime, start: datetime) -> None:
    firing = Elapsed(step * MINUTE, anchor).after(start)
    assert start < firing <= start + step * MINUTE
    assert (firing - anchor) % (step * MINUTE) == timedelta()


def test_a_short_month_has_its_last_day() -> None:
    rule = at_times(time(9), ZoneInfo("Europe/Paris"), day=31)
    found = islice(rule.each_after(datetime(2028, 1, 1, tzinfo=UTC)), 5)
    assert [f"{at:%m-%d %H:%M}" for at in found] == [
        "01-31 08:00",
        "02-29 08:00",
        "03-31 07:00",
        "04-30 07:00",
        "05-31 07:00",
    ]


def test_a_rule_that_never_fires_ends() -> None:
    with pytest.raises(cron.NeverFires):
        cron_rule(cron.parse("0 0 30 2 *"), ZoneInfo("Europe/Paris")).after(datetime.now(UTC))
