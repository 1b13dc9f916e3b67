"""A page fetched while somebody waits: by real sockets, under the operator's and the squid's
settings, one at a time for a user."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from pytest_django import Settings

from runs import sampling
from squids import actions
from squids.crawlers.interface import Request
from squids.models import Squid, User
from tests import factories
from tests.runs.engine.servers import Answer, Hit, Site, running_site
from tests.site.running import until

pytestmark = pytest.mark.django_db(transaction=True)
MB = 1024 * 1024


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    with running_site() as running:
        settings.ALLOW_PRIVATE = frozenset({running.place})
        yield running


@pytest.fixture
def owner() -> User:
    return factories.user("owner")


@pytest.fixture
def squid(owner: User) -> Squid:
    return factories.squid(owner, crawler="web-scraper", tasks=0)


def refused(squid: Squid, url: str, most: int = MB) -> str:
    with pytest.raises(sampling.NotFetched) as told:
        sampling.fetch(squid, Request(url), most=most)
    assert told.value.field == "url"
    return told.value.message


def test_a_page_with_the_operators_name(site: Site, squid: Squid, settings: Settings) -> None:
    settings.USER_AGENT = "Tester/1 (us)"
    site.page("/a", "<p>here</p>", "text/html; charset=latin-1")
    site.redirect("/", "/a")
    response = sampling.fetch(squid, Request(site.url("/")), most=MB)
    assert (response.url, response.body) == (site.url("/a"), b"<p>here</p>")
    assert site.hits[-1].headers["user-agent"] == "Tester/1 (us)"


def test_the_cookies_of_the_squids_account(site: Site, squid: Squid, owner: User) -> None:
    account = actions.add_account(owner, "web-session", "Ada", "sid=abc", "127.0.0.1")
    actions.update_squid(squid, {"accounts": [account]})
    site.page("/", "<p>for members</p>")
    sampling.fetch(squid, Request(site.url("/")), most=MB)
    assert site.hits[-1].headers["cookie"] == "sid=abc"


def test_robots_are_obeyed_as_the_squid_says(site: Site, squid: Squid) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    site.page("/", "<p>here</p>")
    assert "robots.txt asks crawlers to leave this page out" in refused(squid, site.url("/"))
    assert site.paths() == []
    squid.obey_robots = False
    assert sampling.fetch(squid, Request(site.url("/")), most=MB).status == 200


def test_a_private_address_is_refused(site: Site, squid: Squid, settings: Settings) -> None:
    settings.ALLOW_PRIVATE = frozenset()
    assert "is a private address" in refused(squid, site.url("/"))
    assert site.hits == []


def test_a_redirect_into_a_private_network_is_refused(site: Site, squid: Squid) -> None:
    site.redirect("/", "http://127.0.0.1:9/")
    assert "127.0.0.1:9 is a private address" in refused(squid, site.url("/"))


def test_a_missing_page(site: Site, squid: Squid) -> None:
    assert (
        refused(squid, site.url("/none")) == "The site answered with status 404 in place of a page."
    )


def test_a_page_that_is_too_large(site: Site, squid: Squid) -> None:
    site.page("/", "x" * 5000)
    assert "more than" in refused(squid, site.url("/"), most=4000)


def test_a_site_that_does_not_answer(site: Site, squid: Squid, settings: Settings) -> None:
    settings.FETCH_TIMEOUT = 1
    ended = threading.Event()

    def silent(hit: Hit) -> Answer:
        ended.wait(20)
        return Answer(b"late")

    site.pages["/"] = silent
    squid.obey_robots = False
    try:
        assert "did not answer in time" in refused(squid, site.url("/"))
    finally:
        ended.set()


def test_no_such_host(squid: Squid) -> None:
    assert refused(squid, "http://no-such-host.invalid/")


def test_two_users_at_once_and_one_page_for_each(site: Site, squid: Squid) -> None:
    """The first answer waits for the second request, so both must be on their way together."""
    other = factories.squid(factories.user("other"), crawler="web-scraper", tasks=0)
    met = threading.Barrier(3)

    def meet(hit: Hit) -> Answer:
        met.wait(30)
        return Answer(hit.path.encode())

    site.pages["/1"] = site.pages["/2"] = meet
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_fetched, squid, site.url("/1"))
        second = pool.submit(_fetched, other, site.url("/2"))
        _until_waiting(site, 2)
        assert "being fetched for you" in refused(squid, site.url("/1"))
        met.wait(30)
        assert (first.result(), second.result()) == (b"/1", b"/2")
    assert sampling._waiting == set()


def _fetched(squid: Squid, url: str) -> bytes:
    try:
        return sampling.fetch(squid, Request(url), most=MB).body
    finally:
        connections.close_all()


def _until_waiting(site: Site, count: int) -> None:
    until(lambda: len(site.paths()) == count, "both requests")


def test_a_failed_fetch_leaves_the_next_one_free(site: Site, squid: Squid) -> None:
    site.page("/", "<p>here</p>")
    refused(squid, site.url("/none"))
    assert sampling.fetch(squid, Request(site.url("/")), most=MB).body == b"<p>here</p>"


def test_a_host_that_asked_for_quiet_is_left_alone(site: Site, squid: Squid) -> None:
    site.pages["/"] = Answer(status=429, headers=(("Retry-After", "600"),))
    assert "status 429" in refused(squid, site.url("/"))
    seen = len(site.hits)
    assert "may be asked again in" in refused(squid, site.url("/"))
    assert len(site.hits) == seen


def test_style_sheets_that_can_be_had(site: Site, squid: Squid) -> None:
    site.page("/a.css", "b { color: red }", "text/css")
    site.page("/large.css", "x" * (sampling.STYLE_BYTES + 1), "text/css")
    wanted = [site.url(f"/{name}.css") for name in ("a", "large", "none")]
    assert sampling.fetch_styles(squid, wanted) == {site.url("/a.css"): "b { color: red }"}
    assert sampling.fetch_styles(squid, []) == {}
