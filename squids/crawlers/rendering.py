"""The choice to have pages drawn by a browser, for crawlers that read pages of HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cssselect import SelectorSyntaxError
from cssselect import parse as parse_css

from squids.crawlers import chromium
from squids.crawlers.interface import Param, ParamError, Params, Request
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.selectors import Selector, SelectorError

LONGEST = 500
RENDER = Param(
    "render",
    "boolean",
    label="Draw pages in a browser",
    help="For pages that need JavaScript. Each page takes seconds in place of milliseconds.",
)
WAIT_FOR = Param(
    "wait_for",
    "string",
    label="Wait for",
    help="A CSS selector: a drawn page is read once this is on it. Without one, once it is calm.",
    example=".results article",
)
PARAMS = (RENDER, WAIT_FOR)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a squid's pages are fetched."""

    is_on: bool
    wait_for: str

    def of(self, request: Request) -> Request:
        if not self.is_on:
            return request
        return replace(request, kind="browser", wait_for=self.wait_for)


def read(params: Params) -> Drawing:
    return Drawing(bool(params.get("render")), str(params.get("wait_for") or ""))


def check(params: Params) -> None:
    """Raises ParamError, also where this machine cannot draw."""
    drawing = read(params)
    if drawing.is_on and (lack := chromium.lack()):
        raise ParamError("render", lack)
    if drawing.wait_for:
        _check_selector(drawing.wait_for)
        if not drawing.is_on:
            raise ParamError("wait_for", "Only pages drawn in a browser can be waited for.")


def _check_selector(selector: str) -> None:
    if len(selector) > LONGEST:
        raise ParamError("wait_for", f"A selector has at most {LONGEST} characters here.")
    try:
        parsed = parse_css(selector)
    except SelectorSyntaxError as error:
        raise ParamError("wait_for", f"This is no CSS selector ({error}).") from None
    if any(part.pseudo_element for part in parsed):
        raise ParamError("wait_for", "Name elements; leave out “::text” and “::attr(name)”.")
    try:
        Lexbor().finder(Selector(selector, "css", selector))
    except SelectorError as error:
        raise ParamError("wait_for", str(error)) from None
