"""Every link on a site's pages, with what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from squids.crawlers.interface import (
    FAILURE,
    BadPage,
    Column,
    Crawler,
    Outcome,
    Param,
    Params,
    Request,
    Response,
    Row,
)
from squids.crawlers.link_checker.links import LEADING, MOST_LINKS, Link, links_of, normal, site_of
from squids.crawlers.params import MAX_RESULTS

PAGE, CHECK, AGAIN = "page", "check", "again"
INTERNAL, EXTERNAL = "internal", "external"
OK, BROKEN, UNKNOWN = "ok", "broken", "unknown"
PATIENCE = 60.0
"""Seconds that a link to another site may wait for its host."""
UNMOVED = (300, 304)
ANY = (FAILURE, *UNMOVED, *(s for s in range(400, 1000) if s not in (408, 429, 500, 502, 503, 504)))
"""All that is no redirect to follow, and nothing that may get better when it is tried again: that
comes as a failure, once it did not."""
NOT_TELLING = {401, 403, 407, 429, 999}
"""The link may well work for a person; 999 is how some sites say so to machines."""
NOT_ASKED = {"robots_denied", "robots_unavailable", "private_address", "asked_to_wait"}
UNFINISHED = {"too_large"}
"""It answers, and with more than we take."""
ODD = {"bad_content", "connection_lost"}
LASTING = {401, 407, 410, 429, 503}


@dataclass(frozen=True, slots=True)
class Settings:
    max_pages: int
    depth: int
    external: bool


class LinkChecker(Crawler):
    """A task is a site, from the page it starts at."""

    slug = "link-checker"
    name = "Link checker"
    description = "Every link on a site's pages, with its status and redirects."
    icon = "link"
    task_params = (
        Param(
            "url",
            "url",
            label="Site",
            help="The page to start from. Its host is the site.",
            required=True,
            example="https://example.com/",
        ),
    )
    squid_params = (
        Param(
            "max_pages",
            "integer",
            label="Pages per site",
            help="On how many of the site's pages to look for links, at most.",
            default=100,
            minimum=1,
            maximum=10_000,
        ),
        Param(
            "depth",
            "integer",
            label="Depth",
            help="How many links away from the first page to look. 0: on that page only.",
            default=10,
            minimum=0,
        ),
        Param(
            "external",
            "boolean",
            label="Links to other sites",
            help="Whether to check them too, each once.",
            default=True,
        ),
        MAX_RESULTS,
    )
    columns = (
        Column("url", example="https://example.com/old", description="Where the link leads"),
        Column("result", example="ok", description="ok, broken or unknown"),
        Column("status", "integer", example="200", description="HTTP status, of the last answer"),
        Column("error", example="dns_failed", description="Why there was no answer"),
        Column("message", "text", description="The same in words"),
        Column("final_url", example="https://example.com/new", description="After redirects"),
        Column(
            "redirects",
            "json",
            example='[{"status": 301, "url": "https://example.com/old"}]',
            description="Each redirect on the way: its status, and the address that gave it",
        ),
        Column("kind", example="internal", description="internal or external"),
        Column("tag", example="a", description="The element it stands in"),
        Column("text", example="Our lamps", description="What the link says"),
        Column("source", example="https://example.com/", description="The first page that has it"),
    )
    unique_by = ("url",)
    credits_per_row = 100
    max_concurrency = 64

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        most, depth = params.get("max_pages", 100), params.get("depth", 10)
        return Settings(most, depth, params.get("external", True))

    def start(self, task: Params, settings: Settings) -> list[Request]:
        return [Request(normal(task["url"]), label=PAGE, most=settings.max_pages)]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        if request.label == PAGE:
            return _page(response, request, settings)
        if request.label == CHECK and _refuses_head(response):
            return Outcome(follow=[_check(request.url, AGAIN, dict(request.meta), "GET")])
        row = _row(request, response)
        outcome = Outcome([row])
        if row["result"] == BROKEN:
            why = response.text if response.failure else f"HTTP status {response.status}"
            outcome.notes.append(("warning", f"Broken, on {row['source']}: {why}"))
        if _leads_on(response, request, settings):
            outcome.follow.append(_next_page(response, request, settings))
        return outcome


def _page(response: Response, request: Request, settings: Settings) -> Outcome:
    """Checks for the links of a page. Of pages past the first, the link is a row already."""
    if response.failure:
        return Outcome(notes=[("warning", f"No links of this page: {response.text}")])
    site = request.meta.get("site")
    if site and site_of(response.url) != site:
        return Outcome()
    try:
        links = links_of(response)
    except BadPage as error:
        if not site:
            raise
        return Outcome(notes=[("warning", f"No links of this page: {error.message}")])
    return _checks(links, response.url, site or site_of(response.url), request, settings)


def _checks(
    links: list[Link], source: str, site: str, request: Request, settings: Settings
) -> Outcome:
    outcome = Outcome()
    if len(links) > MOST_LINKS:
        text = f"Only the first {MOST_LINKS:,} links of this page are checked"
        outcome.notes.append(("warning", text))
    for link in links[:MOST_LINKS]:
        kind = INTERNAL if link.url is None or site_of(link.url) == site else EXTERNAL
        meta: dict[str, Any] = {"kind": kind, "tag": link.tag, "text": link.text}
        meta |= {"source": source, "site": site, "depth": int(request.meta.get("depth", 0))}
        if link.url is None:
            outcome.rows.append(_no_address(link, meta))
        elif kind == INTERNAL or settings.external:
            outcome.follow.append(_check(link.url, CHECK, meta, "HEAD"))
    return outcome


def _check(url: str, label: str, meta: dict[str, Any], method: str) -> Request:
    patience = PATIENCE if meta["kind"] == EXTERNAL else 0.0
    return Request(url, method, label=label, meta=meta, accept=ANY, patience=patience)


def _refuses_head(response: Response) -> bool:
    """Whether a GET may tell something else."""
    if response.status:
        return response.status >= 400 and response.status not in LASTING
    return response.failure in ODD


def _leads_on(response: Response, request: Request, settings: Settings) -> bool:
    """Whether links are looked for on the page that the link leads to."""
    meta = request.meta
    inside = meta["kind"] == INTERNAL and site_of(response.url) == meta["site"]
    kind = response.headers.get("content-type", "html").lower()
    answered = 200 <= response.status < 300 and not response.failure
    wanted = meta["tag"] in LEADING and int(meta["depth"]) < settings.depth
    return inside and answered and "html" in kind and wanted


def _next_page(response: Response, request: Request, settings: Settings) -> Request:
    meta = {"site": request.meta["site"], "depth": int(request.meta["depth"]) + 1}
    url = normal(response.url)
    return Request(url, label=PAGE, meta=meta, accept=(FAILURE,), most=settings.max_pages)


def _row(request: Request, response: Response) -> Row:
    failed = bool(response.failure)
    return {
        "url": request.url,
        "result": _result(response),
        "status": response.status or None,
        "error": None if not failed or response.status else response.failure,
        "message": response.text if failed else None,
        "final_url": None if failed else response.url,
        "redirects": [{"status": status, "url": url} for status, url in response.history],
        **_found(request.meta),
    }


def _result(response: Response) -> str:
    if response.failure in NOT_ASKED or response.status in NOT_TELLING:
        return UNKNOWN
    if response.failure in UNFINISHED:
        return OK
    return OK if 200 <= response.status < 300 or response.status in UNMOVED else BROKEN


def _no_address(link: Link, meta: dict[str, Any]) -> Row:
    told = {"status": None, "error": "bad_url", "message": "This is no web address"}
    return {
        "url": link.written,
        "result": BROKEN,
        **told,
        "final_url": None,
        "redirects": [],
        **_found(meta),
    }


def _found(meta: Any) -> Row:
    return {name: meta[name] for name in ("kind", "tag", "text", "source")}
