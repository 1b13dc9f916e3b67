"""No chain of listing pages is endless: past the limit it ends, and says so."""

from __future__ import annotations

from squids.crawlers.interface import Request, Response
from squids.crawlers.web_scraper import WebScraper

PAGE = (
    "<html><body><article><h2>One</h2></article><a class=next href='?page=4'>next</a></body></html>"
)
RECIPE = {"rows": "article", "fields": {"title": "h2"}, "next": "a.next::attr(href)"}


def test_it_says_where_it_left_a_chain() -> None:
    scraper = WebScraper()
    settings = scraper.prepare(scraper.check_settings({"recipe": RECIPE, "max_pages": 3}))
    url = "https://shop.example/?page=3"
    request = Request(url, label="list", meta={"page": 3})
    response = Response(url, 200, {"content-type": "text/html"}, PAGE.encode())
    outcome = scraper.parse(response, request, settings)
    assert (len(outcome.rows), outcome.follow) == (1, [])
    limit = "The limit of 3 listing pages is reached; the chain goes on"
    assert outcome.notes == [("info", limit)]
