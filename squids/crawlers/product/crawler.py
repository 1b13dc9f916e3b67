"""Products of any shop, as its pages tell machines of them; from listings too."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from squids.crawlers import rendering
from squids.crawlers.html_page import html_text
from squids.crawlers.interface import (
    BadPage,
    Column,
    Crawler,
    Outcome,
    Param,
    ParamError,
    Params,
    Request,
    Response,
)
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.params import MAX_RESULTS
from squids.crawlers.product.page import products
from squids.crawlers.selectors import SelectorError, read
from squids.crawlers.values import absolute, page_address

LIST, PRODUCT = "list", "product"
LONGEST = 10_000_000
"""Characters of a page."""
MOST_TAGS = 500_000
"""An element takes 250 bytes of memory and more."""
Links = Callable[[Any, str], list[str]]


class ProductScraper(Crawler):
    """A task is the address of a product page, or of the first of a chain of listing pages."""

    slug = "product-scraper"
    name = "Product scraper"
    description = "Name, price, stock, brand and codes of the products of any shop that describes"
    description += " them by schema.org or OpenGraph."
    icon = "cart"
    task_params = (
        Param(
            "url",
            "url",
            label="URL",
            help="A product's page, or the first page of a listing.",
            required=True,
            example="https://shop.example.com/lamps/desk-lamp",
        ),
    )
    squid_params = (
        Param(
            "links",
            "string",
            label="Links to products",
            help="On a listing: a CSS selector of the links to the pages of its products. They are"
            " then read instead of the listing.",
            example="article.product h3 a",
        ),
        Param(
            "next",
            "string",
            label="Link to the next page",
            help="On a listing: a CSS selector of the link to its next page.",
            example="li.next a",
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
        *rendering.PARAMS,
    )
    columns = (
        Column("name", example="Desk lamp", description="What the product is called"),
        Column("price", "float", "39.9", "What is asked for now; of a range, the lowest"),
        Column("currency", example="EUR", description="ISO 4217"),
        Column("availability", example="InStock", description="In the words of schema.org"),
        Column("brand", example="Luxor", description="Brand, else manufacturer"),
        Column("sku", example="LX-100", description="The shop's own number"),
        Column("gtin", example="4006381333931", description="GTIN, EAN, UPC or ISBN"),
        Column("rating", "float", "4.5", "Average, on the site's own scale"),
        Column("review_count", "integer", "12", "Reviews, else ratings"),
        Column("image", example="https://shop.example.com/lamp.jpg", description="First picture"),
        Column(
            "url",
            example="https://shop.example.com/lamps/desk-lamp",
            description="The product's page",
        ),
        Column("description", "text", "Arm and shade of steel.", "Without markup"),
        Column("source", example="json-ld, opengraph", description="Where the page tells of it"),
    )
    unique_by = ("url", "sku", "name")
    max_concurrency = 64

    def check_settings(self, params: Params) -> dict[str, Any]:
        cleaned = super().check_settings(params)
        rendering.check(cleaned)
        Settings(cleaned)
        return cleaned

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        return Settings(params)

    def start(self, task: Params, settings: Settings) -> list[Request]:
        return [settings.drawing.of(Request(page_address(task["url"]), label=LIST))]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        text = html_text(response, LONGEST).replace("\0", "")
        if (tags := text.count("<")) > MOST_TAGS:
            size = f"{tags:,} tags; at most {MOST_TAGS:,} are read"
            raise BadPage(f"The page is too large ({size}).", response.url)
        try:
            root = Lexbor().parse(text)
        except ValueError as error:
            raise BadPage(f"The page cannot be read as HTML: {error}.", response.url) from error
        if request.label == PRODUCT or settings.links is None:
            found = products(root, text, response.url)
            outcome = Outcome(found.rows, notes=found.notes)
        else:
            outcome = _listed(settings.links(root, response.url), settings.links_source)
        if request.label == LIST:
            _turn_page(outcome, root, response, request, settings)
        outcome.follow = [settings.drawing.of(asked) for asked in outcome.follow]
        return outcome


class Settings:
    """The squid's parameters, its selectors compiled. Raises ParamError."""

    def __init__(self, params: Params) -> None:
        self.drawing = rendering.read(params)
        self.links_source: str = params.get("links", "")
        self.links = _compiled("links", params)
        self.next = _compiled("next", params)
        self.max_pages: int = params.get("max_pages", 10_000)


def _compiled(name: str, params: Params) -> Links | None:
    """From a page and its address to the links that a selector finds, each once."""
    if not params.get(name):
        return None
    try:
        selector = read(params[name])
        if selector.language != "css":
            raise ParamError(name, "This must be a CSS selector.")
        if selector.take == "whole":
            selector = replace(selector, take="link")
        every = Lexbor().every_text(selector)
        base_of = Lexbor().first_text(read("base[href]::attr(href)"))
    except SelectorError as error:
        raise ParamError(name, str(error)) from None

    def links(root: Any, url: str) -> list[str]:
        base = absolute(base_of(root) or "", url) or url
        found = (absolute(link, base) for link in every(root))
        return list(dict.fromkeys(page_address(link) for link in found if link))

    return links


def _listed(links: list[str], source: str) -> Outcome:
    outcome = Outcome([], [Request(link, label=PRODUCT) for link in links])
    if not links:
        outcome.notes.append(("warning", f"No products: no link matches “{source}”"))
    return outcome


def _turn_page(
    outcome: Outcome, root: Any, response: Response, request: Request, settings: Settings
) -> None:
    number = int(request.meta.get("page", 1))
    found = settings.next(root, response.url) if settings.next else []
    here = {page_address(response.url), request.url}
    if number > 1 and (not (outcome.rows or outcome.follow) or set(found) & here):
        outcome.last_page = True
    elif found and number >= settings.max_pages:
        text = f"The limit of {settings.max_pages:,} listing pages is reached; the chain goes on"
        outcome.notes.append(("info", text))
    elif found:
        outcome.follow.append(Request(found[0], label=LIST, meta={"page": number + 1}))
