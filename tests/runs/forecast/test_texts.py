from __future__ import annotations

import pytest

from runs.forecast import texts
from runs.forecast.compare import off


def test_the_three_parts() -> None:
    found = texts.parts((40_000, 60_000), (45, 60), (61, 115))
    assert found == ["40–60 credits", "45–60 rows", "1–2 min"]


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ((2240, 3026), (2200, 3100)),
        ((24, 60), (20, 60)),
        ((27, 33), (27, 33)),
        ((100, 100), (100, 100)),
        ((0, 7), (0, 7)),
        ((2_240_000, 3_025_500), (2_200_000, 3_100_000)),
    ],
)
def test_a_guess_has_few_digits(found: tuple[int, int], shown: tuple[int, int]) -> None:
    assert texts.rounded(found) == shown


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ((1000, 1000), "1 credit"),
        ((450, 1249), "0.4–1.3 credits"),
        ((40_500, 60_001), "40–61 credits"),
        ((0, 0), "0 credits"),
        ((1_200_000, 1_400_000), "1,200–1,400 credits"),
    ],
)
def test_credits_are_rounded_outward(found: tuple[int, int], text: str) -> None:
    assert texts.credits_range(found) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ((5, 20), "5–20 s"),
        ((0, 3), "up to 3 s"),
        ((30, 300), "up to 5 min"),
        ((120, 120), "2 min"),
        ((3600, 10_000), "1–3 h"),
    ],
)
def test_time_in_the_unit_that_fits(found: tuple[int, int], text: str) -> None:
    assert texts.time_range(found) == text


@pytest.mark.parametrize(
    ("rate", "most", "text"),
    [
        (1000, None, "1 credit a result"),
        (500, None, "0.5 credits a result"),
        (2000, 50, "2 credits a result, at most 100 credits"),
    ],
)
def test_without_a_history(rate: int, most: int | None, text: str) -> None:
    assert texts.unknown(rate, most) == text


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("squid", 7, True), "from the last 7 runs of this squid"),
        (("squid", 1, False), "from the last run of this squid, under other settings"),
        (("owner", 1, False), "from 1 run of your other squids with this crawler"),
        (("crawler", 12, False), "from 12 runs of this crawler"),
        (("none", 0, False), "no history yet"),
    ],
)
def test_what_it_rests_on(args: tuple[str, int, bool], text: str) -> None:
    assert texts.rests_on(*args) == text


@pytest.mark.parametrize(
    ("foretold", "actual", "text"),
    [
        ((40, 60), 40, "as foretold"),
        ((40, 60), 60, "as foretold"),
        ((40, 60), 90, "50 % more than foretold"),
        ((40, 60), 10, "75 % less than foretold"),
        ((1000, 1000), 1001, "under 1 % more than foretold"),
        ((0, 0), 5, "none was foretold"),
    ],
)
def test_how_far_off(foretold: tuple[int, int], actual: int, text: str) -> None:
    assert off(foretold, actual) == text
