"""The header lines of a request, in the form that goes on the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runs.engine.errors import BadUrl

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\r\n\0]*")


def header_lines(
    user_agent: str,
    given: Mapping[str, str],
    cookies: str = "",
    authorization: str | None = None,
) -> tuple[bytes, ...]:
    """Our own headers under those that the request brings. Raises BadUrl for a broken one."""
    headers = {"user-agent": ("User-Agent", user_agent), "accept": ("Accept", ACCEPT)}
    if authorization:
        headers["authorization"] = ("Authorization", authorization)
    if cookies:
        headers["cookie"] = ("Cookie", cookies)
    for name, value in given.items():
        low = name.lower()
        if low == "cookie" and cookies:
            value = f"{value}; {cookies}"
        headers[low] = (name, value)
    # libcurl would ask with Expect before it sends a body, and few sites answer.
    return (*(_line(name, value) for name, value in headers.values()), b"Expect:")


def _line(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise BadUrl(f"the header {name[:100]!r} cannot be sent")
    # A name alone would take the header away; a semicolon sends it empty.
    return f"{name}: {value}".encode() if value.strip() else f"{name};".encode()
