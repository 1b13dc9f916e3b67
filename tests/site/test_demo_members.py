"""The members' area: a form for strangers, lower prices for members, sessions that end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from curl_cffi import requests

from lobstr_site.demo.members import COOKIE, FORM, PASSWORD
from tests.demo_server import DemoSite, demo_server

SIGN_IN = FORM.decode()


@pytest.fixture(scope="module")
def fresh_site() -> Iterator[DemoSite]:
    with demo_server() as site:
        yield site


def get(url: str, member: str = "", follow: bool = True) -> Any:
    headers = {"Cookie": f"other=1; {COOKIE}={member}"} if member else {}
    return requests.get(url, headers=headers, allow_redirects=follow)


def signed_in(site: DemoSite, user: str = "ada", word: str = PASSWORD) -> Any:
    return requests.post(
        f"{site.url}/members/sign-in", data={"user": user, "password": word}, allow_redirects=False
    )


def test_strangers_see_the_form(demo_site: DemoSite) -> None:
    for path in ("members", "members/", "members/page-2.html", "members/sign-in"):
        answer = get(f"{demo_site.url}/{path}")
        assert answer.status_code == 200 and SIGN_IN in answer.text and "£" not in answer.text
    assert SIGN_IN in get(f"{demo_site.url}/members/", "eve-1").text


def test_members_see_lower_prices(demo_site: DemoSite) -> None:
    answer = signed_in(demo_site)
    assert answer.status_code == 302
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert re.fullmatch(rf"{COOKIE}=ada-\d+", cookie)
    inside = get(f"{demo_site.url}/members/", cookie.partition("=")[2]).text
    assert SIGN_IN not in inside
    prices = [
        [float(price) for price in re.findall(r'class="price">£([\d.]+)', page)]
        for page in (inside, get(f"{demo_site.url}/category/sale/").text)
    ]
    assert prices[0] and all(mine < theirs for mine, theirs in zip(*prices, strict=True))


@pytest.mark.parametrize(("user", "word"), [("ada", "wrong"), ("eve", PASSWORD), ("", "")])
def test_a_wrong_word_lets_nobody_in(demo_site: DemoSite, user: str, word: str) -> None:
    answer = signed_in(demo_site, user, word)
    assert answer.status_code == 200 and "Wrong user or password" in answer.text
    assert "set-cookie" not in answer.headers


def test_each_sign_in_is_a_session_of_its_own(demo_site: DemoSite) -> None:
    first, second = signed_in(demo_site), signed_in(demo_site)
    assert first.headers["set-cookie"] != second.headers["set-cookie"]


def test_a_blocked_account_is_told_so(demo_site: DemoSite) -> None:
    answer = get(f"{demo_site.url}/members/", "mallory-1")
    assert answer.status_code == 403 and 'class="account-blocked"' in answer.text


def test_a_session_ends_after_so_many_pages(fresh_site: DemoSite) -> None:
    base = f"{fresh_site.url}/expire/3/members"
    seen = [get(f"{base}/page-{n}.html", "ada-1").text for n in (1, 2, 3, 1)]
    assert [SIGN_IN in page for page in seen] == [False, False, False, True]
    assert SIGN_IN not in get(f"{base}/", "ada-2").text
    assert SIGN_IN not in get(f"{fresh_site.url}/members/", "ada-1").text
    assert get(f"{fresh_site.url}/expire/1/shop/", "ada-3").status_code == 200


def test_strangers_can_be_redirected(fresh_site: DemoSite) -> None:
    base = f"{fresh_site.url}/to-sign-in/expire/1/members"
    assert SIGN_IN not in get(f"{base}/", "bob-1").text
    answer = get(f"{base}/page-2.html", "bob-1", follow=False)
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        "/to-sign-in/expire/1/members/sign-in",
    )
    assert SIGN_IN in get(f"{base}/page-2.html", "bob-1").text


def test_there_is_no_page_past_the_last(demo_site: DemoSite) -> None:
    assert get(f"{demo_site.url}/members/page-999.html", "ada-1").status_code == 404
    assert get(f"{demo_site.url}/members/x", "ada-1").status_code == 404
