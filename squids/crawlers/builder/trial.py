"""A recipe tried on a page that was fetched, by the crawler itself: what a run would give."""

from __future__ import annotations

from datetime import UTC, datetime

from squids.crawlers import registry
from squids.crawlers.builder.shapes import Trial
from squids.crawlers.interface import Crawler, Outcome, Params, Request, Response, Row
from squids.crawlers.web_scraper import DETAIL


def attempt(slug: str, params: Params, response: Response, request: Request) -> Trial:
    """Raises ParamError, with the place in the parameters, and CrawlerError for the page."""
    crawler = registry.get(slug)
    checked = crawler.at_launch(crawler.check_settings(params), datetime.now(UTC))
    outcome = crawler.parse(response, request, crawler.prepare(checked))
    details = [follow for follow in outcome.follow if follow.label == DETAIL]
    rows = outcome.rows or [dict(detail.meta["row"]) for detail in details]
    onward = next((follow.url for follow in outcome.follow if follow.label != DETAIL), None)
    return Trial(
        columns=_columns(crawler, checked, outcome, rows),
        rows=rows,
        notes=list(outcome.notes),
        next=onward,
        details=len(details),
        detail=details[0] if details else None,
    )


def _columns(crawler: Crawler, checked: Params, outcome: Outcome, rows: list[Row]) -> list[str]:
    """Those that the settings name; of half-built rows, or where the settings leave it to the
    page, those that there are."""
    named = [column.name for column in crawler.result_columns(checked)]
    if named and (outcome.rows or not rows):
        return named
    there = dict.fromkeys(name for row in rows for name in row)
    return [name for name in named if name in there] or list(there)
