"""Redirects are followed by hand: every hop is a request of its own, checked like the first."""

from __future__ import annotations

import pytest

from runs.engine.errors import BadUrl, HttpStatus, RedirectLoop, Refused
from runs.engine.fetch import Fetcher
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import Answer, Hit, Site

pytestmark = pytest.mark.asyncio


async def test_the_way_is_told(fetcher: Fetcher, site: Site, other_site: Site) -> None:
    site.redirect("/a", "/b?x=1", 301)
    site.redirect("/b", other_site.url("/c#part"), 307)
    other_site.page("/c", "here")
    response = await fetcher.fetch(Request(site.url("/a")), allowing(site, other_site))
    assert response.text == "here"
    assert response.url == other_site.url("/c")
    assert response.history == ((301, site.url("/a")), (307, site.url("/b?x=1")))


async def test_into_a_private_network_is_refused(
    fetcher: Fetcher, site: Site, other_site: Site
) -> None:
    site.redirect("/", other_site.url("/admin"))
    with pytest.raises(Refused, match=f"127.0.0.1:{other_site.port} is a private address"):
        await fetcher.fetch(Request(site.url()), allowing(site))
    assert other_site.hits == []


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "http://:80/", "ftp://a.test/", "http://[x"]
)
async def test_to_no_web_address_is_refused(fetcher: Fetcher, site: Site, place: str) -> None:
    site.redirect("/", place)
    with pytest.raises(BadUrl):
        await fetcher.fetch(Request(site.url()), allowing(site))


async def test_a_circle_ends_at_its_first_round(fetcher: Fetcher, site: Site) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")
    with pytest.raises(RedirectLoop, match="in a circle") as caught:
        await fetcher.fetch(Request(site.url("/a")), allowing(site))
    assert not caught.value.retry
    assert site.paths() == ["/a", "/b", "/a"]


async def test_an_endless_chain_ends_at_the_limit(fetcher: Fetcher, site: Site) -> None:
    def onward(hit: Hit) -> Answer:
        number = int(hit.path.partition("=")[2])
        return Answer(status=302, headers=(("Location", f"/n?at={number + 1}"),))

    site.pages["/n"] = onward
    with pytest.raises(RedirectLoop, match="more than 4 times"):
        await fetcher.fetch(Request(site.url("/n?at=0")), allowing(site, max_redirects=4))
    assert len(site.paths()) == 5


async def test_back_to_the_same_page_with_a_cookie_is_no_circle(
    fetcher: Fetcher, site: Site
) -> None:
    def wall(hit: Hit) -> Answer:
        if hit.headers.get("cookie") == "seen=1":
            return Answer(b"welcome")
        return Answer(status=302, headers=(("Location", "/"), ("Set-Cookie", "seen=1")))

    site.pages["/"] = wall
    assert (await fetcher.fetch(Request(site.url()), allowing(site))).text == "welcome"


@pytest.mark.parametrize(
    ("status", "method", "seen"),
    [(301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (303, "PUT", "GET"),
     (307, "POST", "POST"), (308, "PUT", "PUT"), (302, "PUT", "PUT"), (303, "HEAD", "HEAD")],
)  # fmt: skip
async def test_the_method_after(
    fetcher: Fetcher, site: Site, status: int, method: str, seen: str
) -> None:
    site.redirect("/form", "/done", status)
    site.page("/done", "")
    body = None if method == "HEAD" else "a=1"
    headers = {"Content-Type": "text/plain"}
    request = Request(site.url("/form"), method=method, body=body, headers=headers)
    await fetcher.fetch(request, allowing(site))
    last = site.hits[-1]
    assert (last.method, last.path) == (seen, "/done")
    assert last.body == (b"" if seen in ("GET", "HEAD") else b"a=1")
    if seen == "GET":
        assert "content-type" not in last.headers


async def test_secrets_stay_with_their_site(fetcher: Fetcher, site: Site, other_site: Site) -> None:
    site.redirect("/near", "/far")
    site.redirect("/far", other_site.url("/"))
    other_site.page("/", "x")
    secrets = {"Authorization": "Bearer s", "Cookie": "c=1", "X-Open": "o"}
    await fetcher.fetch(Request(site.url("/near"), headers=secrets), allowing(site, other_site))
    near, far = site.hits[-1].headers, other_site.hits[-1].headers
    assert (near["authorization"], near["cookie"]) == ("Bearer s", "c=1")
    assert "authorization" not in far and "cookie" not in far
    assert far["x-open"] == "o"


async def test_a_redirect_that_is_accepted_is_an_answer(fetcher: Fetcher, site: Site) -> None:
    site.redirect("/old", "/new", 301)
    response = await fetcher.fetch(Request(site.url("/old"), accept=(301,)), allowing(site))
    assert (response.status, response.headers["location"]) == (301, "/new")


async def test_a_redirect_to_nowhere_is_a_bad_status(fetcher: Fetcher, site: Site) -> None:
    site.pages["/"] = Answer(status=302)
    with pytest.raises(HttpStatus, match="302"):
        await fetcher.fetch(Request(site.url()), allowing(site))


async def test_a_place_outside_ascii_is_found(fetcher: Fetcher, site: Site) -> None:
    site.redirect("/", "/caf\xc3\xa9")  # the bytes of é in UTF-8, as servers send them
    site.page("/caf%C3%A9", "found")
    assert (await fetcher.fetch(Request(site.url()), allowing(site))).text == "found"
