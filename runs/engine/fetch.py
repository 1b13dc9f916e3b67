"""From a request to a response: robots.txt, politeness, guard, wire, redirects, charset.

The only place of the project that opens connections to the sites. A request without redirects is
the fast path; its cost is measured in docs/decisions/0001-http-client.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from runs.engine import errors, robots
from runs.engine.browser.visits import Visits
from runs.engine.charset import encoding_of
from runs.engine.cookies import Cookie, Cookies
from runs.engine.guard import Guard, Resolver, system_resolver
from runs.engine.headers import header_lines
from runs.engine.lookups import Lookups, Server
from runs.engine.politeness import Politeness
from runs.engine.proxy import Proxy, through
from runs.engine.redirects import REDIRECTS, Hop, unheard
from runs.engine.retry import retry_after
from runs.engine.robots import Robots, Rules
from runs.engine.transport import Answer, Profile, Transport, Wire
from runs.engine.urls import Origin, Target, target
from squids.crawlers.interface import Request, Response

TOO_MANY, UNAVAILABLE = 429, 503
QUIET_SECONDS = 1.0
ADDRESSES_TRIED = 3
ROBOTS_TIMEOUT = 20.0
ROBOTS_REDIRECTS = 5


@dataclass(frozen=True)
class FetchSettings:
    """The operator's and the squid's settings of a run.

    Seconds and bytes. ``timeout`` is for the whole answer with its redirects, waiting for
    politeness not counted; ``max_body`` for the body as it came and unpacked. ``allow_private``
    holds host:port pairs, ``proxy`` is an http, https, socks5 or socks5h address, ``delay`` the
    squid's own seconds between requests to a host.
    """

    user_agent: str
    timeout: float = 30.0
    connect_timeout: float = 10.0
    max_body: int = 20 * 1024 * 1024
    max_redirects: int = 10
    allow_private: frozenset[str] = frozenset()
    proxy: str | None = None
    obey_robots: bool = True
    delay: float = 0.0


@dataclass(slots=True)
class Session:
    """What a run, or each of its accounts, keeps between requests; made by `Fetcher.session`."""

    settings: FetchSettings
    agent: str
    profile: Profile
    proxy: Proxy | None
    usual_headers: tuple[bytes, ...]
    cookies: Cookies = field(default_factory=Cookies)


class Fetcher:
    """One per event loop, shared by all runs of a slice; an async context manager.

    ``resolve`` turns a name and a port into IP addresses. What robots.txt files say is kept in
    the folder of ``politeness``, for other processes and later slices. ``dns_servers`` answer
    requests of kind ``dns``; none: the system's do.
    """

    def __init__(
        self,
        politeness: Politeness,
        *,
        resolve: Resolver = system_resolver,
        dns_servers: Sequence[Server] = (),
    ) -> None:
        self._politeness = politeness
        self._lookups = Lookups(politeness, dns_servers)
        self._robots = Robots(politeness.folder)
        self._guard = Guard(resolve)
        self._transport = Transport()
        self._visits = Visits(self._guard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends connections, closes files. Fetches under way must have ended or been cancelled."""
        await self._visits.close()
        await self._robots.close()
        await self._transport.close()
        await self._politeness.close()

    def session(self, settings: FetchSettings, cookies: Iterable[Cookie] = ()) -> Session:
        """One per run, or per account. Raises BadUrl for a proxy address that cannot be used."""
        return Session(
            settings=settings,
            agent=robots.token(settings.user_agent),
            profile=Profile(settings.connect_timeout, settings.max_body),
            proxy=Proxy.parse(settings.proxy) if settings.proxy else None,
            usual_headers=header_lines(settings.user_agent, {}),
            cookies=Cookies(cookies),
        )

    async def fetch(
        self,
        request: Request,
        session: Session | FetchSettings,
        *,
        sent: Callable[[], None] = unheard,
    ) -> Response:
        """The page, redirects followed. Raises FetchError, or MustWait where it is not the time.

        Settings in place of a session stand for a fresh one, without cookies. ``sent`` is called
        before each request of it goes out: until the first, cancelling leaves no trace.
        """
        if isinstance(session, FetchSettings):
            session = self.session(session)
        if request.kind == "dns":
            return await self._lookups.look_up(request, session.settings.timeout, sent=sent)
        if request.kind == "browser":
            return await self._draw(request, session, sent)
        body = None if request.body is None else request.body.encode()
        hop = Hop(target(request.url), request.method.upper(), body, request.headers, sent=sent)
        try:
            answer = await self._follow(hop, session, request.accept)
        except errors.FetchError as error:
            error.history = tuple(hop.history)
            raise
        if not 200 <= answer.status < 300 and answer.status not in request.accept:
            raise errors.HttpStatus(answer.status, hop.target.url, retry_after=_wait(answer))
        return _response(hop, answer)

    async def _draw(self, request: Request, session: Session, sent: Callable[[], None]) -> Response:
        """One visit of the browser, which counts as one request to the page's host."""
        place = target(request.url)
        rules = await self._permission(place, session)
        await self._guard.addresses(place.origin, session.settings.allow_private)
        pause = rules.delay if rules else 0.0
        async with self._visits.seat(request, session) as browser:
            taken = await self._politeness.enter(place.origin.key, session.settings.delay, pause)
            try:
                sent()
                response = await self._visits.draw(browser, request, session)
            finally:
                self._politeness.leave(taken)
        place = target(response.url)
        await self._permission(place, session)
        if not 200 <= response.status < 300 and response.status not in request.accept:
            wait = retry_after(response.headers.get("retry-after"), time.time())
            await self._keep_quiet(place.origin.key, response.status, wait)
            raise errors.HttpStatus(response.status, response.url, retry_after=wait)
        return response

    async def _follow(self, hop: Hop, session: Session, accept: tuple[int, ...] = ()) -> Answer:
        while True:
            answer = await self._ask(hop, session)
            if answer.status not in REDIRECTS or answer.status in accept:
                return answer
            location = answer.headers.get("location")
            if not location:
                return answer
            hop.redirect(answer.status, location, session.settings.max_redirects)

    async def _ask(self, hop: Hop, session: Session) -> Answer:
        """One exchange with one host, polite and guarded."""
        key = hop.target.origin.key
        rules = None if hop.robots_file else await self._permission(hop.target, session)
        pause = rules.delay if rules else 0.0
        # Checked before a slot is taken, so that a refused address never waits for one.
        addresses = await self._guard.addresses(hop.target.origin, session.settings.allow_private)
        taken = await self._politeness.enter(key, session.settings.delay, pause)
        try:
            hop.sent()
            answer = await self._reach(hop, session, addresses)
        finally:
            self._politeness.leave(taken)
        if answer.status in (TOO_MANY, UNAVAILABLE):
            await self._keep_quiet(key, answer.status, _wait(answer))
        return answer

    async def _keep_quiet(self, key: str, status: int, wait: float | None) -> None:
        """All processes leave the host alone for as long as it asked."""
        if wait is None and status == TOO_MANY:
            wait = QUIET_SECONDS
        if wait and status in (TOO_MANY, UNAVAILABLE):
            await self._politeness.postpone(key, wait)

    async def _permission(self, place: Target, session: Session) -> Rules | None:
        """What robots.txt says to us, None where it is not asked. Raises RobotsDenied."""
        if not session.settings.obey_robots:
            return None
        rules = self._robots.known(place.origin, session.agent)
        if rules is None:
            rules = await self._robots_rules(place.origin, session)
        robots.check(rules, place, session.agent)
        return rules

    async def _robots_rules(self, origin: Origin, session: Session) -> Rules:
        # An address that is refused says so itself, not by way of its robots.txt.
        await self._guard.addresses(origin, session.settings.allow_private)

        async def load(url: str) -> tuple[int, str]:
            return await self._robots_file(url, session)

        return await self._robots.rules(origin, session.agent, load)

    async def _robots_file(self, url: str, session: Session) -> tuple[int, str]:
        """Through the same guard, slots and proxy as a page, with limits of its own."""
        settings = session.settings
        limits = replace(
            settings,
            timeout=min(settings.timeout, ROBOTS_TIMEOUT),
            max_body=robots.MAX_BYTES,
            max_redirects=ROBOTS_REDIRECTS,
            delay=0.0,
        )
        own = self.session(limits)
        own.profile = replace(own.profile, truncate=True)
        try:
            answer = await self._follow(Hop(target(url), robots_file=True), own)
        except (errors.RedirectLoop, errors.BadUrl):
            return 404, ""
        except errors.FetchError as error:
            raise error.of_robots() from None
        return answer.status, answer.body.decode("utf-8", "replace")

    async def _reach(self, hop: Hop, session: Session, addresses: list[str]) -> Answer:
        """By proxy, or at the first of the host's checked addresses that can be connected to."""
        if session.proxy:
            return await self._reach_through(session.proxy, hop, session, addresses[0])
        tried = addresses[:ADDRESSES_TRIED]
        for address in tried[:-1]:
            try:
                return await self._exchange(hop, session, session.profile, address)
            except errors.ConnectFailed:
                continue
        answer = await self._exchange(hop, session, session.profile, tried[-1])
        if len(tried) > 1:
            self._guard.prefer(hop.target.origin, tried[-1])
        return answer

    async def _reach_through(
        self, proxy: Proxy, hop: Hop, session: Session, address: str
    ) -> Answer:
        own = await self._guard.addresses(proxy.origin, session.settings.allow_private)
        profile = through(proxy, own[0], session.profile)
        by_name = proxy.sends_names(hop.target.origin.scheme)
        return await self._exchange(hop, session, profile, None if by_name else address)

    async def _exchange(
        self, hop: Hop, session: Session, profile: Profile, address: str | None
    ) -> Answer:
        left = session.settings.timeout - hop.spent
        if left <= 0:
            raise errors.Timeout(f"{hop.target.url} did not answer in time", hop.target.url)
        wire = _wire(hop, session, address, left)
        started = time.perf_counter()
        try:
            answer = await self._transport.send(wire, profile)
        finally:
            hop.spent += time.perf_counter() - started
        if answer.cookies:
            session.cookies.take(answer.cookies, hop.target)
        return answer


def _wire(hop: Hop, session: Session, address: str | None, timeout: float) -> Wire:
    origin = hop.target.origin
    hop.cookies = session.cookies.header(hop.target)
    headers = session.usual_headers
    if hop.headers or hop.cookies or origin.authorization:
        agent = session.settings.user_agent
        headers = header_lines(agent, hop.headers, hop.cookies, origin.authorization)
    place = None
    if address is not None:
        place = f"[{address}]:{origin.port}" if ":" in address else f"{address}:{origin.port}"
    return Wire(hop.target.url, headers, place, timeout, hop.method, hop.body)


def _wait(answer: Answer) -> float | None:
    return retry_after(answer.headers.get("retry-after"), time.time())


def _response(hop: Hop, answer: Answer) -> Response:
    content_type = answer.headers.get("content-type", "")
    return Response(
        url=hop.target.url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        encoding=encoding_of(answer.body, content_type),
        history=tuple(hop.history),
        elapsed=hop.spent,
    )
