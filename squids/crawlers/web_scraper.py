"""Rows from any HTML page, as a recipe says; without one, a row about each page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from squids.crawlers import recipe as recipes
from squids.crawlers import rendering, since
from squids.crawlers.html_page import html_text
from squids.crawlers.interface import (
    AccountType,
    BadPage,
    Column,
    CookiesExpired,
    Crawler,
    DailyLimit,
    Outcome,
    Param,
    ParamError,
    Params,
    Request,
    Response,
    Row,
    WrongCredentials,
)
from squids.crawlers.page_summary import SUMMARY_COLUMNS, summary
from squids.crawlers.params import MAX_RESULTS
from squids.crawlers.prepared import PageReader, Prepared, prepare
from squids.crawlers.recipe import Field, Recipe
from squids.crawlers.selectors import SelectorError
from squids.crawlers.since import Since
from squids.crawlers.values import COLUMN_TYPES, page_address

LIST, DETAIL = "list", "detail"
UNAUTHORIZED, FORBIDDEN = 401, 403
WEB_SESSION = AccountType(
    slug="web-session",
    name="Signed-in session of any site",
    limits=(DailyLimit("pages", "Pages a day", 20_000),),
    batch=1_000,
    batch_hours=0.25,
    help="The cookies of a browser that is signed in at the site which the recipe reads.",
)
_NEEDS_DATE = (
    "The recipe must name the field that tells how old a row is, one of type date:"
    ' {…, "date": "posted"}.'
)


class WebScraper(Crawler):
    """A task is the address of a page, or of the first of a chain of listing pages."""

    slug = "web-scraper"
    name = "Web scraper"
    description = "Rows from any web page by CSS or XPath, next pages and detail pages included."
    icon = "globe"
    task_params = (
        Param(
            "url",
            "url",
            label="URL",
            help="The page to read, or the first of its listing pages.",
            required=True,
            example="https://example.com/products/",
        ),
    )
    squid_params = (
        Param(
            "recipe",
            "json",
            label="Recipe",
            help="What to take from a page, in JSON. Without one: a row about each page.",
            example='{"rows": "article", "fields": {"title": "h2", "link": "a::attr(href)"}}',
        ),
        Param(
            "max_pages",
            "integer",
            label="Listing pages per task",
            help="How many listing pages of a task to read at most, so that no chain is endless.",
            default=10_000,
            minimum=1,
        ),
        MAX_RESULTS,
        *since.PARAMS,
        *rendering.PARAMS,
    )
    columns = SUMMARY_COLUMNS
    max_concurrency = 64
    account_type = WEB_SESSION

    def check_settings(self, params: Params) -> dict[str, Any]:
        cleaned = super().check_settings(params)
        recipe = _recipe(cleaned)
        if recipe:
            prepare(recipe)
        rendering.check(cleaned)
        since.check(cleaned)
        if since.SINCE in cleaned and (recipe is None or recipe.date is None):
            raise ParamError(since.SINCE, _NEEDS_DATE)
        return cleaned

    def at_launch(self, params: Params, now: datetime) -> dict[str, Any]:
        return since.freeze(params, now)

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        return Settings(params)

    def needs_account(self, params: Params) -> bool:
        """Where the recipe says how a page looks without one."""
        recipe = _recipe(params)
        return recipe is not None and recipe.needs_session

    def unique_fields(self, params: Params) -> Sequence[str]:
        recipe = _recipe(params)
        return recipe.unique_by if recipe else self.unique_by

    def result_columns(self, params: Params) -> Sequence[Column]:
        recipe = _recipe(params)
        return [_column(field) for field in recipe.all_fields] if recipe else self.columns

    def start(self, task: Params, settings: Settings) -> list[Request]:
        return [settings.drawing.of(Request(task["url"], label=LIST, accept=settings.accept))]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        if response.status == UNAUTHORIZED:
            raise CookiesExpired("The site answered 401 Unauthorized.", response.url)
        text = html_text(response)
        prepared = settings.prepared
        if prepared is None:
            return Outcome([summary(text, response)])
        try:
            if request.label == DETAIL:
                return _detail_page(prepared, settings.since, text, response, request)
            listing = _Listing(prepared, settings.since, text, response, request)
            outcome = listing.read(settings.max_pages)
            outcome.follow = [settings.drawing.of(asked) for asked in outcome.follow]
            return outcome
        except SelectorError as error:
            raise BadPage(str(error), response.url) from error


class Settings:
    """The squid's parameters, ready for use on every page of a run."""

    def __init__(self, params: Params) -> None:
        recipe = _recipe(params)
        self.prepared = prepare(recipe) if recipe else None
        self.max_pages: int | None = params.get("max_pages")
        self.since = since.read(params)
        self.accept = _accepted(recipe)
        self.drawing = rendering.read(params)


class _Listing:
    """One listing page: its rows, or a request for the detail page of each, and the next page."""

    def __init__(
        self,
        prepared: Prepared,
        line: Since | None,
        text: str,
        response: Response,
        request: Request,
    ) -> None:
        self.prepared = prepared
        self.line = line
        self.root, self.base = _open(prepared.listing, text, response)
        self.url = response.url
        self.addresses = {page_address(response.url), page_address(request.url)}
        self.number = int(request.meta.get("page", 1))
        self.accept = _accepted(prepared.recipe)
        self.outcome = Outcome()
        self.dropped: Counter[str] = Counter()
        self.older = 0
        self.ends_older = False
        """Whether the last row that has a date is too old."""

    def read(self, max_pages: int | None) -> Outcome:
        nodes = self.prepared.rows(self.root) if self.prepared.rows else [self.root]
        for index, node in enumerate(nodes):
            self._take(index, node)
        self._mark_last()
        self._note(len(nodes))
        self._turn_page(len(nodes), max_pages)
        return self.outcome

    def _take(self, index: int, node: Any) -> None:
        if isinstance(node, str):
            raise BadPage("“rows” must find elements, and found text or a number.", self.url)
        row = self.prepared.listing.row(node, self.base)
        missing = self.prepared.listing.missing(row)
        if self._is_too_old(row):
            self.older += 1
        elif missing:
            self.dropped[missing.name] += 1
        elif self.prepared.detail and self.prepared.detail_link:
            self._send_on(index, row, self.prepared.detail_link(node, self.base))
        else:
            self.outcome.rows.append(row)

    def _is_too_old(self, row: Row) -> bool:
        posted = row.get(self.prepared.recipe.date or "")
        if self.line is None or posted is None:
            return False
        self.ends_older = self.line.is_older(posted)
        return self.ends_older

    def _send_on(self, index: int, row: Row, link: str | None) -> None:
        """Ask for the row's detail page; its place keeps it apart from others that share one."""
        if link:
            place = f"{self.number}.{index}"
            meta = {"row": row}
            request = Request(
                page_address(link), label=DETAIL, meta=meta, accept=self.accept, variant=place
            )
            self.outcome.follow.append(request)
        else:
            self._without_detail(row)

    def _mark_last(self) -> None:
        """Where only the detail pages have dates, the last one tells whether to go on."""
        if self.line and self.outcome.follow:
            last = self.outcome.follow[-1]
            self.outcome.follow[-1] = replace(last, meta={**last.meta, "last": True})

    def _without_detail(self, row: Row) -> None:
        assert self.prepared.detail is not None
        row |= {field.name: None for field, _ in self.prepared.detail.fields}
        missing = self.prepared.detail.missing(row)
        if missing:
            self.dropped[missing.name] += 1
        else:
            self.outcome.rows.append(row)

    def _turn_page(self, found: int, max_pages: int | None) -> None:
        link = self.prepared.next_link and self.prepared.next_link(self.root, self.base)
        if self.ends_older and link:
            self.outcome.too_old = True
        elif self._is_past_the_end(found, link):
            self.outcome.last_page = True
        elif link and max_pages is not None and self.number >= max_pages:
            text = f"The limit of {max_pages:,} listing pages is reached; the chain goes on"
            self.outcome.notes.append(("info", text))
        elif link:
            meta = {"page": self.number + 1}
            request = Request(page_address(link), label=LIST, meta=meta, accept=self.accept)
            self.outcome.follow.append(request)

    def _is_past_the_end(self, found: int, link: str | None) -> bool:
        """Two signs that the paging goes on although the listing does not: a page that the link to
        the next one led to has no rows, or its own such link leads to itself."""
        if self.number == 1:
            return False
        empty = self.prepared.rows is not None and not found
        return empty or (link is not None and page_address(link) in self.addresses)

    def _note(self, found: int) -> None:
        rows = self.prepared.recipe.rows
        if rows and not found and self.number == 1:
            self.outcome.notes.append(("warning", f"No rows: nothing matches “{rows.source}”"))
        if self.older:
            text = f"{self.older} of {found} rows left out: older than {self.line}"
            self.outcome.notes.append(("info", text))
        for name, count in self.dropped.items():
            text = f"{count} of {found} rows dropped: no “{name}”, which is required"
            self.outcome.notes.append(("warning", text))


def _detail_page(
    prepared: Prepared, line: Since | None, text: str, response: Response, request: Request
) -> Outcome:
    assert prepared.detail is not None
    root, base = _open(prepared.detail, text, response)
    row = {**request.meta["row"], **prepared.detail.row(root, base)}
    if line and line.is_older(row.get(prepared.recipe.date or "")):
        return _older_row(line, last=bool(request.meta.get("last")))
    missing = prepared.detail.missing(row)
    if missing is None:
        return Outcome([row])
    return Outcome(
        notes=[("warning", f"A row dropped: its page has no “{missing.name}”, which is required")]
    )


def _older_row(line: Since, *, last: bool) -> Outcome:
    """A row left out; the last of its listing page ends the task before the next one is read."""
    outcome = Outcome(notes=[("info", f"A row left out: older than {line}")], too_old=last)
    outcome.stop = "older rows were reached" if last else None
    return outcome


def _open(reader: PageReader, text: str, response: Response) -> tuple[Any, str]:
    try:
        root, base = reader.open(text, response.url)
    except ValueError as error:
        raise BadPage(f"The page cannot be read as HTML: {error}.", response.url) from error
    _check_session(reader, root, response)
    return root, base


def _check_session(reader: PageReader, root: Any, response: Response) -> None:
    if reader.blocked and reader.blocked(root):
        raise WrongCredentials("The page says that the account is blocked.", response.url)
    if reader.signed_out and reader.signed_out(root):
        raise CookiesExpired("The page says that nobody is signed in.", response.url)
    if response.status == FORBIDDEN:
        raise BadPage("The site answered 403 Forbidden.", response.url)


def _recipe(params: Params) -> Recipe | None:
    given = params.get("recipe")
    return None if given is None else recipes.read(given)


def _accepted(recipe: Recipe | None) -> tuple[int, ...]:
    """Answers that tell about the session."""
    return (UNAUTHORIZED, FORBIDDEN) if recipe and recipe.needs_session else ()


def _column(field: Field) -> Column:
    return Column(field.name, "json" if field.many else COLUMN_TYPES[field.type])
