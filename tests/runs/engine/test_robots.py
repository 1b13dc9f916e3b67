"""robots.txt is asked once per site and obeyed, unless the squid says otherwise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from runs.engine import robots
from runs.engine.errors import ConnectFailed, MustWait, RobotsDenied, RobotsUnavailable
from runs.engine.fetch import Fetcher
from runs.engine.politeness import HostRule, Politeness
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import Answer, Site, running_site

RULES = """
User-agent: LobstrOpen
Disallow: /closed
Allow: /closed/door

User-agent: *
Disallow: /
"""


def robots_hits(site: Site) -> int:
    return len(site.hits) - len(site.paths())


@pytest.mark.asyncio
async def test_what_is_disallowed_is_not_fetched(fetcher: Fetcher, site: Site) -> None:
    site.page("/robots.txt", RULES, "text/plain")
    site.page("/open", "x")
    site.page("/closed/door", "x")
    session = fetcher.session(allowing(site))
    await fetcher.fetch(Request(site.url("/open")), session)
    await fetcher.fetch(Request(site.url("/closed/door")), session)
    with pytest.raises(RobotsDenied, match=r"robots\.txt of .* disallows .*/closed/room") as caught:
        await fetcher.fetch(Request(site.url("/closed/room")), session)
    assert not caught.value.retry
    assert site.paths() == ["/open", "/closed/door"]


@pytest.mark.asyncio
async def test_another_agent_has_other_rules(fetcher: Fetcher, site: Site) -> None:
    site.page("/robots.txt", RULES, "text/plain")
    settings = allowing(site)
    object.__setattr__(settings, "user_agent", "Somebody/1.0")
    with pytest.raises(RobotsDenied):
        await fetcher.fetch(Request(site.url("/open")), settings)


@pytest.mark.asyncio
async def test_it_can_be_left_out_by_setting(fetcher: Fetcher, site: Site) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    site.page("/", "x")
    await fetcher.fetch(Request(site.url()), allowing(site, obey_robots=False))
    assert robots_hits(site) == 0


@pytest.mark.asyncio
async def test_it_is_asked_once_for_many_pages_at_once(fetcher: Fetcher, site: Site) -> None:
    site.page("/", "x")
    session = fetcher.session(allowing(site))
    await asyncio.gather(*(fetcher.fetch(Request(site.url()), session) for _ in range(20)))
    assert robots_hits(site) == 1


@pytest.mark.asyncio
async def test_the_next_slice_reads_it_from_the_folder(politeness: Politeness, site: Site) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /closed", "text/plain")
    site.page("/", "x")
    for _ in range(2):
        async with Fetcher(politeness) as fetcher:
            await fetcher.fetch(Request(site.url()), allowing(site))
            with pytest.raises(RobotsDenied):
                await fetcher.fetch(Request(site.url("/closed")), allowing(site))
    assert robots_hits(site) == 1


@pytest.mark.asyncio
async def test_it_is_asked_again_when_it_is_old(
    fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "KEEP_SECONDS", 0.0)
    site.page("/", "x")
    session = fetcher.session(allowing(site))
    for _ in range(3):
        await fetcher.fetch(Request(site.url()), session)
    assert robots_hits(site) == 3


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_site_without_it_is_open(fetcher: Fetcher, site: Site, status: int) -> None:
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /", status)
    site.page("/", "x")
    assert (await fetcher.fetch(Request(site.url()), allowing(site))).text == "x"


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [429, 500, 502])
async def test_a_site_that_cannot_say_is_closed_for_now(
    fetcher: Fetcher, site: Site, status: int
) -> None:
    site.pages["/robots.txt"] = Answer(status=status)
    site.page("/", "x")
    session = fetcher.session(allowing(site))
    for _ in range(2):
        with pytest.raises(RobotsUnavailable, match=f"status {status}") as caught:
            await fetcher.fetch(Request(site.url()), session)
        assert caught.value.retry and 0 < (caught.value.retry_after or 0) <= 60
    assert (site.paths(), robots_hits(site)) == ([], 1)


@pytest.mark.asyncio
async def test_a_site_that_is_down_says_so_itself(fetcher: Fetcher) -> None:
    with running_site() as gone:
        pass
    with pytest.raises(ConnectFailed, match=r"^robots.txt: http") as caught:
        await fetcher.fetch(Request(gone.url()), allowing(gone))
    assert caught.value.retry


@pytest.mark.asyncio
async def test_redirects_are_followed_and_a_circle_means_open(
    fetcher: Fetcher, site: Site, other_site: Site
) -> None:
    site.redirect("/robots.txt", "/rules", 301)
    site.page("/rules", "User-agent: *\nDisallow: /closed", "text/plain")
    with pytest.raises(RobotsDenied):
        await fetcher.fetch(Request(site.url("/closed")), allowing(site))
    other_site.redirect("/robots.txt", "/robots.txt")
    other_site.page("/", "x")
    assert (await fetcher.fetch(Request(other_site.url()), allowing(other_site))).text == "x"


@pytest.mark.asyncio
async def test_a_huge_one_counts_as_far_as_it_was_read(fetcher: Fetcher, site: Site) -> None:
    filler = "# nothing to see\n" * (robots.MAX_BYTES // 16)
    site.page("/robots.txt", f"User-agent: *\nDisallow: /closed\n{filler}Disallow: /", "text/plain")
    site.page("/", "x")
    session = fetcher.session(allowing(site))
    assert (await fetcher.fetch(Request(site.url()), session)).text == "x"
    with pytest.raises(RobotsDenied):
        await fetcher.fetch(Request(site.url("/closed")), session)


@pytest.mark.asyncio
async def test_the_rules_of_each_hop_count(fetcher: Fetcher, site: Site, other_site: Site) -> None:
    site.redirect("/", other_site.url("/closed"))
    other_site.page("/robots.txt", "User-agent: *\nDisallow: /closed", "text/plain")
    with pytest.raises(RobotsDenied):
        await fetcher.fetch(Request(site.url()), allowing(site, other_site))
    assert other_site.paths() == []


@pytest.mark.asyncio
async def test_its_delay_is_kept(fetcher: Fetcher, site: Site) -> None:
    site.page("/robots.txt", "User-agent: *\nCrawl-delay: 30", "text/plain")
    site.page("/", "x")
    session = fetcher.session(allowing(site))
    await fetcher.fetch(Request(site.url()), session)
    with pytest.raises(MustWait) as caught:
        await fetcher.fetch(Request(site.url()), session)
    assert 20 < caught.value.seconds <= 30
    assert site.paths() == ["/"]


@pytest.mark.asyncio
async def test_an_operator_may_set_another_delay(site: Site, tmp_path: Path) -> None:
    site.page("/robots.txt", "User-agent: *\nCrawl-delay: 30", "text/plain")
    site.page("/", "x")
    politeness = Politeness(tmp_path / "other", {"127.0.0.1": HostRule(delay=0.0)})
    async with Fetcher(politeness) as fetcher:
        for _ in range(3):
            await fetcher.fetch(Request(site.url()), allowing(site))
    await politeness.close()
    assert site.paths() == ["/"] * 3


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("LobstrOpen/0.1 (+https://a.test)", "LobstrOpen"),
        ("Bot", "Bot"),
        ("A b/1", "A"),
        (" ", "*"),
    ],
)
def test_the_token_of_an_agent(agent: str, token: str) -> None:
    assert robots.token(agent) == token
