"""Texts of pages into numbers, dates, addresses and truth values."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squids.crawlers.values import absolute, boolean, integer, iso_date, number

NBSP, THIN, NARROW, MINUS = "\u00a0", "\u2009", "\u202f", "\u2212"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("£1,234.50", 1234.5),
        ("1.234,50 €", 1234.5),
        ("1 234,50", 1234.5),
        (f"1{NBSP}234,50{NBSP}€", 1234.5),
        (f"12{NARROW}345{THIN}678", 12345678.0),
        ("1'234.50 CHF", 1234.5),
        ("1’234’567", 1234567.0),
        ("£51.77", 51.77),
        ("12,50", 12.5),
        ("1,234", 1234.0),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("1.234.567,8", 1234567.8),
        ("₹1,23,456.00", 123456.0),
        ("0,125", 0.125),
        ("1.234", 1.234),
        ("1234,567", 1234.567),
        ("£.50", 0.5),
        ("-5", -5.0),
        (f"{MINUS}3.5 °C", -3.5),
        ("-£5.00", -5.0),
        ("- € 7", -7.0),
        ("EUR -12,00", -12.0),
        ("Only 0 left", 0.0),
        ("10-20", 10.0),
        ("SKU-5", 5.0),
        ("In stock (22 available)", 22.0),
        ("20 2023", 20.0),
        ("5,-", 5.0),
        ("rated 4.5 of 5", 4.5),
        ("١٢", 12.0),
        ("no number", None),
        ("", None),
        ("-", None),
        ("²", None),
        ("9" * 400, None),
    ],
)
def test_number(text: str, expected: float | None) -> None:
    assert number(text) == expected


LARGEST = str(2**63 - 1)
AMOUNTS = st.integers(min_value=0, max_value=10**12)


@given(AMOUNTS, st.integers(min_value=0, max_value=99), st.booleans())
def test_number_reads_what_was_written_the_english_and_the_german_way(
    whole: int, cents: int, negative: bool
) -> None:
    english = f"{'-' if negative else ''}£{whole:,}.{cents:02}"
    german = f"{'-' if negative else ''}{whole:,}".replace(",", ".") + f",{cents:02} €"
    french = f"{whole:,}".replace(",", NARROW) + f",{cents:02}"
    expected = float(f"{whole}.{cents:02}")
    assert number(english) == (-expected if negative else expected)
    assert number(german) == (-expected if negative else expected)
    assert number(french) == expected


@given(AMOUNTS, st.sampled_from(["{:,}", "{} items", "({})", "about {:,} or so"]))
def test_integer_reads_whole_numbers(whole: int, form: str) -> None:
    assert integer(form.format(whole)) == whole


@given(st.text())
def test_any_text_is_read_or_passed_over(text: str) -> None:
    for read in (number, integer, boolean, iso_date):
        read(text)
        read("Fri, " + text)
    absolute(text, "https://shop.example/a/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.0 stars", 4),
        ("4.5 stars", None),
        ("-17", -17),
        ("none", None),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_integer(text: str, expected: int | None) -> None:
    assert integer(text) == expected


@pytest.mark.parametrize("text", [str(2**63), "1" + "0" * 5000])
def test_integer_of_more_than_64_bits_is_nothing(text: str) -> None:
    assert integer(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Yes", True), ("true", True), ("", True), ("0", False), ("Off", False), ("perhaps", None)],
)
def test_boolean(text: str, expected: bool | None) -> None:
    assert boolean(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05", "2024-01-05"),
        ("published 2024-01-05", "2024-01-05"),
        ("2024-01-05T10:00:00Z", "2024-01-05T10:00:00+00:00"),
        ("2024-01-05 10:00:00 +0100", "2024-01-05T10:00:00+01:00"),
        ("2024-01-05T10:00:00.25-05:00", "2024-01-05T10:00:00.250000-05:00"),
        ("Fri, 05 Jan 2024 10:00:00 GMT", "2024-01-05T10:00:00+00:00"),
        ("5 January 2024", "2024-01-05"),
        ("24th Jun 2016 09:29", "2016-06-24T09:29:00"),
        ("Jan 5, 2024", "2024-01-05"),
        ("5 Sept. 2020", "2020-09-05"),
        ("24-Jun-2016", "2016-06-24"),
        ("Posted on March 3rd, 2021 at 5:07 PM", "2021-03-03T17:07:00"),
        ("March 3, 2021, 12:30 a.m.", "2021-03-03T00:30:00"),
        ("2024/1/5", "2024-01-05"),
        ("5.1.2024 14:30", "2024-01-05T14:30:00"),
        ("15/01/2024", "2024-01-15"),
        ("01/15/2024", "2024-01-15"),
        ("03/04/2025", None),
        ("31 June 2024", None),
        ("2024-13-45", None),
        ("12 foo 2024", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_date(text: str, expected: str | None) -> None:
    assert iso_date(text) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/a", "https://h.example/a"),
        ("a.html", "https://h.example/d/e/a.html"),
        ("../x/y.html?q=1#f", "https://h.example/d/x/y.html?q=1#f"),
        ("?p=2", "https://h.example/d/e/p.html?p=2"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example", "http://other.example"),
        (" /a\n b ", "https://h.example/a%20b"),
        ("/ü", "https://h.example/%C3%BC"),
        ("/100%25", "https://h.example/100%25"),
        ("mailto:a@b.example", None),
        ("javascript:void(0)", None),
        ("http://[::1", None),
        ("http://h.example:99999/", None),
    ],
)
def test_absolute(link: str, expected: str | None) -> None:
    assert absolute(link, "https://h.example/d/e/p.html?z=1") == expected


SEGMENTS = st.lists(st.sampled_from(["..", ".", "a", "b.c", "-", "x_y", ""]), max_size=5)


@given(SEGMENTS, st.sampled_from(["", "f", "f.html", "f?a=b.c", "f?a=/&b", "?q", "#h"]))
def test_the_short_way_joins_as_the_long_one(segments: list[str], last: str) -> None:
    link = "/".join([*segments, last])
    base = "https://h.example/d/e/p.html?z=1"
    joined = urljoin(base, link)
    expected = joined if joined.startswith("https://") and "///" not in joined else None
    if expected is not None:
        assert absolute(link, base) == expected
