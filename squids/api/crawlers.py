"""``/crawlers``: what can be run, with which parameters, and what comes out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from ninja import Field, Query, Router, Schema

from runs import pace
from squids import account_types
from squids.access import crawler_by
from squids.actions.squids import RUN_LIMIT
from squids.api.caller import Caller
from squids.api.paging import Page, Paging, listed
from squids.api.schema import answers, credits_of
from squids.crawlers import registry
from squids.crawlers.interface import AccountType, Column, ColumnType, Function, Param
from squids.crawlers.interface import Crawler as Code
from squids.models import Crawler

router = Router(tags=["Crawlers"])

ValueType = Literal["string", "text", "integer", "boolean", "json"]
VALUE_TYPES: dict[str, ValueType] = {"url": "string", "choice": "string"}
"""Of the parameters' types, those that have another name on the wire."""


class CookieOut(Schema):
    name: str
    required: bool


class AccountNeeded(Schema):
    """The type of account that a crawler cannot do without."""

    type: str
    baseurl: str
    cookies: list[CookieOut]
    icon: str | None


class CrawlerOut(Schema):
    id: str
    object: Literal["crawler"]
    name: str
    slug: str
    description: str
    icon: str = Field(description="The address of a drawing, in SVG.")
    is_public: bool
    is_premium: bool
    is_available: bool
    has_issues: bool = Field(description="It cannot be launched until an operator says so.")
    max_concurrency: int
    credits_per_row: int | float
    credits_per_email: int | float | None
    has_email_verification: bool
    rank: int | None
    account: AccountNeeded | None = Field(description="Null also where it can do without.")
    optional_account: str | None = Field(
        description="The type of account it may be given where it can do without."
    )


class InputOut(Schema):
    """A parameter or a function. What is absent does not apply."""

    name: str
    level: Literal["task", "squid"]
    type: ValueType
    required: bool = Field(description="It has no default, and must be given.")
    default: Any
    description: str
    is_params: bool
    is_details: bool
    function: bool
    regex: str = ""
    example: str = ""
    allowed: list[str] = []
    min: int = 0
    max: int = 0
    credits_per_function: int | float = 0


class WorkerStats(Schema):
    """Of its runs lately: the part that the crawler did not fail, rows per minute and instance."""

    success_ratio: float
    min_rate_per_worker: float
    max_rate_per_worker: float


class CrawlerDetail(CrawlerOut):
    input: list[InputOut]
    result: list[str]
    default_worker_stats: WorkerStats | None
    email_worker_stats: WorkerStats | None


class ParamOut(Schema):
    type: ValueType
    required: bool
    default: Any
    attribute: str
    is_params: bool
    description: str
    regex: str = ""
    allowed: list[str] = []
    min: int = 0
    max: int = 0


class FunctionOut(Schema):
    sort: int
    default: bool
    credits_per_function: int | float
    description: str


class ParamsOut(Schema):
    task: dict[str, ParamOut]
    squid: dict[str, ParamOut | dict[str, FunctionOut]] = Field(
        description="Parameters, and under functions what can be switched on for more credits."
    )


class AttributeOut(Schema):
    name: str
    type: ColumnType
    example: Any = Field(description="A value of the type, or null.")
    function: str
    is_main: bool
    description: str


class AttributesOut(Schema):
    data: list[AttributeOut]


@router.get("/crawlers", response=answers(Page[CrawlerOut]), summary="The installed crawlers")
def crawlers(request: Caller, paging: Query[Paging]) -> dict[str, Any]:
    found = Crawler.objects.filter(slug__in=registry.all()).order_by("name", "slug")
    return listed(request, paging, found, _crawler)


@router.get(
    "/crawlers/{uid}", response=answers(CrawlerDetail), exclude_unset=True, summary="One crawler"
)
def crawler(request: Caller, uid: str) -> dict[str, Any]:
    found = crawler_by(uid)
    code, recent = found.code, pace.pace(found)
    return _crawler(found) | {
        "input": _inputs(code),
        "result": [column.name for column in code.columns],
        "default_worker_stats": recent
        and {
            "success_ratio": recent.success,
            "min_rate_per_worker": recent.slowest,
            "max_rate_per_worker": recent.quickest,
        },
        "email_worker_stats": None,
    }


@router.get(
    "/crawlers/{uid}/params",
    response=answers(ParamsOut),
    exclude_unset=True,
    summary="A crawler's parameters and functions",
)
def params(request: Caller, uid: str) -> dict[str, Any]:
    code = crawler_by(uid).code
    squid: dict[str, Any] = {param.name: _param(param, "squid") for param in _squid_params(code)}
    functions = {f.name: _function(f, n) for n, f in enumerate(code.functions)}
    task = {param.name: _param(param, "task") for param in code.task_params}
    return {"task": task, "squid": squid | {"functions": functions}}


@router.get(
    "/crawlers/{uid}/attributes",
    auth=None,
    response=answers(AttributesOut),
    summary="The columns of a crawler's results; no key is needed",
)
def attributes(request: HttpRequest, uid: str) -> dict[str, Any]:
    columns = crawler_by(uid).code.columns
    main = {"function": "Main", "is_main": True}
    return {"data": [asdict(c) | main | {"example": _example(c)} for c in columns]}


def _example(column: Column) -> Any:
    """Declared as text, it is told as the value that a result has."""
    if column.type in ("string", "text"):
        return column.example or None
    try:
        return json.loads(column.example or "null", parse_constant=str)
    except ValueError:
        return column.example


def cookies_of_type(kind: AccountType) -> list[dict[str, Any]]:
    """The names that an account of the type cannot do without; none: whatever there is."""
    return [{"name": name, "required": True} for name in kind.cookies]


def _crawler(row: Crawler) -> dict[str, Any]:
    code = row.code
    # Clients that are told of an account refuse to go on without one.
    kind, needed = code.account_type, account_types.is_needed(code)
    return {
        "id": row.uid,
        "object": "crawler",
        "name": row.name,
        "slug": row.slug,
        "description": row.description,
        "icon": settings.SITE_URL + static(f"crawlers/{row.icon}.svg"),
        "is_public": True,
        "is_premium": False,
        "is_available": row.is_available,
        "has_issues": row.has_problem,
        "max_concurrency": code.max_concurrency,
        "credits_per_row": credits_of(code.credits_per_row),
        "credits_per_email": None,
        "has_email_verification": False,
        "rank": None,
        "account": _needed(kind) if kind and needed else None,
        "optional_account": kind.slug if kind and not needed else None,
    }


def _needed(kind: AccountType) -> dict[str, Any]:
    return {
        "type": kind.slug,
        "baseurl": account_types.address(kind.domain),
        "cookies": cookies_of_type(kind),
        "icon": None,
    }


def _squid_params(code: Code) -> list[Param]:
    declared = {param.name for param in code.squid_params}
    return [*code.squid_params, *([] if RUN_LIMIT.name in declared else [RUN_LIMIT])]


def _inputs(code: Code) -> list[dict[str, Any]]:
    """The task's parameters, the squid's, and the functions, as one list."""
    return [
        *(_input(param, "task") for param in code.task_params),
        *(_input(param, "squid") for param in _squid_params(code)),
        *(_function_input(function) for function in code.functions),
    ]


def _input(param: Param, level: str) -> dict[str, Any]:
    told = _param(param, level) | {"name": param.name, "level": level, "function": False}
    del told["attribute"]
    told |= {"is_details": level == "squid"}
    return told | ({"example": param.example} if param.example else {})


def _function_input(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "level": "squid",
        "type": "boolean",
        "required": False,
        "default": function.default,
        "description": function.help or function.label,
        "is_params": False,
        "is_details": True,
        "function": True,
        "credits_per_function": credits_of(function.rate),
    }


def _param(param: Param, level: str) -> dict[str, Any]:
    """What does not apply is left out, as clients print what is there."""
    bounds: dict[str, Any] = {"regex": param.pattern, "allowed": list(param.allowed)}
    bounds |= {"min": param.minimum, "max": param.maximum}
    return {
        "type": VALUE_TYPES.get(param.type, param.type),
        "required": param.required and param.default is None,
        "default": param.default,
        "attribute": param.name,
        "is_params": level == "task" and param.name != "url",
        "description": param.help or param.label,
    } | {name: value for name, value in bounds.items() if value not in (None, "", [])}


def _function(function: Function, place: int) -> dict[str, Any]:
    return {
        "sort": place,
        "default": function.default,
        "credits_per_function": credits_of(function.rate),
        "description": function.help or function.label,
    }
