"""Lists are told page by page, in one envelope. A page or size that is out of range is brought into
it; a page past the end is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Schema

T = TypeVar("T")

PER_PAGE = 50
MOST_PER_PAGE = 100
LAST_PAGE = 1_000_000
"""Far past any list; larger numbers are taken for it, so that no database is asked for them."""


class Paging(Schema):
    """The query of a list. ``page_size`` is another name of ``limit``, which some clients use."""

    page: int = Field(1, description="From 1.")
    limit: int | None = Field(None, description=f"Up to {MOST_PER_PAGE}; {PER_PAGE} without it.")
    page_size: int | None = Field(None, description="Another name of limit.")

    @property
    def number(self) -> int:
        return min(max(self.page, 1), LAST_PAGE)

    @property
    def size(self) -> int:
        wanted = self.limit if self.limit is not None else self.page_size
        return min(max(wanted, 1), MOST_PER_PAGE) if wanted is not None else PER_PAGE

    @property
    def start(self) -> int:
        """How many items lie before the page."""
        return (self.number - 1) * self.size

    @property
    def end(self) -> int:
        return self.start + self.size


class Page(Schema, Generic[T]):
    total_results: int
    limit: int
    page: int
    total_pages: int
    result_from: int
    result_to: int
    data: list[T]
    next: str | None
    previous: str | None


def page_of(
    request: HttpRequest, paging: Paging, total: int, data: Sequence[Any]
) -> dict[str, Any]:
    """The envelope of the page that ``data`` is, of ``total`` items. ``next`` and ``previous`` are
    whole addresses at the host that was asked."""
    pages = max(-(-total // paging.size), 1)
    return {
        "total_results": total,
        "limit": paging.size,
        "page": paging.number,
        "total_pages": pages,
        "result_from": paging.start + 1 if data else 0,
        "result_to": paging.start + len(data) if data else 0,
        "data": data,
        "next": _address(request, paging.number + 1) if paging.number < pages else None,
        "previous": _address(request, paging.number - 1) if paging.number > 1 else None,
    }


def listed(request: HttpRequest, paging: Paging, found: QuerySet[Any], tell: Any) -> dict[str, Any]:
    """The page of a query in its order, each item as ``tell`` has it."""
    total = found.count()
    items = found[paging.start : paging.end] if paging.start < total else []
    return page_of(request, paging, total, [tell(item) for item in items])


def _address(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
