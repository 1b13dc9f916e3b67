"""A page as the crawler gets it: body, headers, status, and what the site saw of us."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib

import brotli
import pytest
import zstandard

from runs.engine.errors import BadUrl, HttpStatus
from runs.engine.fetch import Fetcher
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import AGENT, allowing
from tests.runs.engine.servers import Answer, Hit, Site

pytestmark = pytest.mark.asyncio


async def test_a_page_comes_whole(fetcher: Fetcher, site: Site) -> None:
    site.page("/books", "<p>Ærø</p>", "text/html; charset=utf-8")
    response = await fetcher.fetch(Request(site.url("/books?page=2#top")), allowing(site))
    assert (response.status, response.text) == (200, "<p>Ærø</p>")
    assert response.url == site.url("/books?page=2")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.history == () and response.elapsed > 0


async def test_the_site_sees_an_honest_client(fetcher: Fetcher, site: Site) -> None:
    site.page("/", "x")
    await fetcher.fetch(
        Request(site.url(), headers={"X-Mine": "1", "accept": "a/b"}), allowing(site)
    )
    seen = site.hits[-1].headers
    assert seen["user-agent"] == AGENT
    assert (seen["x-mine"], seen["accept"]) == ("1", "a/b")
    assert seen["host"] == site.place


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
    ],
)
async def test_bodies_are_unpacked(fetcher: Fetcher, site: Site, coding: str, pack: object) -> None:
    text = b"<p>many words</p>" * 5000
    assert callable(pack)
    site.pages["/"] = Answer(pack(text), headers=(("Content-Encoding", coding),))
    response = await fetcher.fetch(Request(site.url()), allowing(site))
    assert response.body == text
    assert coding in site.hits[-1].headers["accept-encoding"]


async def test_a_post_carries_its_body(fetcher: Fetcher, site: Site) -> None:
    site.pages["/api"] = lambda hit: Answer(json.dumps([hit.method, hit.body.decode()]).encode())
    settings = allowing(site)
    headers = {"Content-Type": "application/json"}
    request = Request(site.url("/api"), method="POST", body='{"a": "é"}', headers=headers)
    response = await fetcher.fetch(request, settings)
    assert json.loads(response.body) == ["POST", '{"a": "é"}']
    assert site.hits[-1].headers["content-type"] == "application/json"
    assert "expect" not in site.hits[-1].headers
    again = await fetcher.fetch(Request(site.url("/api")), settings)
    assert json.loads(again.body) == ["GET", ""]


async def test_head_has_headers_and_no_body(fetcher: Fetcher, site: Site) -> None:
    site.page("/", "a body")
    response = await fetcher.fetch(Request(site.url(), method="HEAD"), allowing(site))
    assert (response.body, response.headers["content-length"]) == (b"", "6")


async def test_an_empty_page_is_an_answer(fetcher: Fetcher, site: Site) -> None:
    site.pages["/"] = Answer(status=204)
    response = await fetcher.fetch(Request(site.url()), allowing(site))
    assert (response.status, response.body, response.text) == (204, b"", "")


@pytest.mark.parametrize(
    ("status", "retry"), [(404, False), (403, False), (408, True), (429, True), (500, True),
                          (501, False), (502, True), (503, True), (504, True)]
)  # fmt: skip
async def test_a_bad_status_is_an_error(
    fetcher: Fetcher, site: Site, status: int, retry: bool
) -> None:
    site.pages["/"] = Answer(b"sorry", status)
    with pytest.raises(HttpStatus) as caught:
        await fetcher.fetch(Request(site.url()), allowing(site))
    assert (caught.value.status, caught.value.retry) == (status, retry)
    assert (caught.value.reason, caught.value.url) == ("http_status", site.url())


async def test_a_status_that_is_accepted_is_an_answer(fetcher: Fetcher, site: Site) -> None:
    request = Request(site.url("/gone"), accept=(404,))
    response = await fetcher.fetch(request, allowing(site))
    assert (response.status, response.body) == (404, b"no such page")


async def test_other_characters_in_the_address_are_encoded(fetcher: Fetcher, site: Site) -> None:
    site.page("/caf%C3%A9%20x", "found")
    response = await fetcher.fetch(Request(site.url("/café x?q=a b&r=%20")), allowing(site))
    assert response.text == "found"
    assert site.hits[-1].path == "/caf%C3%A9%20x?q=a%20b&r=%20"


async def test_user_and_password_of_the_address_are_sent_and_not_kept(
    fetcher: Fetcher, site: Site
) -> None:
    site.page("/", "in")
    address = f"http://ann:se%20cret@{site.place}/"
    response = await fetcher.fetch(Request(address), allowing(site))
    assert site.hits[-1].headers["authorization"] == "Basic YW5uOnNlIGNyZXQ="
    assert response.url == site.url()


async def test_headers_that_came_twice_are_joined(fetcher: Fetcher, site: Site) -> None:
    site.pages["/"] = Answer(headers=(("X-Many", "a"), ("x-many", "b")))
    response = await fetcher.fetch(Request(site.url()), allowing(site))
    assert response.headers["x-many"] == "a, b"


async def test_a_header_cannot_smuggle_another(fetcher: Fetcher, site: Site) -> None:
    with pytest.raises(BadUrl, match="X-A"):
        await fetcher.fetch(Request(site.url(), headers={"X-A": "1\r\nX-B: 2"}), allowing(site))
    assert site.paths() == []


async def test_many_pages_at_once_are_not_mixed_up(fetcher: Fetcher, site: Site) -> None:
    def echo(hit: Hit) -> Answer:
        return Answer(hit.path.encode() * 300)

    site.pages["/n"] = echo
    session = fetcher.session(allowing(site))
    paths = [f"/n?{number}" for number in range(60)]
    pages = await asyncio.gather(*(fetcher.fetch(Request(site.url(p)), session) for p in paths))
    assert [page.body for page in pages] == [path.encode() * 300 for path in paths]
