"""Numbers and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from runs.figures import ago_text, credits_text, duration_text, until_text

NOW = datetime(2025, 3, 4, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("thousandths", "text"),
    [
        (0, "0"),
        (1, "0.001"),
        (1_000, "1"),
        (1_500, "1.5"),
        (10_000, "10"),
        (1_234_567_890, "1,234,567.89"),
        (-2_500, "-2.5"),
        (333.333, "0.333"),
        (-0.1, "0"),
    ],
)
def test_credits(thousandths: float, text: str) -> None:
    assert credits_text(thousandths) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 m 00 s"),
        (3_599, "59 m 59 s"),
        (3_840, "1 h 04 m"),
        (86_399, "23 h 59 m"),
        (97_200, "1 d 03 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (30, "30 s ago"),
        (-30, "in 30 s"),
        (90, "1 min ago"),
        (7_200, "2 h ago"),
        (3 * 86_400, "3 d ago"),
        (8 * 86_400, "24 Feb 2025"),
    ],
)
def test_how_long_ago(seconds: int, text: str) -> None:
    assert ago_text(NOW - timedelta(seconds=seconds), NOW) == text


def rendered(text: str, **context: object) -> str:
    return Template("{% load figures %}" + text).render(Context(context))


def test_what_is_not_there_stays_blank() -> None:
    text = "{{ x|thousands }}{{ x|credits }}{{ x|duration }}{% ago x %}{% exact x %}"
    assert rendered(text, x=None) == ""


def test_a_time_tells_the_machine_and_the_hover_exactly() -> None:
    assert rendered("{% exact x %}", x=NOW) == (
        '<time datetime="2025-03-04T12:00:00+00:00" title="2025-03-04 12:00:00 UTC">'
        "2025-03-04 12:00:00</time>"
    )


def test_a_code_reads_as_a_phrase() -> None:
    assert rendered("{{ x|phrase }}", x="no_credits_left") == "No credits left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "now"),
        (0, "now"),
        (1, "in a minute"),
        (60, "in a minute"),
        (61, "in 1 min"),
        (3599, "in 59 min"),
        (3600, "in 1 h"),
        (86_399, "in 23 h"),
        (86_400, "in 1 d"),
        (30 * 86_400, "in 30 d"),
    ],
)
def test_how_long_until(seconds: int, text: str) -> None:
    assert until_text(NOW + timedelta(seconds=seconds), NOW) == text
