"""An article from any page: its text without what stands around it, and who wrote it when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from squids.crawlers import rendering
from squids.crawlers.html_page import html_text
from squids.crawlers.interface import (
    BadPage,
    Column,
    Crawler,
    Outcome,
    Param,
    Params,
    Request,
    Response,
)
from squids.crawlers.nesting import check_nesting
from squids.crawlers.rendering import Drawing
from squids.crawlers.values import page_address

if TYPE_CHECKING:
    from squids.crawlers.article.reading import Reader

LONGEST = 3_000_000
"""Characters of a page."""
MOST_TAGS = 50_000
"""A tag costs 30 µs, one that is not closed 110, so a page takes a few seconds at most."""
_COMMENTS = Column("comments", "text", "Well written.", "What readers wrote below it")


@dataclass(frozen=True, slots=True)
class Settings:
    """The squid's parameters, ready for use on every page of a run."""

    reader: Reader
    drawing: Drawing


class ArticleScraper(Crawler):
    """A task is the address of an article."""

    slug = "article-scraper"
    name = "Article scraper"
    description = "Text, title, author and date of news, blog posts and documents, without menus,"
    description += " advertisements and footers."
    icon = "article"
    task_params = (
        Param(
            "url",
            "url",
            label="URL",
            help="The article's page.",
            required=True,
            example="https://news.example.com/2025/06/lighthouse-reopens",
        ),
    )
    squid_params = (
        Param(
            "format",
            "choice",
            label="Text as",
            help="Plain text, or Markdown with headings, emphasis and links.",
            default="text",
            allowed=("text", "markdown"),
        ),
        Param(
            "comments",
            "boolean",
            label="Comments",
            help="Also take what readers wrote below the article.",
            default=False,
        ),
        *rendering.PARAMS,
    )
    columns = (
        Column("title", example="Lighthouse reopens"),
        Column("author", example="Ada Reyes; Jon Berg", description="Several set apart by ;"),
        Column("date", example="2025-06-03", description="When it was published, ISO 8601"),
        Column("language", example="en", description="As the page names it"),
        Column("text", "text", "After two years of work the lighthouse…", "The article's own text"),
        Column("sitename", example="Coast Herald", description="Of the site, else its host"),
        Column("description", "text", "Visitors may climb it again.", "The page's own summary"),
        Column("image", example="https://news.example.com/tower.jpg", description="Main picture"),
        Column("tags", "json", '["coast", "history"]', "Sections and keywords"),
        Column("url", example="https://news.example.com/2025/06/lighthouse-reopens"),
        Column("word_count", "integer", "412", "Of the text, by white space"),
    )
    unique_by = ("url",)
    max_concurrency = 64

    def check_settings(self, params: Params) -> dict[str, Any]:
        cleaned = super().check_settings(params)
        rendering.check(cleaned)
        return cleaned

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        # Loading it takes half a second, which the runs of other crawlers need not wait for.
        from squids.crawlers.article.reading import Reader

        reader = Reader(params["format"] == "markdown", params["comments"])
        return Settings(reader, rendering.read(params))

    def result_columns(self, params: Params) -> Sequence[Column]:
        return [*self.columns, _COMMENTS] if params.get("comments") else self.columns

    def start(self, task: Params, settings: Settings) -> list[Request]:
        return [settings.drawing.of(Request(page_address(task["url"])))]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        text = html_text(response, LONGEST).replace("\0", "")
        _check_size(text, response.url)
        row = settings.reader.read(text, response)
        if row is None:
            return Outcome(notes=[("warning", "No article: the page has no text of its own")])
        return Outcome([row])


def _check_size(text: str, url: str) -> None:
    if (tags := text.count("<")) > MOST_TAGS:
        size = f"{tags:,} tags; at most {MOST_TAGS:,} are read"
        raise BadPage(f"The page is too large ({size}).", url)
    try:
        check_nesting(text)
    except ValueError as error:
        raise BadPage(f"The page cannot be read as HTML: {error}.", url) from error
