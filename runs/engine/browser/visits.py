"""A page drawn by Chromium: asked for through the gate, read once it is there.

Playwright drives it; both are optional, and loaded when the first page is to be drawn.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runs.engine import errors
from runs.engine.browser.gate import Gate, Pass, too_much
from runs.engine.cookies import Cookie, matches
from runs.engine.guard import Guard
from runs.engine.urls import target
from squids.crawlers import chromium
from squids.crawlers.interface import Request, Response

if TYPE_CHECKING:
    from playwright import async_api as playwright

    from runs.engine.fetch import Session

AT_ONCE = 4
"""Pages that are drawn side by side in a slice."""
TIMES_LARGER = 4
"""What a page loads may be so many times larger than a page fetched without a browser."""
CALM = 3.0
"""Seconds that a page has to become calm where nothing is waited for."""
CLOSING = 5.0
_LEFT_OUT = frozenset({"image", "media", "font"})
_FLAGS = (
    "--disable-quic",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
# Its packets pass no gate. Flags close it too, by names that change from time to time.
_NO_WEBRTC = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;"
_LENGTH = "document.documentElement ? document.documentElement.outerHTML.length : 0"
# What Chromium says, and what it is here. The gate's own word comes first.
_SAID: tuple[tuple[str, type[errors.FetchError]], ...] = (
    ("ERR_CERT", errors.TlsFailed),
    ("ERR_SSL", errors.TlsFailed),
    ("ERR_TOO_MANY_REDIRECTS", errors.RedirectLoop),
    ("ERR_TIMED_OUT", errors.Timeout),
    ("ERR_EMPTY_RESPONSE", errors.ConnectionLost),
    ("ERR_CONNECTION", errors.ConnectionLost),
    ("ERR_TUNNEL", errors.ConnectFailed),
    ("ERR_INVALID", errors.BadContent),
    ("ERR_HTTP", errors.BadContent),
    ("ERR_ABORTED", errors.BadContent),
    ("Download is starting", errors.BadContent),
    ("not a valid selector", errors.BadContent),
    ("Unexpected token", errors.BadContent),
)


class Visits:
    """One per `Fetcher`. The browser is started for the first visit and closed with the last."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._gate = Gate(guard)
        self._seats = asyncio.Semaphore(AT_ONCE)
        self._door = asyncio.Lock()
        self._driver: playwright.Playwright | None = None
        self._browser: playwright.Browser | None = None

    async def close(self) -> None:
        browser, driver = self._browser, self._driver
        self._browser = self._driver = None
        if browser:
            await _within(browser.close())
        if driver:
            await _within(driver.stop())
        await self._gate.close()

    @asynccontextmanager
    async def seat(self, request: Request, session: Session) -> AsyncIterator[playwright.Browser]:
        """A turn, with a browser that works. Raises FetchError."""
        if session.proxy:
            text = "A page cannot be drawn by way of LOBSTR_PROXY; take one of the two away"
            raise errors.BrowserMissing(text, request.url)
        async with self._seats:
            yield await self._open(request.url)

    async def draw(
        self, browser: playwright.Browser, request: Request, session: Session
    ) -> Response:
        """The page as it stands in the browser. Raises FetchError; any status is an answer."""
        settings = session.settings
        allowed = await self._allowed(request, settings.allow_private)
        admitted = self._gate.admit(allowed, settings.max_body * TIMES_LARGER)
        try:
            async with asyncio.timeout(settings.timeout):
                visit = self._visit(browser, admitted, request, session)
                return await _unless_over(visit, admitted, request.url)
        except TimeoutError as error:
            raise _late(request, settings.timeout) from error
        except _driver_errors() as error:
            raise _told(str(error), admitted, request.url) from error
        finally:
            self._gate.dismiss(admitted)

    async def _allowed(self, request: Request, private: frozenset[str]) -> frozenset[str]:
        """Private places are for pages that are at one; pages of the open net must not ask them."""
        try:
            await self._guard.addresses(target(request.url).origin, frozenset())
        except errors.Refused:
            return private
        return frozenset()

    async def _open(self, url: str) -> playwright.Browser:
        async with self._door:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._launch(url)
            return self._browser

    async def _launch(self, url: str) -> playwright.Browser:
        if lack := chromium.lack():
            raise errors.BrowserMissing(lack, url)
        from playwright.async_api import async_playwright

        try:
            if self._driver is None:
                await self._gate.open()
                self._driver = await async_playwright().start()
            return await self._driver.chromium.launch(
                executable_path=chromium.find(),
                args=list(_FLAGS),
                chromium_sandbox=os.geteuid() != 0,
                proxy={"server": self._gate.address},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Exception as error:
            await self.close()  # the driver may be what has died
            raise errors.BrowserFailed(f"Chromium does not start: {_first(error)}", url) from error

    async def _visit(
        self, browser: playwright.Browser, admitted: Pass, request: Request, session: Session
    ) -> Response:
        context = await browser.new_context(
            user_agent=session.settings.user_agent,
            proxy={
                "server": self._gate.address,
                "username": admitted.user,
                "password": admitted.password,
            },
            service_workers="block",
            accept_downloads=False,
        )
        try:
            return await _draw(context, admitted, request, session)
        finally:
            await asyncio.shield(_within(context.close()))


async def _unless_over(visit: Coroutine[Any, Any, Response], admitted: Pass, url: str) -> Response:
    """The visit, unless too much comes in. Raises TooLarge."""
    work, alarm = asyncio.create_task(visit), asyncio.create_task(admitted.over.wait())
    try:
        await asyncio.wait({work, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if alarm.done():
            raise too_much(admitted, url)
        return work.result()
    finally:
        for task in (work, alarm):
            task.cancel()
        await asyncio.gather(work, alarm, return_exceptions=True)


async def _draw(
    context: playwright.BrowserContext, admitted: Pass, request: Request, session: Session
) -> Response:
    started = time.perf_counter()
    place = target(request.url)
    before = list(session.cookies)
    await context.add_cookies([_for_browser(cookie) for cookie in before])
    await context.add_init_script(_NO_WEBRTC)
    page = await context.new_page()
    page.on("request", lambda asked: _note(admitted, asked, page))
    own = _lower(request.headers)
    if place.origin.authorization:
        own.setdefault("authorization", place.origin.authorization)
    context.on("page", lambda other: asyncio.ensure_future(_within(other.close())))

    async def lighten(route: playwright.Route) -> None:
        asked = route.request
        if asked.resource_type in _LEFT_OUT:
            await route.abort()
        elif own and _key(asked.url) == place.origin.key:
            await route.continue_(headers={**asked.headers, **own})
        else:
            await route.continue_()

    await page.route("**/*", lighten)
    answer = await page.goto(place.url, wait_until="domcontentloaded", timeout=0)
    await _settle(page, request.wait_for)
    most = session.settings.max_body
    body = b"" if await page.evaluate(_LENGTH) > most else (await page.content()).encode()
    if not body or len(body) > most:
        raise errors.TooLarge("The drawn page is larger than the limit", request.url)
    after = [_from_browser(cookie) for cookie in await context.cookies()]
    session.cookies.put(_changed(before, after, target(page.url).origin.host))
    return await _response(page.url, answer, body, time.perf_counter() - started)


async def _settle(page: playwright.Page, wait_for: str) -> None:
    if wait_for:
        await page.wait_for_selector(wait_for, state="attached", timeout=0)
        return
    with contextlib.suppress(*_driver_errors()):  # a page that never rests is read as it is
        await page.wait_for_load_state("networkidle", timeout=CALM * 1000)


async def _response(
    url: str, answer: playwright.Response | None, body: bytes, elapsed: float
) -> Response:
    headers = await answer.all_headers() if answer else {}
    headers = {name: value for name, value in headers.items() if _is_kept(name)}
    return Response(
        url=url,
        status=answer.status if answer else 200,
        headers=headers | {"content-type": "text/html; charset=utf-8"},
        body=body,
        history=tuple(await _history(answer)),
        elapsed=elapsed,
    )


def _is_kept(name: str) -> bool:
    """Of the answer's headers: not what tells of bytes that are no longer these, nor a secret."""
    return not name.startswith("content-") and name != "set-cookie"


def _note(admitted: Pass, asked: playwright.Request, page: playwright.Page) -> None:
    """Which hosts the page itself came by: their errors are the page's."""
    if asked.is_navigation_request() and asked.frame == page.main_frame:
        admitted.hosts.add(_key(asked.url))


def _key(url: str) -> str:
    try:
        return target(url).origin.key
    except errors.BadUrl:
        return ""


async def _history(answer: playwright.Response | None) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    asked = answer.request.redirected_from if answer else None
    while asked is not None:
        before = await asked.response()
        found.insert(0, (before.status if before else 0, asked.url))
        asked = asked.redirected_from
    return found


# --- cookies, errors ------------------------------------------------------------------------------


def _for_browser(cookie: Cookie) -> Any:
    domain = cookie.domain if cookie.host_only else f".{cookie.domain}"
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": domain,
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
        "expires": -1 if cookie.expires is None else cookie.expires,
    }


def _from_browser(given: Any) -> Cookie:
    domain = str(given["domain"])
    expires = float(given.get("expires", -1))
    return Cookie(
        name=given["name"],
        value=given["value"],
        domain=domain.lstrip("."),
        path=given["path"],
        secure=bool(given["secure"]),
        host_only=not domain.startswith("."),
        expires=None if expires < 0 else expires,
        http_only=bool(given.get("httpOnly")),
    )


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _changed(before: list[Cookie], after: list[Cookie], host: str) -> list[Cookie]:
    """What the visit changed of its own site's cookies; one that it took away has expired."""
    kept = {(cookie.name, cookie.domain, cookie.path): cookie for cookie in after}
    gone = [c for c in before if (c.name, c.domain, c.path) not in kept]
    known = set(map(_words, before))
    changed = [c for c in after if _words(c) not in known] + [replace(c, expires=0.0) for c in gone]
    return [cookie for cookie in changed if matches(host, cookie.domain)]


def _words(cookie: Cookie) -> tuple[str, str, str, str]:
    return cookie.name, cookie.domain, cookie.path, cookie.value


def _driver_errors() -> tuple[type[Exception], ...]:
    """Playwright's own; none where it is not installed."""
    try:
        from playwright.async_api import Error
    except ImportError:
        return ()
    return (Error,)


def _late(request: Request, seconds: float) -> errors.Timeout:
    what = f"“{request.wait_for}” was not on it" if request.wait_for else "it was not there"
    return errors.Timeout(f"The page was drawn for {seconds:.0f} s and {what}", request.url)


def _told(said: str, admitted: Pass, url: str) -> errors.FetchError:
    """The gate's word for the hosts that the page came by, else what the browser says."""
    hosts = admitted.hosts | {_key(url)}
    own = next((error for key, error in admitted.errors.items() if key in hosts), None)
    if own is not None:
        own.url = url
        return own
    kind = next((kind for words, kind in _SAID if words in said), errors.BrowserFailed)
    return kind(f"The browser says: {said.splitlines()[0][:300]}", url)


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]


async def _within(work: Awaitable[Any]) -> None:
    """Tidying up, which must neither fail nor take long."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSING):
            await work
