"""What a file is called, and the header that says so."""

from __future__ import annotations

import pytest

from runs.exports.names import disposition, file_name
from tests.runs.exports.conftest import MakeRun


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Book prices", "book-prices_20250304_1506.csv"),
        ("../../etc/passwd\r\nX: y", "etcpasswd-x-y_20250304_1506.csv"),
        ("价格", "价格_20250304_1506.csv"),
        ("!!!", "squid_20250304_1506.csv"),
        ("x" * 300, "x" * 80 + "_20250304_1506.csv"),
    ],
)
def test_named_for_the_squid_and_the_start(run_with: MakeRun, name: str, expected: str) -> None:
    assert file_name(run_with([], squid={"name": name}), "csv") == expected


def test_a_plain_name_stands_as_it_is() -> None:
    assert disposition("a_20250304_1506.csv") == 'attachment; filename="a_20250304_1506.csv"'


def test_any_other_is_given_twice() -> None:
    assert disposition("é_20250304_1506.csv") == (
        'attachment; filename="squid_20250304_1506.csv"; '
        "filename*=UTF-8''%C3%A9_20250304_1506.csv"
    )
    assert 'filename="caf_2' in disposition("café_20250304_1506.csv")
