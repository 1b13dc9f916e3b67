"""A run's cookies go back to where they came from, and nowhere else."""

from __future__ import annotations

import pytest

from runs.engine.cookies import Cookies
from runs.engine.fetch import Fetcher
from runs.engine.urls import target
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import Answer, Site

HOME = "https://www.shop.test/a/page"


def sent(lines: list[str], url: str, home: str = HOME) -> str:
    jar = Cookies()
    jar.take(lines, target(home))
    return jar.header(target(url))


@pytest.mark.parametrize(
    ("line", "url", "header"),
    [
        ("a=1", HOME, "a=1"),
        ("a=1", "https://www.shop.test/a/other", "a=1"),
        ("a=1", "https://www.shop.test/b", ""),
        ("a=1", "https://www.shop.test/ab", ""),
        ("a=1; Path=/", "http://www.shop.test/b?x=/", "a=1"),
        ("a=1; Path=/a", "http://www.shop.test/a?x", "a=1"),
        ("a=1; Path=/; Secure", "http://www.shop.test/", ""),
        ("a=1; Path=/; Secure", "https://www.shop.test/", "a=1"),
        ("a=1; Path=/", "https://shop.test/", ""),
        ("a=1; Path=/", "https://x.www.shop.test/", ""),
        ("a=1; Path=/; Domain=.shop.test", "https://shop.test/", "a=1"),
        ("a=1; Path=/; domain=SHOP.test", "https://deep.er.shop.test/", "a=1"),
        ("a=1; Path=/; Domain=shop.test", "https://eshop.test/", ""),
        ("a=1; Path=/; Domain=other.test", "https://other.test/", ""),
        ("a=1; Path=/; Domain=test", "https://other.test/", ""),
        ("a=1; Path=/; Max-Age=0", HOME, ""),
        ("a=1; Path=/; Max-Age=60", HOME, "a=1"),
        ("a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HOME, "a=1"),
        ("a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HOME, ""),
        ("a=1; Path=/; Expires=soon", HOME, "a=1"),
        ('a="x=y"; HttpOnly; SameSite=Lax', HOME, 'a="x=y"'),
        ("nonsense", HOME, ""),
        ("=1", HOME, ""),
        ("a=" + "x" * 5000, HOME, ""),
    ],
)
def test_where_a_cookie_goes(line: str, url: str, header: str) -> None:
    assert sent([line], url) == header


def test_a_later_one_takes_the_place_and_longer_paths_come_first() -> None:
    lines = ["a=1; Path=/", "a=2; Path=/", "b=3; Path=/a", "c=4; Path=/", "c=; Path=/; Max-Age=-1"]
    assert sent(lines, HOME) == "b=3; a=2"


def test_an_ip_has_its_cookies_for_itself() -> None:
    home = "http://10.0.0.1/"
    assert sent(["a=1; Domain=10.0.0.1"], home, home) == "a=1"
    assert sent(["a=1; Domain=0.0.1"], home, home) == ""


def test_a_site_cannot_fill_the_memory() -> None:
    lines = [f"c{number}=x; Path=/" for number in range(5000)]
    assert len(sent(lines, HOME)) < 3000


@pytest.mark.asyncio
async def test_across_redirects_and_pages(fetcher: Fetcher, site: Site, other_site: Site) -> None:
    site.redirect("/login", "/home", 303, ("Set-Cookie", "sid=1; Path=/"), ("Set-Cookie", "t=2"))
    site.redirect("/home", other_site.url("/x", host="other.test"))
    other_site.page("/x", "x")
    site.page("/page", "x")
    session = fetcher.session(allowing(site, f"other.test:{other_site.port}"))
    await fetcher.fetch(Request(site.url("/login")), session)
    await fetcher.fetch(Request(site.url("/page"), headers={"Cookie": "mine=0"}), session)
    await fetcher.fetch(Request(site.url("/page")), allowing(site))
    cookies = [hit.headers.get("cookie") for hit in site.hits if hit.path != "/robots.txt"]
    assert cookies == [None, "sid=1; t=2", "mine=0; sid=1; t=2", None]
    assert "cookie" not in other_site.hits[-1].headers


@pytest.mark.asyncio
async def test_runs_do_not_share_them(fetcher: Fetcher, site: Site) -> None:
    site.pages["/"] = Answer(headers=(("Set-Cookie", "sid=1"),))
    one, two = fetcher.session(allowing(site)), fetcher.session(allowing(site))
    await fetcher.fetch(Request(site.url()), one)
    await fetcher.fetch(Request(site.url()), two)
    assert "cookie" not in site.hits[-1].headers
    await fetcher.fetch(Request(site.url()), one)
    assert site.hits[-1].headers["cookie"] == "sid=1"
