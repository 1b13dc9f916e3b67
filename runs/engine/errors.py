"""What can go wrong with a fetch, each with the address, a reason and whether to try again."""

from __future__ import annotations

from squids.crawlers.interface import Response

TOO_MANY_REQUESTS = "too_many_requests"
WEBSITE_INACCESSIBLE = "website_inaccessible"
REQUEST_FAILED = "request_failed"


class FetchError(Exception):
    """``reason`` is a lasting slug; ``retry_after`` is seconds the site asked us to wait.

    ``trouble`` says, of an error that may pass, what troubles the site: later the same page may be
    read. ``answered``: the site is well, and it is this page that cannot be had. ``history`` has
    the (status, url) of each redirect that led there.
    """

    reason = "fetch_failed"
    retry = False
    trouble = ""
    answered = False

    def __init__(self, message: str, url: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.url = url
        self.retry_after = retry_after
        self.history: tuple[tuple[int, str], ...] = ()

    def response(self, url: str) -> Response:
        """For a crawler that wants to hear of it, in place of the page."""
        status = self.status if isinstance(self, HttpStatus) else 0
        return Response(
            url,
            status,
            {},
            self.message.encode(),
            history=self.history,
            failure=self.reason,
        )

    def of_robots(self) -> FetchError:
        """The same, said of the site's robots.txt."""
        self.message = f"robots.txt: {self.message}"
        self.args = (self.message,)
        return self


class BadUrl(FetchError):
    """Not an http(s) address, or one that no site can have."""

    reason = "bad_url"


class Refused(FetchError):
    """The address leads into a private network."""

    reason = "private_address"


class RobotsDenied(FetchError):
    """robots.txt asks us not to fetch this page."""

    reason = "robots_denied"


class RobotsUnavailable(FetchError):
    """robots.txt could not be read, so for now nothing of the site may be fetched."""

    reason = "robots_unavailable"
    retry = True
    trouble = REQUEST_FAILED


class TooLarge(FetchError):
    """The body passed the size cap, on the wire or unpacked."""

    reason = "too_large"
    answered = True


class RedirectLoop(FetchError):
    """Redirects that come back, or too many of them."""

    reason = "redirect_loop"
    answered = True


class HttpStatus(FetchError):
    """A status outside 2xx that the request does not accept."""

    reason = "http_status"
    RETRIED = frozenset({408, 429, 500, 502, 503, 504})

    def __init__(self, status: int, url: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"HTTP status {status}", url, retry_after=retry_after)
        self.status = status
        self.retry = status in self.RETRIED
        self.answered = not self.retry
        self.trouble = self._trouble() if self.retry else ""

    def _trouble(self) -> str:
        asked = self.status == 429 or (self.status == 503 and self.retry_after is not None)
        return TOO_MANY_REQUESTS if asked else REQUEST_FAILED


class Timeout(FetchError):
    """Connecting, or the whole answer, took longer than the settings allow."""

    reason = "timeout"
    retry = True
    trouble = WEBSITE_INACCESSIBLE


class DnsFailed(FetchError):
    """The host's address could not be found out."""

    reason = "dns_failed"
    retry = True
    trouble = WEBSITE_INACCESSIBLE


class NoSuchHost(DnsFailed):
    """Nobody has this name: a mistake in the task, and no trouble of a site."""

    trouble = ""


class LookupFailed(DnsFailed):
    """The resolver works, but gets no answer about this name: those who answer for it are at
    fault."""

    reason = "lookup_failed"
    trouble = ""


class NoSuchName(FetchError):
    """Nobody has the name that a ``dns`` request asks about."""

    reason = "no_such_name"
    answered = True


class ConnectFailed(FetchError):
    """Nobody listens at the address, or the way to it is closed."""

    reason = "connect_failed"
    retry = True
    trouble = WEBSITE_INACCESSIBLE


class ProxyFailed(FetchError):
    """The proxy refused, or does not speak the protocol of its address."""

    reason = "proxy_failed"
    retry = True
    trouble = WEBSITE_INACCESSIBLE


class TlsFailed(FetchError):
    """The certificate or the handshake cannot be trusted."""

    reason = "tls_failed"


class ConnectionLost(FetchError):
    """The connection broke before the answer was complete, or nothing was answered at all."""

    reason = "connection_lost"
    retry = True
    trouble = WEBSITE_INACCESSIBLE


class BadContent(FetchError):
    """What came back is not HTTP, or is packed in a way that cannot be read."""

    reason = "bad_content"
    answered = True


class BrowserMissing(FetchError):
    """The page is to be drawn by a browser, and this machine has none, or may not use it."""

    reason = "browser_missing"


class BrowserFailed(FetchError):
    """The browser ended, or says something that is no fault of the page."""

    reason = "browser_failed"
    retry = True


class AskedToWait(FetchError):
    """The host is to be left alone for longer than the request may wait."""

    reason = "asked_to_wait"


class MustWait(Exception):
    """The host may not be asked before ``seconds`` from now. Not a failure and not a try."""

    def __init__(self, seconds: float, host: str) -> None:
        super().__init__(f"{host} may be asked again in {seconds:.1f} s")
        self.seconds = seconds
        self.host = host
