"""A request as it stands after the redirects so far, and what a redirect makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from runs.engine.errors import RedirectLoop
from runs.engine.urls import Target, follow

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Methods that the status turns into GET, as browsers do it; 307 and 308 keep any.
GIVEN_UP = {
    301: ("POST",),
    302: ("POST",),
    303: ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
}
PRIVATE_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
BODY_HEADERS = frozenset({"content-type", "content-length", "content-encoding"})


def unheard() -> None:
    """Nobody waits to hear that a request went out."""


@dataclass(slots=True)
class Hop:
    """``spent`` is the time on the wire, in seconds. ``visited`` pairs requests and cookies.
    ``sent`` is called before each request goes out."""

    target: Target
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    robots_file: bool = False
    history: list[tuple[int, str]] = field(default_factory=list)
    visited: set[tuple[str, str, str]] = field(default_factory=set)
    cookies: str = ""
    spent: float = 0.0
    sent: Callable[[], None] = unheard

    def redirect(self, status: int, location: str, most: int) -> None:
        """Moves on to ``location``. Raises RedirectLoop, BadUrl."""
        here = self.target
        self.history.append((status, here.url))
        self._mark(here.url, most)
        self.target = follow(here.url, location)
        if self.method in GIVEN_UP.get(status, ()):
            self.method, self.body = "GET", None
            self._drop(BODY_HEADERS)
        if self.target.origin.base != here.origin.base:
            self._drop(PRIVATE_HEADERS)

    def _mark(self, url: str, most: int) -> None:
        """Coming back with other cookies is how some sites set them, so it is no loop yet."""
        state = (self.method, url, self.cookies)
        if state in self.visited:
            raise RedirectLoop(f"{self.history[0][1]} redirects in a circle by way of {url}", url)
        self.visited.add(state)
        if len(self.history) > most:
            raise RedirectLoop(f"{self.history[0][1]} redirects more than {most} times", url)

    def _drop(self, names: frozenset[str]) -> None:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in names}
        self.headers = kept
