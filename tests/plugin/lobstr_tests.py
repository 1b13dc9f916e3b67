"""Crawlers of the tests: the demo shop's listings, and two that misbehave where they are told."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from squids.crawlers.interface import (
    BadInput,
    Column,
    Crawler,
    Function,
    Outcome,
    Param,
    Params,
    Request,
    Response,
    Usage,
)


class Shop(Crawler):
    """Listing pages of the demo shop, from one to the last."""

    slug = "test-shop"
    name = "Test shop"
    task_params = (Param("url", "url", required=True),)
    squid_params = (
        Param("max_results", "integer", minimum=1),
        Param("mended", "string"),
    )
    columns = (Column("sku"), Column("title"), Column("price"))
    unique_by = ("sku",)
    max_concurrency = 64

    def start(self, task: Params, settings: Any) -> list[Request]:
        if "refuse" in task["url"]:
            raise BadInput("this address is refused", task["url"])
        return [Request(task["url"])]

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        tree = LexborHTMLParser(response.body)
        rows = []
        for node in tree.css("article.product"):
            title, price = node.css_first("a.title"), node.css_first(".price")
            rows.append(
                {
                    "sku": node.attributes["data-sku"],
                    "title": title.text() if title else None,
                    "price": price.text() if price else None,
                }
            )
        onward = tree.css_first("a[rel=next]")
        href = onward.attributes.get("href") if onward else None
        return Outcome(rows, [Request(urljoin(response.url, href))] if href else [])


class Weighing(Shop):
    """Has a function that finds something for each row."""

    slug = "test-weighing"
    name = "Test weighing"
    functions = (Function("weight", "Weight", 500, default=True),)

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        outcome = super().parse(response, request, settings)
        outcome.functions = {"weight": Usage(len(outcome.rows), len(outcome.rows))}
        return outcome


class Poison(Shop):
    """Ends its process on an address with ``poison`` in it."""

    slug = "test-poison"
    name = "Test poison"

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        if "poison" in request.url:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().parse(response, request, settings)


class Bug(Shop):
    """Raises on an address with ``bug`` in it, until the file that ``mended`` names exists."""

    slug = "test-bug"
    name = "Test bug"

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        if "bug" in request.url and not Path(settings["mended"]).exists():
            raise ZeroDivisionError("a bug of the crawler" + "\0" * ("nul" in request.url))
        return super().parse(response, request, settings)


class Boaster(Shop):
    """Says that there are more rows than any database counts."""

    slug = "test-boaster"
    name = "Test boaster"

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        outcome = super().parse(response, request, settings)
        outcome.total_expected = 3_000_000_000
        return outcome


class Priced(Shop):
    """Rows of half a credit, and a function of two that finds something on every third row."""

    slug = "test-priced"
    name = "Test priced"
    credits_per_row = 500
    functions = (Function("stars", "Stars", rate=2_000),)

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        outcome = super().parse(response, request, settings)
        found = len(outcome.rows) // 3
        outcome.functions = {"stars": Usage(len(outcome.rows), found)}
        return outcome


class Picky(Shop):
    """Gives each row twice; one function finds something in every third, and says in which."""

    slug = "test-picky"
    name = "Test picky"
    functions = (Function("stars", "Stars", rate=2_000), Function("weight", "Weight", rate=500))

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        outcome = super().parse(response, request, settings)
        outcome.rows += outcome.rows
        places = range(len(outcome.rows))
        outcome.functions = {
            "stars": Usage.found(len(places), places[::3]),
            "weight": Usage.found(len(places), places),
        }
        return outcome
