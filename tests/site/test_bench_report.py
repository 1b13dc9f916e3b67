"""What the bench prints, writes and answers, whatever it has measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import report
from tests.bench.figures import GOALS, GROUPS, Figure, chosen

FAST = Figure("pages_vs_scrapy_lean", 1.6, "400 pages/s against 250")
SLOW = Figure("page_50000_vs_500", 1.3, "5 ms against 4")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bench.json"
    monkeypatch.setattr(bench, "BENCH_JSON", path)
    return path


def test_a_goal_is_met_from_its_better_side() -> None:
    assert Figure("pages_vs_bare_loop", 0.6, "").is_met
    assert not Figure("pages_vs_bare_loop", 0.59, "").is_met
    assert Figure("press_to_first_line_ms", 500, "").is_met
    assert not Figure("press_to_first_line_ms", 501, "").is_met


def test_a_line_for_each_figure_and_its_detail() -> None:
    lines = report.table([FAST, SLOW]).splitlines()
    assert lines[1].split() == ["pages_vs_scrapy_lean", "1.60", "≥", "1.3", "times", "met"]
    assert lines[2].split() == ["page_50000_vs_500", "1.30", "≤", "1.2", "times", "MISSED"]
    assert lines[-1] == "page_50000_vs_500: 5 ms against 4"


def test_the_file_holds_what_was_measured_now(file: Path) -> None:
    file.write_text('{"older": {}}')
    assert bench.conclude([FAST]) == 0
    assert json.loads(file.read_text()) == {
        "pages_vs_scrapy_lean": {
            "value": 1.6,
            "goal": 1.3,
            "better": "higher",
            "unit": "times",
            "detail": "400 pages/s against 250",
        }
    }


def test_a_missed_goal_is_the_exit_status(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.conclude([FAST, SLOW]) == 1
    assert "MISSED" in capsys.readouterr().out
    assert len(json.loads(file.read_text())) == 2


def test_every_figure_is_measured_by_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(GOALS)
    assert chosen("") == GROUPS


def test_one_is_chosen_by_its_name_or_its_groups() -> None:
    assert chosen("pages_vs_bare_loop") == {"speed": ("pages_vs_bare_loop",)}
    assert chosen("console") == {"console": GROUPS["console"]}


def test_a_name_that_is_none_measures_nothing(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main("pages") == 2
    assert "pages_vs_scrapy_lean" in capsys.readouterr().out
    assert not file.exists()
