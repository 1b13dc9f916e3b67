"""The choice to have pages drawn: which crawlers have it, what it asks for, what it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from squids.crawlers import chromium, registry
from squids.crawlers.interface import ParamError, Request, Response
from squids.crawlers.web_scraper import DETAIL

CRAWLERS = ("web-scraper", "product-scraper", "article-scraper")
URL = "https://shop.example/"
PAGE = """<html><body><article><h2>a</h2><a class="more" href="/a">a</a></article>
<a class="next" href="/2">on</a></body></html>"""


@pytest.fixture(autouse=True)
def _browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is one as far as anybody looks; nothing here starts it."""
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("LOBSTR_CHROMIUM", str(program))


def first(slug: str, **params: Any) -> Request:
    code = registry.get(slug)
    settings = code.prepare(code.check_settings(params))
    return code.start(code.check_task({"url": URL}), settings)[0]


@pytest.mark.parametrize("slug", CRAWLERS)
def test_a_task_begins_with_a_drawn_page(slug: str) -> None:
    request = first(slug, render=True, wait_for=".ready, #done")
    assert (request.kind, request.wait_for) == ("browser", ".ready, #done")
    assert Request.from_dict(request.to_dict()) == request
    assert first(slug).kind == "http"


def follows(slug: str, body: str = PAGE, **params: Any) -> list[Request]:
    code = registry.get(slug)
    settings = code.prepare(code.check_settings({"render": True, **params}))
    request = code.start(code.check_task({"url": URL}), settings)[0]
    page = Response(URL, 200, {"content-type": "text/html"}, body.encode())
    return code.parse(page, request, settings).follow


def test_so_are_the_pages_that_follow() -> None:
    recipe = {"rows": "article", "fields": {"t": "h2"}, "next": "a.next"}
    recipe["detail"] = {"link": "a.more", "fields": {"x": "p"}}
    found = follows("web-scraper", recipe=recipe, wait_for="i")
    assert [(r.kind, r.wait_for) for r in found] == [("browser", "i")] * 2
    assert {r.label for r in found} == {"list", DETAIL}
    products = follows("product-scraper", links="a.more", next="a.next")
    assert [r.kind for r in products] == ["browser"] * 2


@pytest.mark.parametrize("slug", CRAWLERS)
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"render": True, "wait_for": "p["}, "wait_for"),
        ({"render": True, "wait_for": "p" * 501}, "wait_for"),
        ({"wait_for": "p"}, "wait_for"),
        ({"render": True, "wait_for": "a::attr(href)"}, "wait_for"),
        ({"render": True, "wait_for": "h1::text"}, "wait_for"),
        ({"render": True, "wait_for": "a:foo"}, "wait_for"),
        ({"render": "perhaps"}, "render"),
    ],
)
def test_what_cannot_work_is_told_by_its_field(
    slug: str, params: dict[str, Any], field: str
) -> None:
    with pytest.raises(ParamError) as told:
        registry.get(slug).check_settings(params)
    assert told.value.param == field


@pytest.mark.parametrize("slug", CRAWLERS)
def test_a_machine_without_a_browser(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOBSTR_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(ParamError) as told:
        registry.get(slug).check_settings({"render": True})
    assert (told.value.param, told.value.message) == ("render", chromium.NO_BROWSER)
    assert registry.get(slug).check_settings({"render": False})


def test_a_machine_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "DRIVER", "a_package_that_is_not_there")
    assert chromium.lack() == chromium.NO_DRIVER
