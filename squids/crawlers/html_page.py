"""What is HTML, and what only came in its place."""

from __future__ import annotations

import re

from squids.crawlers.interface import BadPage, Response

_NOT_HTML = {"image": "an image", "audio": "a sound", "video": "a video", "font": "a font"}
_APPLICATIONS = {
    "application/pdf": "a PDF document",
    "application/zip": "an archive",
    "application/gzip": "an archive",
    "application/json": "JSON",
    "application/javascript": "a script",
    "text/javascript": "a script",
    "text/css": "a style sheet",
    "text/csv": "a CSV file",
}
_STARTS = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "an image",
    b"GIF8": "an image",
    b"\xff\xd8\xff": "an image",
    b"PK\x03\x04": "an archive",
    b"\x1f\x8b": "an archive",
}
_LOOKED_AT = 2000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_GARBAGE_SHARE = 0.05


def html_text(response: Response, most: int | None = None) -> str:
    """The page's text. Raises BadPage for what is no HTML, with what it is instead, and for one of
    more than ``most`` characters."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    found = _declared(kind) or _begins_as(response.body)
    if found:
        raise BadPage(f"The page is {found}{_named(kind)}, not HTML.", response.url)
    text = response.text
    if not text.strip("\ufeff \t\r\n\f\0"):
        raise BadPage("The page is empty.", response.url)
    if _is_garbage(text[:_LOOKED_AT]):
        raise BadPage(f"The page is binary data{_named(kind)}, not HTML.", response.url)
    if most is not None and len(text) > most:
        size = f"{len(text):,} characters; at most {most:,} are read"
        raise BadPage(f"The page is too large ({size}).", response.url)
    return text


def _declared(kind: str) -> str | None:
    if kind.endswith("+json"):
        return "JSON"
    if kind == "image/svg+xml":
        return _NOT_HTML["image"]
    return _APPLICATIONS.get(kind) or _NOT_HTML.get(kind.partition("/")[0])


def _begins_as(body: bytes) -> str | None:
    return next((name for start, name in _STARTS.items() if body.startswith(start)), None)


def _is_garbage(start: str) -> bool:
    return len(_CONTROL.findall(start)) > len(start) * _GARBAGE_SHARE


def _named(kind: str) -> str:
    return f" ({kind})" if kind else ""
