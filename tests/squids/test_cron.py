"""Cron expressions: what is refused, and every reading that fits; croniter is asked as well."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from croniter import croniter
from hypothesis import assume, given
from hypothesis import strategies as st

from squids import cron

read = datetime.fromisoformat
NOW = read("2026-03-01")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "five fields"),
        ("0 9 * *", "This one has 4"),
        ("0 0 9 * * *", "This one has 6"),
        ("@daily", "This one has 1"),
        ("60 9 * * *", "Minute: 60 is not from 0 to 59."),
        ("0 24 * * *", "Hour: 24 is not from 0 to 23."),
        ("0 9 0 * *", "Day of month: 0 is not from 1 to 31."),
        ("0 9 * 13 *", "Month: 13 is not from 1 to 12."),
        ("0 9 * * 8", "Weekday: 8 is not from 0 to 7."),
        ("0 9 * * tag", "Weekday: “tag” is not understood."),
        ("0 9 * mon *", "Month: “mon” is not understood."),
        ("1,,2 9 * * *", "Minute: “” is not understood."),
        ("0 17-9 * * *", "Hour: “17-9” runs backwards."),
        ("*/0 * * * *", "Minute: a step is from 1 to 59."),
        ("*/60 * * * *", "Minute: a step is from 1 to 59."),
        ("0 */99 * * *", "Hour: a step is from 1 to 23."),
        ("*-5 * * * *", "Minute: “*-5” is not understood."),
        ("R * * * *", "Minute: “r” is not understood."),
        ("٣ * * * *", "Minute: “٣” is not understood."),
        ("9999999999999999999 * * * *", "Minute: 999999999 is not from 0 to 59."),
        ("l 9 * * *", "Minute: “l” is not understood."),
        ("0 0 30 2 *", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
        ("* * * * *", "Minute: 0 and 1 are 1 minute apart; at least 5 are needed."),
        ("*/4 * * * *", "Minute: 0 and 4 are 4 minutes apart; at least 5 are needed."),
        ("*/7 * * * *", "Minute: 56 and 0 are 4 minutes apart; at least 5 are needed."),
        ("0,58 * * * *", "Minute: 58 and 0 are 2 minutes apart"),
        ("0,58 9,10 * * *", "Minute: 58 and 0 are 2 minutes apart"),
        ("0,58 0,23 * * *", "Minute: 58 and 0 are 2 minutes apart"),
    ],
)
def test_refused(text: str, problem: str) -> None:
    with pytest.raises(cron.BadCron, match=problem.replace("*", r"\*")):
        cron.check(text, NOW)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("*/5 * * * *", ["03-01 00:05", "03-01 00:10", "03-01 00:15"]),
        ("0,58 9 * * *", ["03-01 09:00", "03-01 09:58", "03-02 09:00"]),
        ("0 9 * * MON-fri", ["03-02 09:00", "03-03 09:00", "03-04 09:00"]),
        ("0 9 * * 7", ["03-01 09:00", "03-08 09:00", "03-15 09:00"]),
        ("0 9 * * fri-sun", ["03-01 09:00", "03-06 09:00", "03-07 09:00"]),
        ("0 9 * * 5-7", ["03-01 09:00", "03-06 09:00", "03-07 09:00"]),
        ("0 9 L * *", ["03-31 09:00", "04-30 09:00", "05-31 09:00"]),
        ("0 9 31 * *", ["03-31 09:00", "05-31 09:00", "07-31 09:00"]),
        ("0 9 31-31 * *", ["03-31 09:00", "05-31 09:00", "07-31 09:00"]),
        ("0 9 5 * mon", ["03-02 09:00", "03-05 09:00", "03-09 09:00"]),
        ("0 9 */10 * sun", ["03-01 09:00", "05-31 09:00", "06-21 09:00"]),
        ("30 10-12/2 * jun *", ["06-01 10:30", "06-01 12:30", "06-02 10:30"]),
    ],
)
def test_readings(text: str, readings: list[str]) -> None:
    found = _readings(cron.check(text, NOW), NOW)
    assert [f"{reading:%m-%d %H:%M}" for reading in found] == readings


def _readings(fitting: cron.Cron, reading: datetime) -> list[datetime]:
    found = []
    for _ in range(3):
        reading = fitting.after(reading)
        found.append(reading)
    return found


def test_a_leap_day_is_waited_for() -> None:
    leap = cron.check("0 0 29 2 *", NOW)
    assert leap.after(NOW) == read("2028-02-29")
    assert leap.after(read("2096-02-29")) == read("2104-02-29")  # 2100 has none
    sundays = cron.check("0 0 29 2 */6", NOW)  # Sundays and Saturdays
    assert sundays.after(NOW) == read("2032-02-29")


def items(lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    span = st.tuples(number, number).filter(lambda ends: ends[0] < ends[1])
    return st.one_of(
        st.just("*"),
        number.map(str),
        span.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.tuples(span, st.integers(1, 5)).map(lambda s: f"{s[0][0]}-{s[0][1]}/{s[1]}"),
        st.integers(2, max(highest // 2, 2)).map(lambda step: f"*/{step}"),
    )


def fields(lowest: int, highest: int) -> st.SearchStrategy[str]:
    return st.lists(items(lowest, highest), min_size=1, max_size=3).map(",".join)


expressions = st.tuples(
    fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), fields(0, 6)
).map(" ".join)
moments = st.datetimes(read("2020-01-01"), read("2040-01-01"))


@given(text=expressions, start=moments)
def test_croniter_agrees(text: str, start: datetime) -> None:
    day, weekday = text.split()[2], text.split()[4]
    # A list that begins or ends with * is where crons differ about "either".
    assume(not any("*" in field and "," in field for field in (day, weekday)))
    fitting = cron.parse(text)
    other = croniter(text, start, ret_type=datetime, implement_cron_bug=True)
    reading = start
    for _ in range(5):
        try:
            reading = fitting.after(reading)
        except cron.NeverFires:
            return
        assert reading == other.get_next(datetime), text


APART = st.integers(0, 59).map(str) | st.sampled_from(["*/5", "*/15", "0,30", "3-50/9", "4,9,59"])


@given(minute=APART, text=expressions, start=moments)
def test_far_enough_apart_is_so_at_every_reading(minute: str, text: str, start: datetime) -> None:
    fitting = cron.parse(" ".join([minute, *text.split()[1:]]))
    assert fitting.too_close is None
    reading = start
    for _ in range(20):
        try:
            earlier, reading = reading, fitting.after(reading)
        except cron.NeverFires:
            return
        assert earlier == start or reading - earlier >= timedelta(minutes=cron.APART)


@given(text=st.text(max_size=40) | st.text(alphabet="0123456789*/-,lLmontue ", max_size=40))
def test_any_text_is_taken_or_refused_in_words(text: str) -> None:
    with suppress(cron.BadCron):
        assert cron.check(text, NOW).after(NOW) > NOW
