"""What the builder knows of each crawler's recipe: its texts, and what a field may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from squids.crawlers.json_api.recipe import FieldType as JsonType
from squids.crawlers.values import FIELD_TYPES


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of the recipe beside its fields; ``key`` is dotted. ``choices`` make it a list to
    choose from, ``whole`` a number. ``only`` are the ways of paging it belongs to."""

    key: str
    label: str
    help: str = ""
    placeholder: str = ""
    choices: tuple[str, ...] = ()
    whole: bool = False
    only: tuple[str, ...] = ()
    rare: bool = False

    @property
    def name(self) -> str:
        """Of its input."""
        return self.key.replace(".", "-")

    @property
    def is_detail(self) -> bool:
        """Whether it belongs to the page that a row leads to."""
        return self.key.startswith("detail.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A recipe's form. ``onward`` is the key that says how pages follow each other."""

    slug: str
    language: str
    entries: tuple[Entry, ...]
    types: tuple[str, ...]
    usual_type: str
    order: tuple[str, ...]
    onward: str
    has_many: bool = False
    has_detail: bool = False
    is_json: bool = False

    def entry(self, key: str) -> Entry:
        return next(entry for entry in self.entries if entry.key == key)


WEB = Kind(
    slug="web-scraper",
    language="CSS or XPath",
    entries=(
        Entry("rows", "Rows", "The elements that are rows. Empty: the page is one row.", "article"),
        Entry("next", "Next page", "The link to the next listing page.", "a[rel=next]::attr(href)"),
        Entry("detail.link", "Link", "Where a row's link to its own page stands.", "a::attr(href)"),
        Entry("date", "Date field", "The field of type date that tells a row's age.", rare=True),
        Entry("signed_out", "Signed out", "On pages once the session ended.", "#login", rare=True),
        Entry("blocked", "Blocked", "On pages that refuse the account.", ".banned", rare=True),
    ),
    types=FIELD_TYPES,
    usual_type="text",
    order=("rows", "fields", "detail", "next", "unique_by", "date", "signed_out", "blocked"),
    onward="next",
    has_many=True,
    has_detail=True,
)

_SIZED = ("page", "offset", "cursor")
JSON = Kind(
    slug="json-api-scraper",
    language="JMESPath",
    entries=(
        Entry("rows", "Rows", "The list of rows. Empty: the whole answer.", "data.items"),
        Entry("total", "Total", "Where the number of all rows stands.", "data.total", rare=True),
        Entry(
            "paging.by",
            "Pages by",
            "How a page leads to the next. Empty: one page a task.",
            choices=("page", "offset", "cursor", "next", "link"),
        ),
        Entry("paging.param", "Parameter", "Of the address.", "page", only=_SIZED),
        Entry("paging.first", "First", whole=True, only=("page", "offset")),
        Entry("paging.next", "Next", "Where it stands.", "next", only=("cursor", "next")),
        Entry("paging.pages", "Pages", "Where their number stands.", only=("page",)),
        Entry("paging.size_param", "Size parameter", "", "per_page", only=_SIZED),
        Entry("paging.size", "Size", whole=True, only=_SIZED),
    ),
    types=get_args(JsonType),
    usual_type="json",
    order=("rows", "fields", "paging", "total", "unique_by", "headers"),
    onward="paging",
    is_json=True,
)

KINDS = {kind.slug: kind for kind in (WEB, JSON)}
"""By the crawler's slug."""
