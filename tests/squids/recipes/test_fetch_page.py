"""A page for the builder is fetched as a run would fetch it; what cannot be had is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html
from pytest_django import Settings

from squids import actions
from squids.models import Draft, Part, SamplePage, Squid
from tests.runs.engine.servers import Site, running_site
from tests.squids.crawlers.builder.pages import shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    with running_site() as running:
        settings.ALLOW_PRIVATE = frozenset({running.place})
        running.page("/lamps", '<link rel="stylesheet" href="/s.css">' + shop())
        running.page("/s.css", "b { color: red }", "text/css")
        running.page("/lamp/1", "<p class='text'>All of it</p>")
        yield running


def fetch(client: Client, squid: Squid, **data: Any) -> Any:
    return client.post(reverse("squids:fetch_page", args=[squid.uid]), data)


def problem(answer: Any) -> str:
    assert answer.status_code == 422
    page = html.fromstring(answer.content.decode())
    return " ".join(page.get_element_by_id("url_error").text_content().split())


def test_a_listing_with_its_styles(client: Client, squid: Squid, site: Site) -> None:
    assert fetch(client, squid, url=f" {site.url('/lamps')} ").status_code == 302
    sample = SamplePage.objects.get()
    assert (sample.part, sample.url) == (Part.LISTING, site.url("/lamps"))
    assert sample.sheets == {site.url("/s.css"): "b { color: red }"}
    assert site.paths() == ["/lamps", "/s.css"]


def test_the_first_row_s_page_by_what_was_typed(client: Client, squid: Squid, site: Site) -> None:
    fetch(client, squid, url=site.url("/lamps"))
    typed = {"rows": "article.card", "fields-0-name": "title", "fields-0-select": "h3"}
    typed |= {"has_detail": "1", "detail-link": "h3 a", "part": "detail"}
    answer = fetch(client, squid, **typed)
    assert answer["Location"].endswith("?part=detail")
    detail = SamplePage.objects.get(part=Part.DETAIL)
    assert detail.url == site.url("/lamp/1")
    assert Draft.objects.get().recipe["detail"] == {"link": "h3 a", "fields": {}}
    fetch(client, squid, url=site.url("/lamps"))
    assert not SamplePage.objects.filter(part=Part.DETAIL).exists()


def test_no_row_that_leads_to_a_page(client: Client, squid: Squid, site: Site) -> None:
    fetch(client, squid, url=site.url("/lamps"))
    typed = {"rows": "article.card", "fields-0-name": "title", "fields-0-select": "h3"}
    answer = fetch(client, squid, **typed, has_detail="1", part="detail", **{"detail-link": "b"})
    assert answer.status_code == 422 and "No row on the listing page" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "A value is needed"),
        ("nonsense", "no web address"),
        ("ftp://shop.example/", "http"),
        ("http://127.0.0.1:1/", "private address"),
        ("http://169.254.169.254/latest/", "private address"),
    ],
)
def test_an_address_that_cannot_be_fetched(
    client: Client, squid: Squid, address: str, told: str
) -> None:
    answer = fetch(client, squid, url=address)
    assert told.lower() in problem(answer).lower()
    page = html.fromstring(answer.content.decode())
    assert page.xpath("//input[@id='url']/@value") == [address]
    assert not SamplePage.objects.exists()


def test_what_the_site_says_instead(client: Client, squid: Squid, site: Site) -> None:
    site.page("/pdf", b"%PDF-1.7 x", "application/pdf")
    site.page("/robots.txt", "User-agent: *\nDisallow: /staff", "text/plain")
    assert "status 404" in problem(fetch(client, squid, url=site.url("/none")))
    assert "a PDF document" in problem(fetch(client, squid, url=site.url("/pdf")))
    assert "robots.txt asks" in problem(fetch(client, squid, url=site.url("/staff")))


def test_a_recipe_that_cannot_work_does_not_keep_a_page_away(
    client: Client, squid: Squid, site: Site
) -> None:
    actions.keep_draft(squid, {"rows": "p["})
    assert fetch(client, squid, url=site.url("/lamps")).status_code == 302
