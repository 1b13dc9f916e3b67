"""A page that needs JavaScript comes as a browser draws it, by our own door only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import psutil
import pytest

from runs.engine import errors
from runs.engine.browser.visits import Visits
from runs.engine.cookies import Cookie
from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.guard import Guard
from squids.crawlers.interface import Request, Response
from tests.runs.engine.conftest import AGENT, allowing
from tests.runs.engine.servers import Answer, Hit, Site

pytestmark = [pytest.mark.rendering, pytest.mark.asyncio]


async def draw(
    fetcher: Fetcher, url: str, settings: FetchSettings, wait_for: str = "", **more: Any
) -> Response:
    return await fetcher.fetch(Request(url, kind="browser", wait_for=wait_for, **more), settings)


async def refused(kind: type[errors.FetchError], *args: Any, **more: Any) -> str:
    with pytest.raises(kind) as told:
        await draw(*args, **more)
    assert told.value.url
    return told.value.message


def seen(site: Site) -> list[str]:
    return [path for path in site.paths() if path != "/favicon.ico"]


async def test_the_page_as_it_is_once_something_is_on_it(fetcher: Fetcher, site: Site) -> None:
    response = await draw(fetcher, site.url("/late"), allowing(site), ".late")
    assert '<p id="it">drawn</p>' in response.text
    assert (response.status, response.url) == (200, site.url("/late"))
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.elapsed > 0.4


async def test_what_the_page_asks_for_itself(fetcher: Fetcher, site: Site) -> None:
    response = await draw(fetcher, site.url("/asks"), allowing(site))
    assert '<p id="it">answered</p>' in response.text
    assert seen(site) == ["/asks", "/api"], "pictures are left out"
    assert {hit.headers["user-agent"] for hit in site.hits[1:]} == {AGENT}


async def test_redirects_are_told(fetcher: Fetcher, site: Site) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/asks", 301)
    response = await draw(fetcher, site.url("/a"), allowing(site))
    assert response.url == site.url("/asks")
    assert response.history == ((302, site.url("/a")), (301, site.url("/b")))


async def test_a_status_is_an_error_unless_it_is_wanted(fetcher: Fetcher, site: Site) -> None:
    site.pages["/gone"] = Answer(b"<p>gone</p>", 410)
    with pytest.raises(errors.HttpStatus) as told:
        await draw(fetcher, site.url("/gone"), allowing(site))
    assert (told.value.status, told.value.retry) == (410, False)
    response = await draw(fetcher, site.url("/gone"), allowing(site), accept=(410,))
    assert (response.status, "gone" in response.text) == (410, True)


async def test_a_host_that_asks_for_quiet_gets_it(fetcher: Fetcher, site: Site) -> None:
    site.pages["/busy"] = Answer(b"<p>later</p>", 429, (("Retry-After", "60"),))
    with pytest.raises(errors.HttpStatus) as told:
        await draw(fetcher, site.url("/busy"), allowing(site))
    assert told.value.retry_after == 60
    with pytest.raises(errors.MustWait):
        await draw(fetcher, site.url("/asks"), allowing(site))


async def test_robots_txt_holds(fetcher: Fetcher, site: Site) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /staff", "text/plain")
    site.page("/staff", "<p>secret</p>")
    site.redirect("/way", "/staff")
    for path in ("/staff", "/way"):
        await refused(errors.RobotsDenied, fetcher, site.url(path), allowing(site))
    free = allowing(site, obey_robots=False)
    assert "secret" in (await draw(fetcher, site.url("/staff"), free)).text


# --- the door -------------------------------------------------------------------------------------


async def test_private_addresses_are_closed_to_the_page_and_to_what_it_loads(
    fetcher: Fetcher, site: Site, other_site: Site
) -> None:
    other_site.page("/secret", "inner", "text/plain")
    inner = other_site.url("/secret")
    tries = f"""<script src="{inner}"></script><iframe src="{inner}"></iframe>
<script>it = []; for (const url of ["{inner}", "http://localhost:{other_site.port}/secret",
"http://0x7f000001:{other_site.port}/", "http://[::ffff:127.0.0.1]:{other_site.port}/"])
fetch(url, {{mode: "no-cors"}}).catch(() => document.body.append("closed "));
new WebSocket("ws://127.0.0.1:{other_site.port}/").onerror = () => document.body.append("shut");
</script>"""
    site.page("/tries", f"<p>page</p>{tries}")
    response = await draw(fetcher, site.url("/tries"), allowing(site))
    assert response.text.count("closed ") >= 4 and "shut" in response.text
    assert other_site.hits == []
    await refused(errors.Refused, fetcher, inner, allowing(site))
    site.redirect("/inside", inner)
    await refused(errors.Refused, fetcher, site.url("/inside"), allowing(site))
    assert other_site.hits == []


async def test_files_of_the_machine_are_no_pages(fetcher: Fetcher, site: Site) -> None:
    site.page("/file", "<p>page</p><iframe src='file:///etc/passwd'></iframe>")
    response = await draw(fetcher, site.url("/file"), allowing(site))
    assert "root:" not in response.text
    await refused(errors.BadUrl, fetcher, "file:///etc/passwd", allowing(site))


async def test_nobody_else_goes_out_by_the_door(fetcher: Fetcher, site: Site) -> None:
    await draw(fetcher, site.url("/asks"), allowing(site))
    gate = fetcher._visits._gate.address.removeprefix("http://").split(":")
    for head in (b"GET %s HTTP/1.1\r\n\r\n", b"CONNECT %s HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n"):
        before = len(site.hits)
        reader, writer = await asyncio.open_connection(gate[0], int(gate[1]))
        writer.write(head.replace(b"%s", site.url("/api").encode()))
        answer = await reader.read()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 407")
        writer.close()
        assert len(site.hits) == before


async def test_no_packets_go_round_the_door(fetcher: Fetcher, site: Site) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        site.page(
            "/calls",
            f"""<p id=it>page</p><script>try {{
const call = new RTCPeerConnection({{iceServers: [{{urls: "stun:{place}"}}]}});
call.createDataChannel("x"); call.createOffer().then((offer) => call.setLocalDescription(offer));
}} catch {{ it.textContent = "closed"; }}</script>""",
        )
        response = await draw(fetcher, site.url("/calls"), allowing(site, place))
        assert ">closed</p>" in response.text
        with pytest.raises(BlockingIOError):
            listener.recv(2000)


async def test_a_page_of_the_open_net_does_not_ask_private_places(site: Site) -> None:
    visits = Visits(Guard(resolve_open))
    private = frozenset({site.place})
    assert await visits._allowed(Request("http://open.example/"), private) == frozenset()
    assert await visits._allowed(Request(site.url("/")), private) == private


async def resolve_open(host: str, port: int) -> list[str]:
    return ["93.184.216.34"]


# --- too much, too late, not there ----------------------------------------------------------------


async def test_a_page_that_loads_too_much(fetcher: Fetcher, site: Site) -> None:
    site.page("/big", b"<p>" + b"x" * 900_000)
    site.page("/loads", "<script src='/big'></script>" * 9)
    small = allowing(site, max_body=100_000)
    for path in ("/big", "/loads"):
        assert "larger than" in await refused(errors.TooLarge, fetcher, site.url(path), small)


async def test_a_page_that_grows_too_large(fetcher: Fetcher, site: Site) -> None:
    site.page("/grows", "<p>page</p><script>document.body.append('x'.repeat(300000))</script>")
    await refused(errors.TooLarge, fetcher, site.url("/grows"), allowing(site, max_body=100_000))


async def test_what_never_comes(fetcher: Fetcher, site: Site) -> None:
    quick = allowing(site, timeout=1.5)
    assert "“.never” was not on it" in await refused(
        errors.Timeout, fetcher, site.url("/late"), quick, wait_for=".never"
    )
    site.page("/hangs", "<p>page</p><script>for (;;) {}</script>")
    assert "it was not there" in await refused(errors.Timeout, fetcher, site.url("/hangs"), quick)
    assert "answered" in (await draw(fetcher, site.url("/asks"), allowing(site))).text


async def test_what_is_no_page(fetcher: Fetcher, site: Site) -> None:
    site.page("/file.bin", b"\x00\x01", "application/octet-stream")
    await refused(errors.BadContent, fetcher, site.url("/file.bin"), allowing(site))
    await refused(errors.ConnectFailed, fetcher, "http://127.0.0.1:9/", allowing("127.0.0.1:9"))
    await refused(errors.NoSuchHost, fetcher, "http://nothing.invalid/", allowing(site))
    site.page("/part", "<script src='http://nothing.invalid/x.js'></script><p>page</p>")
    assert "page" in (await draw(fetcher, site.url("/part"), allowing(site))).text
    site.redirect("/round", "/round")
    await refused(errors.RedirectLoop, fetcher, site.url("/round"), allowing(site))


async def test_a_page_that_will_not_let_go(fetcher: Fetcher, site: Site) -> None:
    """Dialogs, windows and moves elsewhere hold nobody up."""
    site.page("/clings", "<p>page</p><script>alert(1); open('/late'); print()</script>")
    assert "page" in (await draw(fetcher, site.url("/clings"), allowing(site))).text


# --- cookies, headers, others ---------------------------------------------------------------------


async def test_cookies_go_in_and_come_back(fetcher: Fetcher, site: Site) -> None:
    answer = Answer(b"<script>document.cookie = 'b=2'</script>", headers=(("Set-Cookie", "a=1"),))
    site.pages["/sets"] = Answer(answer.body, 200, (*answer.headers, ("Content-Type", "text/html")))
    own = Cookie("sid", "x", "127.0.0.1", "/", False, True, None)
    session = fetcher.session(allowing(site), [own])
    await fetcher.fetch(Request(site.url("/sets"), kind="browser"), session)
    assert site.hits[-1].headers["cookie"] == "sid=x"
    await fetcher.fetch(Request(site.url("/api")), session)
    assert set(site.hits[-1].headers["cookie"].split("; ")) == {"sid=x", "a=1", "b=2"}
    gone = ("Set-Cookie", "sid=; Max-Age=0; Path=/")
    site.pages["/ends"] = Answer(b"<p>bye</p>", 200, (gone, ("Content-Type", "text/html")))
    response = await fetcher.fetch(Request(site.url("/ends"), kind="browser"), session)
    assert "set-cookie" not in response.headers
    await fetcher.fetch(Request(site.url("/api")), session)
    assert set(site.hits[-1].headers["cookie"].split("; ")) == {"a=1", "b=2"}


async def test_headers_are_for_the_pages_own_host(
    fetcher: Fetcher, site: Site, other_site: Site
) -> None:
    other_site.page("/api", "other", "text/plain")
    script = (
        f"<script>fetch('/api'); fetch('{other_site.url('/api')}', {{mode: 'no-cors'}})</script>"
    )
    site.page("/asks", script)
    await draw(fetcher, site.url("/asks"), allowing(site, other_site), headers={"X-Key": "k"})
    assert [hit.headers.get("x-key") for hit in site.hits if hit.path == "/api"] == ["k"]
    assert [hit.headers.get("x-key") for hit in other_site.hits] == [None]


async def test_a_password_in_the_address(fetcher: Fetcher, site: Site) -> None:
    site.page("/asks", "<p>in</p>")
    url = site.url("/asks").replace("://", "://ada:secret@")
    await draw(fetcher, url, allowing(site))
    assert site.hits[-1].headers["authorization"] == "Basic YWRhOnNlY3JldA=="


async def test_visits_know_nothing_of_each_other(fetcher: Fetcher, site: Site) -> None:
    site.page("/marks", "<p id=it></p><script>it.textContent = localStorage.k || 'new';"
                        "localStorage.k = 'old'; document.cookie = 'k=1'</script>")  # fmt: skip
    for _ in range(2):
        response = await draw(fetcher, site.url("/marks"), allowing(site))
        assert '<p id="it">new</p>' in response.text
    assert all("cookie" not in hit.headers for hit in site.hits)


async def test_pages_drawn_side_by_side_are_not_mixed_up(fetcher: Fetcher, site: Site) -> None:
    def echo(hit: Hit) -> Answer:
        body = f"<p>{hit.path}</p><script>document.write(location.search)</script>".encode()
        return Answer(body, headers=(("Content-Type", "text/html"),))

    site.pages["/n"] = echo
    urls = [site.url(f"/n?{number}") for number in range(8)]
    pages = await asyncio.gather(*(draw(fetcher, url, allowing(site)) for url in urls))
    for number, page in enumerate(pages):
        assert f"<p>/n?{number}</p>" in page.text and page.text.count(f"?{number}") >= 2


# --- the browser itself ---------------------------------------------------------------------------


def browsers() -> list[psutil.Process]:
    """Of this process: the driver's children that live."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "--headless" in " ".join(child.cmdline()):
                found.append(child)
    return found


async def test_a_browser_that_dies_is_started_anew(fetcher: Fetcher, site: Site) -> None:
    await draw(fetcher, site.url("/asks"), allowing(site))
    for process in browsers():
        with contextlib.suppress(psutil.NoSuchProcess):  # it went with the one before
            process.kill()
    response = None
    while response is None:  # it may take a moment to be noticed; a run tries again too
        with contextlib.suppress(errors.BrowserFailed):
            response = await draw(fetcher, site.url("/asks"), allowing(site))
    assert "answered" in response.text


async def test_nothing_is_left_of_it(fetcher: Fetcher, site: Site) -> None:
    await draw(fetcher, site.url("/asks"), allowing(site))
    assert browsers()
    await fetcher.close()
    assert not browsers()


async def test_without_a_browser_it_says_what_to_do(
    fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOBSTR_CHROMIUM", "/nowhere/chromium")
    said = await refused(errors.BrowserMissing, fetcher, site.url("/asks"), allowing(site))
    assert "LOBSTR_CHROMIUM" in said


async def test_not_by_way_of_a_proxy(fetcher: Fetcher, site: Site) -> None:
    settings = allowing(site, proxy="http://127.0.0.1:9", obey_robots=False)
    assert "LOBSTR_PROXY" in await refused(errors.FetchError, fetcher, site.url("/asks"), settings)
