from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest
from curl_cffi import requests
from curl_cffi.requests.exceptions import RequestException

from lobstr_site.demo.pages import page
from lobstr_site.demo.switches import SWITCHES
from tests.demo_server import DemoSite, demo_server

SHOP = page("/shop/") or ""


@pytest.fixture
def fresh_site() -> Iterator[DemoSite]:
    """A shop nobody has visited, for switches that count visits."""
    with demo_server() as site:
        yield site


def talk(site: DemoSite, path: str) -> bytes:
    """What the server sends until it closes, read from the socket itself."""
    with socket.create_connection((site.host, site.port), timeout=20) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: wire.recv(1 << 16), b""))


@pytest.mark.parametrize("prefix", ["gzip", "deflate", "br", "zstd", "chunked", "slow/1", "drip/1"])
def test_the_page_is_the_same_however_it_is_sent(demo_site: DemoSite, prefix: str) -> None:
    answer = requests.get(f"{demo_site.url}/{prefix}/shop/")
    assert answer.text == SHOP
    sent = answer.headers.get("content-encoding")
    assert sent == (prefix if prefix in ("gzip", "deflate", "br", "zstd") else None)


@pytest.mark.parametrize("name", ["latin-1", "utf-16", "windows-1251", "shift_jis"])
def test_encodings_by_header_by_meta_and_by_lie(demo_site: DemoSite, name: str) -> None:
    expected = re.sub('charset="utf-8"', f'charset="{name}"', SHOP).encode(
        name, "xmlcharrefreplace"
    )
    headers = {}
    for kind in ("encoding", "meta-encoding", "lying-encoding"):
        answer = requests.get(f"{demo_site.url}/{kind}/{name}/shop/")
        assert answer.content == expected
        headers[kind] = answer.headers["content-type"]
    assert headers == {
        "encoding": f"text/html; charset={name}",
        "meta-encoding": "text/html",
        "lying-encoding": "text/html; charset=utf-8",
    }


def test_switches_stack_and_links_stay_inside(demo_site: DemoSite) -> None:
    stacked = f"{demo_site.url}/slow/1/gzip/branch/7/category/toys/"
    assert 'data-sku="B7-' in requests.get(stacked).text
    assert "LB-" not in requests.get(f"{stacked}page-2.html").text


@pytest.mark.parametrize("code", [404, 429, 500, 503])
def test_a_status_on_demand(demo_site: DemoSite, code: int) -> None:
    assert requests.get(f"{demo_site.url}/status/{code}/shop/").status_code == code


def test_flaky_fails_as_often_as_asked_for_each_url(fresh_site: DemoSite) -> None:
    for path in ("/flaky/2/shop/", "/flaky/2/shop/page-2.html"):
        codes = [requests.get(fresh_site.url + path).status_code for _ in range(4)]
        assert codes == [503, 503, 200, 200]
    requests.get(f"{fresh_site.url}/reset")
    assert requests.get(f"{fresh_site.url}/flaky/2/shop/").status_code == 503


def test_retry_after_says_how_long(fresh_site: DemoSite) -> None:
    first = requests.get(f"{fresh_site.url}/retry-after/2/shop/")
    assert (first.status_code, first.headers["retry-after"]) == (429, "2")
    assert requests.get(f"{fresh_site.url}/retry-after/2/shop/").text == SHOP


def test_redirects_end_where_they_should(demo_site: DemoSite) -> None:
    answer = requests.get(f"{demo_site.url}/slow/1/redirect/3/shop/page-2.html?code=307")
    assert answer.url == f"{demo_site.url}/slow/1/shop/page-2.html?code=307"
    assert (answer.status_code, answer.redirect_count) == (200, 3)
    assert requests.get(f"{demo_site.url}/redirect/1").url == f"{demo_site.url}/"


def test_a_redirect_to_anywhere_and_one_without_end(demo_site: DemoSite) -> None:
    away = requests.get(f"{demo_site.url}/redirect-to?url=http://10.0.0.1/", allow_redirects=False)
    assert away.headers["location"] == "http://10.0.0.1/"
    with pytest.raises(RequestException, match="redirects"):
        requests.get(f"{demo_site.url}/redirect-loop", max_redirects=5)


def test_cookies_are_set_and_needed(demo_site: DemoSite) -> None:
    with requests.Session() as visitor:
        assert visitor.get(f"{demo_site.url}/cookie/need/shop/").status_code == 403
        assert visitor.get(f"{demo_site.url}/cookie/gate/shop/").text == SHOP
        assert visitor.get(f"{demo_site.url}/cookie/need/shop/").text == SHOP


def test_a_chain_ends_and_an_endless_one_does_not(demo_site: DemoSite) -> None:
    last = requests.get(f"{demo_site.url}/chain/3/3")
    assert "CH-000003" in last.text and "next" not in last.text
    assert 'href="3"' in requests.get(f"{demo_site.url}/chain/3/2").text
    assert requests.get(f"{demo_site.url}/chain/3/4").status_code == 404
    assert 'href="90001"' in requests.get(f"{demo_site.url}/endless/90000").text


def test_a_bomb_is_small_on_the_wire_and_large_when_opened(demo_site: DemoSite) -> None:
    assert len(talk(demo_site, "/bomb/20")) < 40_000
    assert len(requests.get(f"{demo_site.url}/bomb/20").content) == 20 << 20


def test_a_huge_body_is_announced_and_streamed(demo_site: DemoSite) -> None:
    with socket.create_connection((demo_site.host, demo_site.port), timeout=20) as wire:
        wire.sendall(b"GET /huge HTTP/1.1\r\nHost: demo\r\n\r\n")
        assert b"Content-Length: 2147483648" in wire.recv(1 << 16)


def test_answers_that_are_no_answers(demo_site: DemoSite) -> None:
    assert not talk(demo_site, "/garbage").startswith(b"HTTP")
    assert talk(demo_site, "/nothing") == b""
    half = talk(demo_site, "/truncated/shop/")
    length = re.search(rb"Content-Length: (\d+)", half)
    assert length and len(half.partition(b"\r\n\r\n")[2]) == int(length[1]) // 2


def test_a_hanging_request_ends_with_its_connection(fresh_site: DemoSite) -> None:
    with pytest.raises(RequestException, match=r"[Tt]imed out"):
        requests.get(f"{fresh_site.url}/hang", timeout=0.3)
    assert requests.get(f"{fresh_site.url}/shop/").status_code == 200


def test_echo_tells_what_was_sent(demo_site: DemoSite) -> None:
    answer = requests.post(f"{demo_site.url}/echo?a=1", data=b"some body", headers={"X-One": "1"})
    seen = json.loads(answer.content)
    assert (seen["method"], seen["target"], seen["body"]) == ("POST", "/echo?a=1", "some body")
    assert seen["headers"]["x-one"] == "1"


def test_a_bad_switch_says_so(demo_site: DemoSite) -> None:
    for path in ("/slow/fast/shop/", "/encoding/klingon/shop/"):
        assert requests.get(demo_site.url + path).status_code == 400


def test_every_switch_is_documented_and_works_as_written(demo_site: DemoSite) -> None:
    written = requests.get(f"{demo_site.url}/switches").text
    for name in SWITCHES:
        assert f'<a href="./{name}' in written
    unanswered = {"garbage", "nothing", "hang", "huge", "redirect-loop", "truncated", "bomb"}
    for address in re.findall(r'<a href="\./([^"]+)"><code>', written):
        if address.split("/")[0] not in unanswered:
            assert requests.get(f"{demo_site.url}/{address}").status_code != 400, address


def test_pipelined_requests_are_answered_in_order(demo_site: DemoSite) -> None:
    with socket.create_connection((demo_site.host, demo_site.port), timeout=20) as wire:
        asked = (
            b"GET /%b HTTP/1.1\r\nHost: d\r\n\r\n" % path for path in (b"slow/30/", b"robots.txt")
        )
        wire.sendall(b"".join(asked) + b"GET /nothing HTTP/1.1\r\n\r\n")
        answer = b"".join(iter(lambda: wire.recv(1 << 16), b""))
    assert 0 < answer.index(b"Front page") < answer.index(b"Disallow")
