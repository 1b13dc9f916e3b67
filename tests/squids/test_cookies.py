"""Cookies are read in every form that people have; what cannot be read is named by its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squids.cookies import COUNT_LIMIT, LONGEST, SIZE_LIMIT, Cookie, CookieError, host_of, parse

EDITOR = {
    "domain": ".shop.example",
    "expirationDate": 4_102_444_800.5,
    "hostOnly": False,
    "httpOnly": True,
    "name": "sid",
    "path": "/members",
    "sameSite": "no_restriction",
    "secure": True,
    "session": False,
    "storeId": "0",
    "value": "abc=def",
}
SID = Cookie("sid", "abc=def", "shop.example", "/members", 4_102_444_800.5, True, False)


def one(text: str) -> Cookie:
    (cookie,) = parse(text)
    return cookie


def refusal(text: str) -> str:
    with pytest.raises(CookieError) as raised:
        parse(text)
    return raised.value.message


def entry(**changes: Any) -> str:
    return json.dumps([EDITOR | changes])


def test_an_extensions_list() -> None:
    assert one(json.dumps([EDITOR])) == SID


def test_a_list_inside_an_object() -> None:
    assert one(json.dumps({"url": "https://shop.example", "cookies": [EDITOR]})) == SID


@pytest.mark.parametrize(
    ("changes", "expires"),
    [
        ({"session": True}, None),
        ({"expirationDate": None}, None),
        ({"expirationDate": -1}, None),
        ({"expirationDate": 4_102_444_800_500}, 4_102_444_800.5),
        ({"expirationDate": "2100-01-01T00:00:00Z"}, 4_102_444_800.0),
        ({"expirationDate": "Fri, 01 Jan 2100 00:00:00 GMT"}, 4_102_444_800.0),
    ],
)
def test_expiries(changes: dict[str, Any], expires: float | None) -> None:
    assert one(entry(**changes)).expires == expires


@pytest.mark.parametrize("given", ["soon", True, [], 1e300, float("nan"), float("inf")])
def test_an_expiry_that_is_no_moment(given: Any) -> None:
    assert refusal(entry(expirationDate=given)).startswith("Entry 1: its expiry")


@pytest.mark.parametrize(
    ("domain", "host_only", "kept"),
    [
        ("shop.example", None, ("shop.example", True)),
        (".Shop.Example", None, ("shop.example", False)),
        ("localhost", False, ("localhost", True)),
        ("127.0.0.1", False, ("127.0.0.1", True)),
        (".bücher.example", None, ("xn--bcher-kva.example", False)),
        ("", None, ("", True)),
    ],
)
def test_whose_it_is(domain: str, host_only: bool | None, kept: tuple[str, bool]) -> None:
    data = EDITOR | {"domain": domain}
    del data["hostOnly"]
    cookie = one(json.dumps([data if host_only is None else data | {"hostOnly": host_only}]))
    assert (cookie.domain, cookie.host_only) == kept


def test_an_object_of_names_and_values() -> None:
    assert parse('{"sid": "abc", "lang": "en"}') == [Cookie("sid", "abc"), Cookie("lang", "en")]


@pytest.mark.parametrize(
    "text", ["sid=abc; lang=en=us", "Cookie: sid=abc; lang=en=us;", "\ufeffsid=abc;lang=en=us\n"]
)
def test_a_header(text: str) -> None:
    assert parse(text) == [Cookie("sid", "abc"), Cookie("lang", "en=us")]


FILE = """# Netscape HTTP Cookie File
# https://curl.se/docs/http-cookies.html

.shop.example\tTRUE\t/\tFALSE\t0\tlang\ten us
#HttpOnly_shop.example\tFALSE\t/members\tTRUE\t4102444800\tsid\tabc=def
shop.example\tFALSE\t/\tFALSE\t4102444800\tempty\t
"""


@pytest.mark.parametrize("text", [FILE, FILE.replace("\n", "\r\n"), FILE.strip()])
def test_a_cookies_file(text: str) -> None:
    assert parse(text) == [
        Cookie("lang", "en us", "shop.example"),
        Cookie("sid", "abc=def", "shop.example", "/members", 4_102_444_800.0, True, True),
        Cookie("empty", "", "shop.example", "/", 4_102_444_800.0, False, True),
    ]


def test_a_cookies_file_whose_tabs_became_spaces() -> None:
    line = "#HttpOnly_shop.example FALSE /members TRUE 4102444800 sid abc=def"
    assert one(line) == Cookie(
        "sid", "abc=def", "shop.example", "/members", 4_102_444_800.0, True, True
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is nothing in it."),
        ("[]", "There is no cookie in it."),
        ("# Netscape HTTP Cookie File\n", "There is no cookie in it."),
        ("hello", "This is no JSON, no cookies.txt and no line"),
        ("a=b\nc=d", "This is no JSON, no cookies.txt and no line"),
        ("a=b; c", "Entry 2 has no “=”."),
        ("[{]", "This begins as JSON and is none: line 1, column 3."),
        ("[" * 100_000, "This begins as JSON and is none"),
        ("[1]", "Entry 1 is no object"),
        ('[{"value": "x"}]', "Entry 1 has no name."),
        ('{"a": "b", "c": 5}', "Entry 2: its value is no text."),
        ('{"a": "b\\r\\nX-Other: 1"}', "Entry 1: its value has a character"),
        ('{"a": "\\ud800"}', "Entry 1: its value has a character"),
        ('{"a b": "c"}', "Entry 1: its name has a character"),
        ('[{"name": "a", "value": "b", "domain": "not a host"}]', "Entry 1: its domain is no host"),
        ("shop.example\tTRUE\t/\n", "Line 1 has 3 parts"),
        ("x.example\tTRUE\t/\tperhaps\t0\ta\tb", "Line 1: its second and fourth part"),
        ("# c\n\nx.example\tTRUE\t/\tTRUE\tsoon\ta\tb", "Line 3: its expiry is no moment."),
        (json.dumps({"a": "x" * LONGEST}), "Entry 1 is longer than"),
        (json.dumps({f"c{n}": "" for n in range(COUNT_LIMIT + 1)}), "More than 300 cookies"),
        ("; ".join(["a=1"] * (COUNT_LIMIT + 1)), "More than 300 cookies"),
        ("a=" + "x" * SIZE_LIMIT, "This is longer than 256 KB"),
        ("a=" + "é" * (SIZE_LIMIT // 2), "This is longer than 256 KB"),
        ("a=\ud800", "Entry 1: its value has a character"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


def test_a_name_that_comes_again_keeps_its_last_value() -> None:
    assert parse("a=1; b=2; a=3") == [Cookie("a", "3"), Cookie("b", "2")]


def test_its_value_is_not_in_its_repr() -> None:
    assert "abc" not in repr(SID) and "sid" in repr(SID)


_TEXT = st.text(max_size=200)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
)
_ENTRY = st.dictionaries(
    st.sampled_from(["name", "value", "domain", "path", "expirationDate", "hostOnly", "session"]),
    _JSON,
)
_LINE = st.lists(_TEXT | st.sampled_from(["TRUE", "0", ".a.example"]), max_size=8).map("\t".join)


@given(
    _TEXT
    | _JSON.map(json.dumps)
    | st.lists(_ENTRY, max_size=3).map(json.dumps)
    | st.lists(_LINE, max_size=3).map("\n".join)
)
def test_whatever_comes_is_read_or_refused_by_name(text: str) -> None:
    try:
        cookies = parse(text)
    except CookieError:
        return
    assert cookies and all(is_safe(cookie) for cookie in cookies)


def is_safe(cookie: Cookie) -> bool:
    """It can stand in a header without ending it, or beginning another cookie."""
    pair = f"{cookie.name}={cookie.value}"
    pair.encode()
    return not set(pair) & set(";\r\n\0") and cookie.path.startswith("/")


@given(
    st.text(
        st.characters(exclude_characters=";\t", min_codepoint=33, max_codepoint=126), max_size=50
    )
)
def test_a_value_comes_through_every_form(value: str) -> None:
    line = f"a.example\tFALSE\t/\tFALSE\t0\tsid\t{value}"
    for text in (json.dumps({"sid": value}), f"sid={value}", line):
        assert one(text).value == value


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("Shop.Example", "shop.example"),
        ("https://user:word@shop.example:8000/a?b#c", "shop.example"),
        ("127.0.0.1:8001/members/", "127.0.0.1"),
        ("http://[::1]:8000/", "::1"),
        ("::1", "::1"),
    ],
)
def test_a_site_is_its_host(site: str, host: str) -> None:
    assert host_of(site) == host


LONG = "é" + "\u00ad" * 300 + ".example"
"""Too long as it is given; short once it is encoded, which takes its time."""


@pytest.mark.parametrize("site", ["http://", "a b", "/members", "@", LONG])
def test_a_site_that_is_none(site: str) -> None:
    with pytest.raises(CookieError, match="no host name"):
        host_of(site)


@pytest.mark.parametrize(
    ("domain", "host_only", "site", "fits"),
    [
        ("shop.example", True, "shop.example", True),
        ("www.shop.example", True, "shop.example", True),
        ("shop.example", False, "www.shop.example", True),
        ("shop.example", True, "www.shop.example", False),
        ("myshop.example", False, "shop.example", False),
        ("other.example", False, "shop.example", False),
    ],
)
def test_which_site_it_fits(domain: str, host_only: bool, site: str, fits: bool) -> None:
    assert Cookie("a", "b", domain, host_only=host_only).fits_site(site) is fits
