"""Proxies get checked addresses and are checked themselves."""

from __future__ import annotations

import pytest

from runs.engine.errors import BadUrl, ProxyFailed, Refused, TlsFailed
from runs.engine.fetch import Fetcher
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import (
    Site,
    read_head,
    running_http_proxy,
    running_socket,
    running_socks_proxy,
)

pytestmark = pytest.mark.asyncio
NAMES = {"shop.test": "127.0.0.1"}


async def test_http_goes_by_name(fetcher: Fetcher, site: Site) -> None:
    site.page("/", "by proxy")
    with running_http_proxy(NAMES) as proxy:
        settings = allowing(site, proxy, f"shop.test:{site.port}", proxy=f"http://{proxy.place}")
        response = await fetcher.fetch(Request(site.url(host="shop.test")), settings)
    assert response.text == "by proxy"
    assert proxy.asked[-1] == f"GET {site.url(host='shop.test')}"


async def test_the_password_reaches_the_proxy_alone(fetcher: Fetcher, site: Site) -> None:
    site.page("/", "x")
    with running_http_proxy(NAMES) as proxy:
        address = f"http://ann:secret@{proxy.place}"
        await fetcher.fetch(Request(site.url()), allowing(site, proxy, proxy=address))
    assert b"Proxy-Authorization: Basic YW5uOnNlY3JldA==" in proxy.heads[-1]
    with pytest.raises(ProxyFailed) as caught:
        await fetcher.fetch(Request(site.url()), allowing(site, proxy, proxy=address))
    assert "secret" not in str(caught.value)


async def test_https_is_tunnelled_to_the_checked_address(fetcher: Fetcher, site: Site) -> None:
    with running_http_proxy({}) as proxy:
        settings = allowing(site, proxy, proxy=f"http://{proxy.place}", obey_robots=False)
        with pytest.raises(TlsFailed):  # the site speaks no TLS; how it was asked for is the point
            await fetcher.fetch(Request(f"https://shop.test:{site.port}/"), settings)
    assert proxy.asked == [f"CONNECT 127.0.0.1:{site.port}"]


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_socks_gets_the_checked_address(fetcher: Fetcher, site: Site, scheme: str) -> None:
    site.page("/", "by socks")
    with running_socks_proxy() as proxy:
        settings = allowing(site, proxy, proxy=f"{scheme}://{proxy.place}")
        response = await fetcher.fetch(Request(site.url(host="shop.test")), settings)
    assert response.text == "by socks"
    assert set(proxy.asked) == {f"socks:127.0.0.1:{site.port}"}


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
async def test_a_private_target_is_refused_before_the_proxy_is_asked(
    fetcher: Fetcher, site: Site, scheme: str
) -> None:
    with running_http_proxy(NAMES) as proxy:
        settings = allowing(proxy, proxy=f"{scheme}://{proxy.place}")
        for host in ("127.0.0.1", "shop.test"):
            with pytest.raises(Refused):
                await fetcher.fetch(Request(site.url(host=host)), settings)
    assert proxy.asked == []


async def test_a_private_proxy_is_refused(fetcher: Fetcher, site: Site) -> None:
    with running_http_proxy(NAMES) as proxy:
        for address in (proxy.place, f"proxy.test:{proxy.port}"):
            settings = allowing(site, proxy=f"http://{address}")
            with pytest.raises(Refused, match=str(proxy.port)):
                await fetcher.fetch(Request(site.url()), settings)
    assert proxy.asked == []


async def test_the_environment_sets_no_proxy(
    fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.page("/", "straight")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await fetcher.fetch(Request(site.url()), allowing(site))).text == "straight"


async def test_a_proxy_that_refuses(fetcher: Fetcher, site: Site) -> None:
    with running_socket(
        lambda client: client.sendall(
            b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" if read_head(client) else b""
        )
    ) as proxy:
        settings = allowing(site, proxy, proxy=f"http://{proxy.place}", obey_robots=False)
        with pytest.raises(ProxyFailed) as caught:
            await fetcher.fetch(Request(f"https://{site.place}/"), settings)
    assert caught.value.retry


@pytest.mark.parametrize(
    "address", ["ftp://a.test", "a.test:80", "http://", "http://ann:secret@:80", "http://a:b:c"]
)
async def test_what_is_no_proxy(fetcher: Fetcher, address: str) -> None:
    with pytest.raises(BadUrl, match="the proxy is not an http") as caught:
        fetcher.session(allowing(proxy=address))
    assert "secret" not in str(caught.value)
