"""Every address that a site's sitemaps name, with its last change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from squids.crawlers.html_page import html_text
from squids.crawlers.interface import (
    FAILURE,
    BadPage,
    Column,
    Crawler,
    Function,
    Outcome,
    Param,
    Params,
    Request,
    Response,
    Row,
    Usage,
)
from squids.crawlers.page_summary import summary
from squids.crawlers.params import MAX_RESULTS
from squids.crawlers.sitemap import reading
from squids.crawlers.values import page_address
from squids.crawlers.xml_bytes import document, is_html

ROBOTS, GUESS, ASKED, SITEMAP, PAGE = "robots", "guess", "asked", "sitemap", "page"
DETAILS = "page_details"
GUESSED = "/sitemap.xml"
DEEPEST = 5
"""Sitemap indexes inside one another."""
MISSING = (400, 401, 403, 404, 405, 410)
FINAL = tuple(status for status in range(400, 500) if status not in (408, 429))


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run's pages are read by. ``most_pages``: details of so many pages a task."""

    details: bool
    max_sitemaps: int
    most_pages: int


class SitemapScraper(Crawler):
    """A task is a site, or a sitemap of it."""

    slug = "sitemap-scraper"
    name = "Sitemap scraper"
    description = "Every address in a site's sitemaps, with its last change."
    icon = "sitemap"
    task_params = (
        Param(
            "url",
            "url",
            label="Site or sitemap",
            help="A site, whose robots.txt tells where its sitemaps are, or one sitemap.",
            required=True,
            example="https://example.com/",
        ),
    )
    squid_params = (
        Param(
            "max_sitemaps",
            "integer",
            label="Sitemaps per task",
            help="How many sitemaps of a task to read at most.",
            default=1_000,
            minimum=1,
            maximum=50_000,
        ),
        MAX_RESULTS,
    )
    functions = (
        Function(
            DETAILS,
            "Page details",
            400,
            help="Reads each page and adds its status, title and description.",
        ),
    )
    columns = (
        Column("url", example="https://example.com/lamps", description="Address of the page"),
        Column("lastmod", example="2025-06-30T09:00:00+00:00", description="Its last change, ISO"),
        Column("changefreq", example="weekly", description="How often it changes, as is said"),
        Column("priority", "float", example="0.8", description="Between 0 and 1"),
        Column("images", "integer", example="3", description="How many images are listed with it"),
        Column("news", "integer", example="0", description="1: it is listed as news"),
        Column("alternates", "json", description="Its other languages: code and address"),
        Column("sitemap", example="https://example.com/sitemap.xml", description="Where it stands"),
        Column("status", "integer", example="200", description="HTTP status (page details)"),
        Column("title", example="Lamps", description="The page's title (page details)"),
        Column("description", description="Its meta description (page details)"),
    )
    unique_by = ("url",)
    credits_per_row = 100
    max_concurrency = 64

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        most = params.get("max_results", 0)
        return Settings(DETAILS in functions, params.get("max_sitemaps", 1_000), most)

    def start(self, task: Params, settings: Settings) -> list[Request]:
        url = page_address(task["url"])
        parts = urlsplit(url)
        if parts.path in ("", "/") and not parts.query:
            return [_robots(url)]
        return [Request(url, label=ASKED)]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        if request.label == ROBOTS:
            return _from_robots(response, request, settings)
        if request.label == PAGE:
            return _details(response, request)
        if request.label == GUESS and response.status in MISSING:
            raise BadPage(
                "No sitemap: robots.txt names none, and there is no /sitemap.xml.", request.url
            )
        data = document(response)
        if is_html(data):
            return _instead(response, request)
        return _outcome(reading.read(data, response.url), request, settings)


def _robots(url: str) -> Request:
    return Request(urljoin(url, "/robots.txt"), label=ROBOTS, accept=MISSING)


def _from_robots(response: Response, request: Request, settings: Settings) -> Outcome:
    found = [] if response.status in MISSING else reading.of_robots(response.text, response.url)
    if found:
        return Outcome(follow=[_sitemap(url, 1, settings) for url in found])
    guess = Request(urljoin(request.url, GUESSED), label=GUESS, accept=MISSING)
    return Outcome(follow=[guess])


def _instead(response: Response, request: Request) -> Outcome:
    """A web page where a sitemap was looked for: the site of one that was given as a task."""
    if request.label == ASKED:
        return Outcome(follow=[_robots(response.url)])
    if request.label == GUESS:
        raise BadPage(
            "No sitemap: robots.txt names none, and /sitemap.xml is a web page.", response.url
        )
    raise BadPage("This is a web page, not a sitemap.", response.url)


def _sitemap(url: str, depth: int, settings: Settings) -> Request:
    return Request(url, label=SITEMAP, meta={"depth": depth}, most=settings.max_sitemaps)


def _outcome(found: reading.Found, request: Request, settings: Settings) -> Outcome:
    outcome = Outcome(notes=[("warning", note) for note in found.notes])
    depth = int(request.meta.get("depth", 1))
    if found.sitemaps and depth >= DEEPEST:
        outcome.notes.append(("warning", f"Sitemaps {DEEPEST} deep inside one another: no further"))
    else:
        each_once = dict.fromkeys(found.sitemaps)
        outcome.follow = [_sitemap(url, depth + 1, settings) for url in each_once]
    if settings.details:
        outcome.follow += [_page(row, settings) for row in found.pages]
    else:
        outcome.rows = [row | _UNTOLD for row in found.pages]
    return outcome


_UNTOLD: Row = {"status": None, "title": None, "description": None}


def _page(row: Row, settings: Settings) -> Request:
    return Request(
        row["url"],
        label=PAGE,
        meta={"row": row},
        accept=(FAILURE, *FINAL),
        most=settings.most_pages,
    )


def _details(response: Response, request: Request) -> Outcome:
    """The row with what its page says; what is no web page has a status only."""
    row: dict[str, Any] = dict(request.meta["row"]) | _UNTOLD
    row["status"] = response.status or None
    outcome = Outcome([row])
    if response.failure:
        outcome.notes.append(("warning", response.text))
    elif response.status < 300:
        row |= _described(response)
    hit = row["title"] is not None or row["description"] is not None
    outcome.functions[DETAILS] = Usage.found(1, [0] if hit else [])
    return outcome


def _described(response: Response) -> Row:
    try:
        found = summary(html_text(response), response)
    except BadPage:
        return {}
    return {name: found[name] for name in ("title", "description")}
