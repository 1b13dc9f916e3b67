"""What a crawler is: data and pure functions, no network, no Django.

The engine fetches; a crawler says where to start and reads what came back. So a crawler can be
tested without a network, resumed from JSON and replayed.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Literal

from squids.crawlers.params import (
    MissingParam,
    Param,
    ParamError,
    Params,
    UnknownParam,
    clean,
)

Row = dict[str, Any]
ColumnType = Literal["string", "integer", "float", "boolean", "text", "json"]
Kind = Literal["http", "browser", "dns"]
Level = Literal["info", "warning", "error"]
Icon = Literal["article", "braces", "cart", "contact", "feed", "globe", "link", "puzzle", "sitemap"]
"""Names of the drawings in ``templates/_icons.html``."""

__all__ = [
    "FAILURE",
    "AccountError",
    "AccountType",
    "BadInput",
    "BadPage",
    "Column",
    "ColumnType",
    "CookiesExpired",
    "Crawler",
    "CrawlerError",
    "DailyLimit",
    "Function",
    "Icon",
    "Kind",
    "Level",
    "MissingParam",
    "Outcome",
    "Param",
    "ParamError",
    "Params",
    "Request",
    "Response",
    "Row",
    "UnknownParam",
    "Usage",
    "WrongCredentials",
    "canonical",
]


FAILURE = 0
"""Accepts that a page cannot be had, once trying again was of no use: see `Response`."""


@dataclass(frozen=True, slots=True)
class Request:
    """One page to fetch. Turns into JSON and back without loss.

    ``label`` names the parse step that gets the response, ``meta`` (JSON values only) travels with
    it, ``accept`` lists the statuses past 2xx that ``parse`` wants to see; with ``FAILURE`` among
    them it also sees, in place of a page that cannot be had, why not. Within a task a request
    with the fingerprint of an earlier one is dropped; ``variant`` keeps two apart that ask for the
    same page on behalf of different rows. Of a task's requests with this label no more than
    ``most`` are kept, the first ones found; 0: any number. ``patience`` is how many seconds it
    waits for a host that asks to be left alone, and then it is tried only twice; 0: as long as it
    takes.

    A ``kind`` of ``dns`` asks the resolver: the URL is ``dns:example.com?type=MX`` (or A, AAAA,
    TXT), the body of the answer a JSON list of texts as zone files write them, and the status 200,
    404 where there is no such name, or 503 where its servers give no answer. ``browser`` has a real
    browser draw the page first, until ``wait_for`` (a CSS selector) is on it; the body is then the
    drawn page.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    label: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    accept: tuple[int, ...] = ()
    kind: Kind = "http"
    variant: str = ""
    most: int = 0
    patience: float = 0.0
    wait_for: str = ""

    @property
    def fingerprint(self) -> str:
        """32 hex digits over method, URL, body, label, kind and variant."""
        parts = (self.method, self.url, self.body or "", self.label, self.kind, self.variant)
        return hashlib.blake2b(
            "\0".join(parts).encode("utf-8", "replace"), digest_size=16
        ).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Only what differs from the defaults, ready for JSON."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value != _DEFAULTS[name]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Request:
        return cls(**{**data, "accept": tuple(data.get("accept", ()))})


_DEFAULTS: dict[str, Any] = {name: getattr(Request(""), name) for name in Request.__slots__}
_DEFAULTS["url"] = None  # always told


@dataclass(frozen=True)
class Response:
    """What the engine fetched. ``headers`` has lower-case names; ``body`` is decompressed.

    ``url`` is the final address, ``history`` the (status, url) of each redirect on the way,
    ``encoding`` the charset found by header, BOM, markup or detection.

    ``failure`` is empty but where a request that accepts ``FAILURE`` failed: then a slug such as
    ``timeout`` or ``robots_denied``; the body tells it in words, and the status is that of the
    answer, or 0 where there was none.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    encoding: str = "utf-8"
    history: tuple[tuple[int, str], ...] = ()
    elapsed: float = 0.0
    failure: str = ""

    @cached_property
    def text(self) -> str:
        """The body decoded, U+FFFD for what cannot be; as UTF-8 where the charset is of no use."""
        try:
            return self.body.decode(self.encoding, "replace")
        except (LookupError, ValueError):  # some codecs, such as idna, can only be strict
            return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Usage:
    """How often a function was tried on a page and how often it found something.

    ``rows`` are the places, from 0, of the rows of this `Outcome` in which it did; so that it is
    not paid for one that is a duplicate, or left out. None: nobody knows, and of the hits no more
    are paid than there are new rows.
    """

    attempts: int
    hits: int
    rows: tuple[int, ...] | None = None

    @classmethod
    def found(cls, attempts: int, rows: Iterable[int]) -> Usage:
        """Hits in these rows."""
        places = tuple(rows)
        return cls(attempts, len(places), places)


@dataclass(slots=True)
class Outcome:
    """What a page gave: rows in page order, requests to follow, notes for the console.

    ``functions`` counts the paid functions used; ``total_expected`` is the site's own count of
    rows for the task, where it says one; ``stop`` ends the task early, with its reason.
    ``last_page`` says that the crawler saw the end of the paging, ``too_old`` that it came to items
    older than were asked for: the task still does what it has queued, and ends for that reason.
    """

    rows: list[Row] = field(default_factory=list)
    follow: list[Request] = field(default_factory=list)
    notes: list[tuple[Level, str]] = field(default_factory=list)
    functions: dict[str, Usage] = field(default_factory=dict)
    total_expected: int | None = None
    stop: str | None = None
    last_page: bool = False
    too_old: bool = False


class CrawlerError(Exception):
    """A page or an input the crawler cannot work with; fails the task, never the run."""

    def __init__(self, message: str, url: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.url = url


class BadInput(CrawlerError):
    """The task's own values cannot work."""


class BadPage(CrawlerError):
    """The page is not what was expected (not HTML, empty, unreadable)."""


class AccountError(CrawlerError):
    """The page shows that the account it was fetched with is no good any more."""


class CookiesExpired(AccountError):
    """The session has ended; the person has to sign in again."""


class WrongCredentials(AccountError):
    """The site refuses the account itself."""


@dataclass(frozen=True, slots=True)
class Function:
    """An optional paid step. ``rate`` is in thousandths of a credit, per row where it hit."""

    name: str
    label: str
    rate: int
    default: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class DailyLimit:
    """How many pages of some kind an account reads a day. ``labels`` are the request labels that
    count; none: every page does."""

    name: str
    label: str
    most: int
    labels: tuple[str, ...] = ()

    def counts(self, label: str | None) -> bool:
        """Whether a page of this label counts; of one that is not known, only where all do."""
        return not self.labels or label in self.labels


@dataclass(frozen=True, slots=True)
class AccountType:
    """A login a crawler works with, given as cookies. ``domain`` is where they belong (empty: any
    site), ``cookies`` the names it cannot do without (none: whatever the session has). After
    ``batch`` pages it rests for ``batch_hours``; 0: it has no batches."""

    slug: str
    name: str
    domain: str = ""
    cookies: tuple[str, ...] = ()
    limits: tuple[DailyLimit, ...] = ()
    batch: int = 0
    batch_hours: float = 0.0
    help: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: ColumnType = "string"
    example: str = ""
    description: str = ""


class Crawler(ABC):
    """Subclass, declare, and register under the entry point group ``lobstr.crawlers``."""

    slug: ClassVar[str]
    """Lower case with at least one hyphen; the crawler's lasting name."""
    name: ClassVar[str]
    version: ClassVar[str] = "1"
    description: ClassVar[str] = ""
    icon: ClassVar[Icon] = "puzzle"
    task_params: ClassVar[Sequence[Param]] = ()
    squid_params: ClassVar[Sequence[Param]] = ()
    functions: ClassVar[Sequence[Function]] = ()
    columns: ClassVar[Sequence[Column]] = ()
    unique_by: ClassVar[Sequence[str]] = ()
    """Fields that identify a row; none: the whole row does."""
    credits_per_row: ClassVar[int] = 1000
    """Thousandths of a credit."""
    max_concurrency: ClassVar[int] = 20
    account_type: ClassVar[AccountType | None] = None

    @property
    def id(self) -> str:
        """32 hex digits, derived from the slug unless a subclass declares its own."""
        return hashlib.blake2b(self.slug.encode(), digest_size=16).hexdigest()

    def check_settings(self, params: Params) -> dict[str, Any]:
        """The squid's parameters, cleaned, defaults filled in. Raises ParamError."""
        return clean(self.squid_params, params)

    def check_task(self, params: Params) -> dict[str, Any]:
        """A task's parameters, cleaned. Raises ParamError."""
        return clean(self.task_params, params)

    def at_launch(self, params: Params, now: datetime) -> dict[str, Any]:
        """The checked parameters as a run keeps them: what is meant relative to now made fast, so
        that a run that pauses does not drift. Raises ParamError."""
        return dict(params)

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Any:
        """Checked squid parameters, and the names of the functions that are switched on, compiled
        once per run; passed to start and parse."""
        return params

    def needs_account(self, params: Params) -> bool:
        """Whether a run under these settings cannot do without an account."""
        return self.account_type is not None

    def unique_fields(self, params: Params) -> Sequence[str]:
        """The identifying fields under these settings."""
        return self.unique_by

    def result_columns(self, params: Params) -> Sequence[Column]:
        """The columns under these settings, in order."""
        return self.columns

    @abstractmethod
    def start(self, task: Params, settings: Any) -> list[Request]:
        """The first requests of a task. Raises BadInput."""

    @abstractmethod
    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        """Rows and follow-ups of one page; pure. Raises BadPage, BadInput; all else is a bug."""


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
