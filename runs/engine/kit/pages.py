"""``parse`` on a saved page, held to what the engine expects of it."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runs.engine.charset import encoding_of
from runs.engine.work import encode
from squids.crawlers.interface import Crawler, Outcome, Params, Request, Response

URL = "https://example.test/"


class NetworkUsed(AssertionError):
    """The crawler opened a connection; fetching is the engine's."""


def page(
    source: Path | str | bytes,
    url: str = URL,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page as the engine would hand it over: a file, or its text or bytes. Its charset is found
    as the engine finds it."""
    body = source.read_bytes() if isinstance(source, Path) else source
    body = body.encode() if isinstance(body, str) else body
    told = {"content-type": "text/html"} | {k.lower(): v for k, v in (headers or {}).items()}
    return Response(url, status, told, body, encoding_of(body, told["content-type"]))


def parse(
    crawler: Crawler,
    response: Response,
    *,
    settings: Params | None = None,
    functions: Collection[str] = (),
    request: Request | None = None,
) -> Outcome:
    """What the crawler makes of a page under these squid parameters. Raises what ``parse`` raises,
    NetworkUsed, and AssertionError for an outcome that the engine could not keep."""
    ready = prepared(crawler, settings or {}, functions)
    asked = request or Request(response.url)
    with offline():
        outcome = crawler.parse(response, asked, ready)
    _check(crawler, outcome, settings or {})
    return outcome


def prepared(crawler: Crawler, settings: Params, functions: Collection[str]) -> Any:
    """What ``start`` and ``parse`` get, by way of all that happens to settings before."""
    unknown = set(functions) - {function.name for function in crawler.functions}
    assert not unknown, f"functions that are not declared: {', '.join(sorted(unknown))}"
    checked = crawler.check_settings(settings)
    frozen = crawler.at_launch(checked, datetime.now(UTC))
    return crawler.prepare(json.loads(json.dumps(frozen)), functions)


def _check(crawler: Crawler, outcome: Outcome, settings: Params) -> None:
    """Rows and requests must be JSON, and functions declared."""
    encode(outcome.rows, crawler.unique_fields(crawler.check_settings(settings)))
    for request in outcome.follow:
        kept = Request.from_dict(json.loads(json.dumps(request.to_dict())))
        assert kept == request, f"a request that JSON changes: {request}"
    undeclared = set(outcome.functions) - {function.name for function in crawler.functions}
    assert not undeclared, f"functions that are not declared: {', '.join(sorted(undeclared))}"


@contextmanager
def offline() -> Iterator[None]:
    """No connection can be opened within; raises NetworkUsed where one is."""

    def refuse(*given: Any, **more: Any) -> Any:
        raise NetworkUsed("A crawler opens no connection; ask for pages by Outcome.follow.")

    names = ("connect", "connect_ex", "sendto")
    before = {name: getattr(socket.socket, name) for name in names}
    look_up, socket.getaddrinfo = socket.getaddrinfo, refuse
    for name in names:
        setattr(socket.socket, name, refuse)
    try:
        yield
    finally:
        socket.getaddrinfo = look_up
        for name, method in before.items():
            setattr(socket.socket, name, method)
