"""What a task's and a squid's parameters may be, and how a refusal reads."""

from __future__ import annotations

from typing import Any

import pytest

from squids.crawlers.interface import Param, ParamError
from squids.crawlers.params import clean

DECLARED = (
    Param("url", "url", required=True),
    Param("pages", "integer", minimum=1, maximum=1000, default=3),
    Param("deep", "boolean"),
    Param("mode", "choice", allowed=("fast", "slow")),
    Param("code", "string", pattern="[A-Z]{2}"),
    Param("extra", "json"),
)
URL = "https://example.com/"


def test_values_take_their_types_and_defaults_are_filled_in() -> None:
    given = {"url": f" {URL} ", "deep": "yes", "mode": "slow", "extra": '{"a": [1]}'}
    assert clean(DECLARED, given) == {
        "url": URL,
        "pages": 3,
        "deep": True,
        "mode": "slow",
        "extra": {"a": [1]},
    }


@pytest.mark.parametrize("unset", [None, "", "  "])
def test_what_is_unset_is_left_out(unset: Any) -> None:
    assert "code" not in clean(DECLARED, {"url": URL, "code": unset})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("url", "", "needed"),
        ("url", "example.com", "“example.com” is no web address"),
        ("url", "ftp://example.com/", "is no web address"),
        ("url", "http://[::1", "is no web address"),
        ("url", "http:// spaced .example/", "is no web address"),
        ("url", ["https://example.com/"], "must be text"),
        ("url", "https://example.com/" + "x" * 200 + " ", None),
        ("pages", 0, "least is 1"),
        ("pages", 1001, "most is 1,000"),
        ("pages", "many", "“many” is no whole number"),
        ("pages", 1.5, "no whole number"),
        ("pages", True, "no whole number"),
        ("pages", float("nan"), "no whole number"),
        ("deep", "perhaps", "neither true nor false"),
        ("mode", "medium", "fast, slow"),
        ("code", "abc", "form [A-Z]{2}"),
        ("code", "A\0", "NUL"),
        ("code", "A\ud800", "are no text"),
        ("extra", '{"a": }', "line 1, column 7"),
        ("extra", '{\n"a": 1,\n}', "line 3, column 1"),
        ("extra", "[" * 100_000, "nested too deeply"),
        ("extra", "[" * 102 + "]" * 102, "nested too deeply"),
        ("extra", "9" * 5_000, "too many digits"),
        ("colour", "red", "no such parameter; known: code, deep, extra, mode, pages, url"),
    ],
)
def test_refusals_name_the_parameter_and_say_why(name: str, value: Any, says: str | None) -> None:
    if says is None:
        assert clean(DECLARED, {name: value})[name] == value.strip()
        return
    with pytest.raises(ParamError) as refusal:
        clean(DECLARED, {"url": URL, name: value})
    assert refusal.value.param == name
    assert says in refusal.value.message


@pytest.mark.parametrize(
    ("value", "place", "says"),
    [
        ('{"a": ["b", "\\u0000"]}', "extra.a.1", "cannot be printed"),
        ({"\ud800": 1}, "extra", "cannot be printed"),
        ([float("nan")], "extra.0", "a number that is none"),
        ('{"a": 1e999}', "extra.a", "too large"),
    ],
    ids=["nul", "surrogate", "nan", "infinite"],
)
def test_what_cannot_be_stored_is_refused_by_its_place(value: Any, place: str, says: str) -> None:
    with pytest.raises(ParamError) as refusal:
        clean(DECLARED, {"url": URL, "extra": value})
    assert refusal.value.param == place and says in refusal.value.message
