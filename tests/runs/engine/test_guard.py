"""Private places are refused, however they are spelled and whenever they turn up."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from runs.engine import guard
from runs.engine.errors import BadUrl, DnsFailed, NoSuchHost, Refused
from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.politeness import Politeness
from runs.engine.urls import target
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import AGENT, allowing
from tests.runs.engine.servers import Site

PUBLIC, OTHER_PUBLIC = "93.184.216.34", "2606:2800:220:1::1"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "fe80::1", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1",
        "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::a00:1", "2001:0:0a00:1::", "fe80::1%eth0", "nonsense", "",
    ],
)  # fmt: skip
def test_private(address: str) -> None:
    assert not guard.is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", PUBLIC, OTHER_PUBLIC, "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public(address: str) -> None:
    assert guard.is_public(address)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "0",
     "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "LOCALHOST", "localhost.",
     "a.localhost", "ann@127.0.0.1", "1.1.1.1@127.0.0.1", "%31%32%37.0.0.1", "①②⑦.0.0.1"],
)  # fmt: skip
async def test_every_spelling_is_refused(fetcher: Fetcher, site: Site, host: str) -> None:
    with pytest.raises(Refused) as caught:
        await fetcher.fetch(Request(f"http://{host}:{site.port}/"), FetchSettings(AGENT))
    assert "is a private address; set LOBSTR_ALLOW_PRIVATE to allow it" in caught.value.message
    assert not caught.value.retry
    assert site.hits == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.test/", "gopher://a.test", "//a.test", "a.test", "",
     "http://", "http://:80/", "http://a.test:0/", "http://a.test:99999/", "http://a.test:x/",
     "http://a b.test/", "http://[::1/", "http://1.2.3.4.5/", "http://a..test/",
     "http://a\r\nb.test/", "javascript:alert(1)"],
)  # fmt: skip
async def test_what_is_no_web_address_is_refused(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        await fetcher.fetch(Request(url), FetchSettings(AGENT))
    assert not caught.value.retry


@pytest.mark.asyncio
async def test_only_the_named_place_is_allowed(
    fetcher: Fetcher, site: Site, other_site: Site
) -> None:
    site.page("/", "x")
    other_site.page("/", "x")
    await fetcher.fetch(Request(site.url()), allowing(site))
    with pytest.raises(Refused, match=f"127.0.0.1:{other_site.port} is a private address"):
        await fetcher.fetch(Request(other_site.url()), allowing(site))
    assert other_site.hits == []


@pytest.mark.asyncio
async def test_a_name_is_allowed_by_itself_or_by_its_address(fetcher: Fetcher, site: Site) -> None:
    site.page("/", "x")
    for place in (f"shop.test:{site.port}", site.place):
        settings = allowing(place)
        assert (await fetcher.fetch(Request(site.url(host="shop.test")), settings)).status == 200
    with pytest.raises(Refused, match=rf"127.0.0.1:{site.port} \(shop.test:{site.port}\)"):
        await fetcher.fetch(Request(site.url(host="shop.test")), FetchSettings(AGENT))


@pytest.mark.asyncio
async def test_a_backslash_does_not_lead_elsewhere(fetcher: Fetcher, site: Site) -> None:
    url = f"http://shop.test:{site.port}\\@127.0.0.1:1/"
    site.pages["/%5C@127.0.0.1:1/"] = site.pages["/"] = lambda hit: pytest.fail(str(hit))
    with pytest.raises(Refused, match=r"shop\.test"):
        await fetcher.fetch(Request(url), FetchSettings(AGENT))


class Rebinding:
    """A name server that answers something else every time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.asyncio
async def test_a_name_that_moves_into_the_network_is_refused_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Rebinding([PUBLIC], ["127.0.0.1"])
    watch = guard.Guard(names)
    origin = target("http://rebind.test/").origin
    assert await watch.addresses(origin, frozenset()) == [PUBLIC]
    assert await watch.addresses(origin, frozenset()) == [PUBLIC]
    assert names.asked == 1
    monkeypatch.setattr(guard, "CACHE_SECONDS", -1.0)
    fresh = guard.Guard(Rebinding([PUBLIC], ["127.0.0.1"]))
    await fresh.addresses(origin, frozenset())
    with pytest.raises(Refused):
        await fresh.addresses(origin, frozenset())


@pytest.mark.asyncio
async def test_the_checked_address_is_the_one_connected_to(
    politeness: Politeness, site: Site
) -> None:
    """The second answer of the name server would fail; nobody asks for it between the pages."""
    names = Rebinding(["127.0.0.1"], ["127.0.0.9"])
    site.page("/", "x")
    async with Fetcher(politeness, resolve=names) as fetcher:
        settings = allowing(f"pinned.test:{site.port}")
        for _ in range(3):
            await fetcher.fetch(Request(site.url(host="pinned.test")), settings)
    assert names.asked == 1
    assert {hit.headers["host"] for hit in site.hits} == {f"pinned.test:{site.port}"}


@pytest.mark.asyncio
async def test_an_open_connection_is_no_way_around_the_check(fetcher: Fetcher, site: Site) -> None:
    """Another run's connection to the same name must not be used where it is not allowed."""
    site.page("/", "x")
    url = site.url(host="shop.test")
    await fetcher.fetch(Request(url), allowing(f"shop.test:{site.port}"))
    seen = len(site.hits)
    with pytest.raises(Refused):
        await fetcher.fetch(Request(url), FetchSettings(AGENT))
    assert len(site.hits) == seen


@pytest.mark.asyncio
async def test_private_addresses_beside_public_ones_are_left_out() -> None:
    watch = guard.Guard(Rebinding(["10.0.0.1", PUBLIC, "::1", OTHER_PUBLIC]))
    found = await watch.addresses(target("https://mixed.test").origin, frozenset())
    assert found == [PUBLIC, OTHER_PUBLIC]


@pytest.mark.asyncio
async def test_the_next_address_is_tried_when_one_is_dead(
    politeness: Politeness, site: Site
) -> None:
    site.page("/", "alive")
    names = Rebinding(["127.0.0.2", "127.0.0.1"])
    async with Fetcher(politeness, resolve=names) as fetcher:
        settings = allowing(f"twofold.test:{site.port}")
        response = await fetcher.fetch(Request(site.url(host="twofold.test")), settings)
    assert response.text == "alive"


@pytest.mark.asyncio
async def test_a_name_without_address(fetcher: Fetcher) -> None:
    with pytest.raises(DnsFailed, match=r"shop\.nowhere has no address") as caught:
        await fetcher.fetch(Request("http://shop.nowhere/"), FetchSettings(AGENT))
    assert caught.value.retry


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "kind", "trouble"),
    [
        (socket.EAI_NONAME, NoSuchHost, ""),
        (socket.EAI_AGAIN, DnsFailed, "website_inaccessible"),
        (socket.EAI_FAIL, DnsFailed, "website_inaccessible"),
    ],
)
async def test_a_wrong_name_is_not_taken_for_a_trouble_that_passes(
    code: int, kind: type[DnsFailed], trouble: str
) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(code, "as the system says it")

    with pytest.raises(DnsFailed) as caught:
        await guard.Guard(resolve).addresses(target("http://shop.nowhere/").origin, frozenset())
    assert (type(caught.value), caught.value.trouble) == (kind, trouble)
