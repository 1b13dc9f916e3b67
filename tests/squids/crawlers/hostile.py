"""Bodies that sites send by mistake or to do harm, and every crawler with settings that look
at them closely. ``python -m tests.squids.crawlers.hostile SLUG MEGABYTES`` has one read all."""

from __future__ import annotations

import contextlib
import gzip
import json
import resource
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from squids.crawlers import registry
from squids.crawlers.interface import FAILURE, CrawlerError, Outcome, Request, Response

URL = "https://site.example/page"
MANY = 60_000
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)


def _xml(root: str, inside: str, dtd: str = "") -> bytes:
    doctype = f"<!DOCTYPE {root} [{dtd}]>" if dtd else ""
    return f'<?xml version="1.0"?>{doctype}<{root}>{inside}</{root}>'.encode()


def _ld(text: str) -> bytes:
    return f'<html><script type="application/ld+json">{text}</script><p>x</p></html>'.encode()


BODIES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "blanks": lambda: b" \n\t" * 1000,
    "NULs": lambda: b"\0" * 50_000,
    "noise": lambda: bytes(range(256)) * 2000,
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + b"\0\1\2" * 5000,
    "a document": lambda: b"%PDF-1.7\n" + b"x" * 5000,
    "an archive": lambda: b"PK\x03\x04" + b"y" * 5000,
    "half a gzip": lambda: gzip.compress(b"<p>x</p>" * 9000)[:40],
    "gzip bomb": lambda: gzip.compress(b"<a href='/x'>x</a>" * 4_000_000),
    "zlib bomb": lambda: zlib.compress(b" " * 80_000_000),
    "entity bomb": lambda: _xml("rss", "<channel><title>&l9;</title></channel>", LAUGHS),
    "entity bomb in a sitemap": lambda: _xml(
        "urlset", "<url><loc>http://a.example/&l9;</loc></url>", LAUGHS
    ),
    "quadratic entity": lambda: _xml("rss", "&a;" * 50_000, f'<!ENTITY a "{"x" * 50_000}">'),
    "a file by entity": lambda: _xml(
        "rss", "<channel>&f;</channel>", '<!ENTITY f SYSTEM "file:///etc/passwd">'
    ),
    "deep XML": lambda: b"<rss>" + b"<a>" * MANY,
    "deep HTML": lambda: b"<div>" * MANY + b"x",
    "deep JSON": lambda: b"[" * MANY + b"]" * MANY,
    "deep objects": lambda: b'{"a":' * MANY + b"1" + b"}" * MANY,
    "deep JSON-LD": lambda: _ld('{"@type":"Product","name":' * 20_000),
    "wide JSON-LD": lambda: _ld(json.dumps([{"@type": "Product", "name": "x"}] * 20_000)),
    "many attributes": lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(4_000)) + b">x</p>",
    "a long attribute": lambda: b"<a href='/" + b"x" * 3_000_000 + b"'>x</a>",
    "a long word": lambda: b"<p>" + b"x" * 3_000_000 + b"</p>",
    "many links": lambda: b"".join(b"<a href='/%d'>%d</a>" % (n, n) for n in range(MANY)),
    "many addresses": lambda: b" ".join(b"a%d@x%d.example" % (n, n) for n in range(MANY)),
    "many numbers": lambda: b"<p>Tel. " + b" +49 30 123456" * MANY,
    "at signs": lambda: b"<p>" + b"a@" * 500_000,
    "open tags": lambda: b"<" * 500_000,
    "comments": lambda: b"<!--" * 200_000,
    "tables": lambda: b"<table><tr><td>" * 4_000,
    "a huge number": lambda: b'{"items": [{"id": ' + b"9" * 20_000 + b"}]}",
    "numbers past all": lambda: b'[{"a": 1e999}, {"a": -1e999}, {"a": NaN}]',
    "half letters": lambda: b'[{"a": "\\ud800", "\\udfff": 1}]',
    "twice the key": lambda: b'{"items": [{"a": 1, "a": 2}], "items": 3}',
    "half UTF-16": lambda: b"\xff\xfe<\x00p\x00>\x00x",
    "UTF-16 that says UTF-8": lambda: '<?xml version="1.0" encoding="utf-8"?><rss/>'.encode(
        "utf-16"
    ),
    "no such encoding": lambda: b'<?xml version="1.0" encoding="klingon"?><rss><channel/></rss>',
    "UTF-7": lambda: b'<meta charset="utf-7"><p>+ADw-script+AD4-</p>',
    "dates past all": lambda: (
        b"<rss><channel><item><title>x</title><pubDate>Mon, 99 Foo 99999"
        b" 99:99:99 +9999</pubDate></item></channel></rss>"
    ),
    "addresses of nowhere": lambda: (
        b"<a href='http://[::1'>a</a><a href='//:0/'>b</a><a href=''>"
        b"c</a><a href='http://%00/'>d</a><a href='javascript:x'>e</a><base href='::'>"
    ),
}
KINDS = ("text/html; charset=utf-8", "application/xml", "application/json", "application/gzip", "")
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "web-scraper": [
        {},
        {"recipe": {"rows": "a, p", "fields": {"t": "*", "u": {"select": "a", "type": "url"}}}},
        {"recipe": {"rows": "//a", "fields": {"t": "./@href", "n": {"select": ".//text()",
         "type": "number", "many": True}}, "next": "//a[last()]"}},
    ],
    "json-api-scraper": [{}, {"recipe": {"rows": "items", "fields": {"id": "id", "all": "@"}}}],
    "article-scraper": [{"comments": True, "format": "markdown"}],
    "product-scraper": [{}, {"links": "a", "next": "a"}],
}  # fmt: skip


def ours() -> list[str]:
    """The crawlers of the project itself."""
    return sorted(slug for slug in registry.all() if "/" not in slug and "test" not in slug)


def settings_of(slug: str) -> Iterator[tuple[Any, Any]]:
    """The crawler with each of its settings, all functions switched on."""
    code = registry.get(slug)
    for params in SETTINGS.get(slug, [{}]):
        names = [function.name for function in code.functions]
        yield code, code.prepare(code.check_settings(params), names)


def read(code: Any, ready: Any, body: bytes, kind: str, encoding: str) -> Iterator[Outcome]:
    """What each of a task's first requests makes of a body; its named errors are nothing."""
    for request in code.start(code.check_task({"url": URL}), ready):
        headers = {"content-type": kind} if kind else {}
        failure = "" if body or FAILURE not in request.accept else "connection_lost"
        page = Response(request.url, 200, headers, body, encoding, failure=failure)
        with contextlib.suppress(CrawlerError):
            yield code.parse(page, request, ready)


def check(outcome: Outcome) -> None:
    """Rows that can be kept, requests that can be made, notes that can be read."""
    json.dumps(outcome.rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
    for request in outcome.follow:
        assert Request.from_dict(json.loads(json.dumps(request.to_dict()))) == request
    assert all(text for _, text in outcome.notes)


def main(slug: str, megabytes: int) -> None:
    """With no more memory than that beyond what the program itself takes."""
    ready = list(settings_of(slug))
    for code, settings in ready:  # what loads late loads now
        list(read(code, settings, b"<p>x</p>", KINDS[0], "utf-8"))
    used = psutil.Process().memory_info().vms
    most = used + megabytes * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for name, make in BODIES.items():
        body = make()
        for code, settings in ready:
            for kind in KINDS:
                for outcome in read(code, settings, body, kind, "utf-8"):
                    check(outcome)
        print(name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
