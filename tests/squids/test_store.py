"""The store: what is offered, what a search finds, and the page of each crawler, odd ones too."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from runs.models import RunEvent
from runs.states import Status
from squids import actions, store
from squids.crawlers import registry
from squids.crawlers.interface import Column, Crawler, Function, Outcome, Param, Params, Request
from squids.models import Crawler as Row
from squids.models import Squid
from tests import factories

STORE = reverse("squids:store")
LONG = "n" * 110


class Plain(Crawler):
    """Declares no more than it must."""

    slug = "odd-plain"
    name = "Plain"

    def start(self, task: Params, settings: Any) -> list[Request]:
        return []

    def parse(self, response: Any, request: Request, settings: Any) -> Outcome:
        return Outcome()


class Wide(Plain):
    slug = "odd-wide"
    name = LONG
    columns = tuple(Column(f"column_{n}", "integer", str(n)) for n in range(80))


class Odd(Plain):
    """What somebody else's package may hold."""

    slug = "odd-<b>/ü%2f?x"
    name = "<script>alert(1)</script>"
    description = "Reads “<b>” & ‮worse‬"
    icon = "../../etc"  # type: ignore[assignment]
    task_params = (Param("a<b", "url", label="<i>A</i>", example="javascript:alert(1)"),)
    squid_params = (
        Param("depth", "integer", default=3, minimum=1, maximum=9),
        Param("images", "boolean", default=True),
        Param("language", "choice", allowed=("en", "fr"), required=True),
        Param("recipe", "json", default={"ü": [1]}),
    )
    functions = (Function("f", "<u>F</u>", 1500, default=True, help="Looks."),)
    columns = (
        Column("link", example="javascript:alert(1)"),
        Column("photo", example="https://images.example/1.png"),
        Column("count", "integer", "many"),
        Column("price", "float", "1.50"),
        Column("there", "boolean", "true"),
        Column("tags", "json", '["a", "b"]'),
        Column("broken", "json", "[" * 100_000),
        Column("silent"),
    )
    account_type = registry.get("web-scraper").account_type


@pytest.fixture
def odd(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    crawlers = {kind.slug: kind() for kind in (Plain, Wide, Odd)}
    everything = registry.all() | crawlers
    monkeypatch.setattr(registry, "all", lambda: everything)
    actions.sync_crawlers()


def shown(client: Client, address: str) -> html.HtmlElement:
    response = client.get(address)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def offered(client: Client, query: str = "") -> list[str]:
    actions.sync_crawlers()
    page = shown(client, f"{STORE}{query}")
    return [link.text_content() for link in page.find_class("offer-link")]


def text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def about(client: Client, slug: str) -> html.HtmlElement:
    return shown(client, reverse("squids:crawler", args=[slug]))


# --- all of them ----------------------------------------------------------------------------------


def test_offers_what_is_installed_and_available_by_name(client: Client) -> None:
    actions.sync_crawlers()
    Row.objects.filter(slug="test-bug").update(is_available=False)
    Row.objects.create(uid="0" * 32, slug="gone-away", name="Gone")
    names = offered(client)
    assert names == sorted(names) and len(names) == len(registry.all()) - 1
    assert "Web scraper" in names and "Test bug" not in names and "Gone" not in names


def test_an_offer_tells_task_columns_and_price(client: Client) -> None:
    offered(client)
    page = shown(client, f"{STORE}?q=test+places")
    (offer,) = page.find_class("offer")
    said = text(offer)
    assert "City, Country" in said and "1 column: name" in said
    assert "2.5 credits · E-mails + 9" in said


def test_one_with_a_problem_says_so(client: Client) -> None:
    actions.sync_crawlers()
    actions.report_problem(Row.objects.get(slug="test-shop"), "Its site changed.")
    page = shown(client, STORE)
    assert [badge.text for badge in page.find_class("warning")] == ["Has a problem"]
    assert "Its site changed." in text(about(client, "test-shop"))


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("places", "Test places"),  # name
        ("XPATH", "Web scraper"),  # description
        ("canonical", "Web scraper"),  # column
        ("words+web", "Web scraper"),  # each somewhere
        ("e-mails", "Test places"),  # function
    ],
)
def test_search(client: Client, q: str, name: str) -> None:
    assert name in offered(client, f"?q={q}")
    assert len(offered(client, f"?q={q}")) < len(offered(client))


def test_a_search_that_finds_nothing_says_what_was_asked(client: Client) -> None:
    actions.sync_crawlers()
    page = shown(client, f"{STORE}?q=<b>nothing+such%00")
    assert "No crawler fits" in text(page) and "“<b>nothing such" in text(page)
    assert not page.find_class("offers")


def test_without_any_crawler_it_says_so(client: Client) -> None:
    Row.objects.all().delete()
    assert "No crawler is available" in text(shown(client, STORE))


def test_queries_do_not_grow_with_the_crawlers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(client)
    counts = []
    for number in (2, 40):
        many = {f"odd-{n}": type(f"N{n}", (Plain,), {"slug": f"odd-{n}"})() for n in range(number)}
        monkeypatch.setattr(registry, "all", lambda many=many: many)
        actions.sync_crawlers()
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(client, STORE).find_class("offer")) == number
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


# --- one of them ----------------------------------------------------------------------------------


def test_its_page_tells_what_it_declares(client: Client) -> None:
    actions.sync_crawlers()
    page = text(about(client, "test-places"))
    for told in (
        "City city",
        "Needed.",
        "Lisbon",
        "From 1 to 9. 3 unless set.",
        "One of en, fr.",
        "E-mails",
        "Looks for an address.",
        "+ 9",
        "2.5 credits",
        "up to 5",
        "lobstr-tests 1.0",
    ):
        assert told in page, told


def test_what_is_built_in_and_an_account_it_may_have(client: Client) -> None:
    actions.sync_crawlers()
    page = text(about(client, "web-scraper"))
    assert "built in" in page and "Signed-in session of any site" in page
    assert "where a site asks to sign in" in page
    assert "needed" in text(about(client, "test-members"))


def test_the_example_row_is_as_rows_are() -> None:
    found = store.example(Odd())
    assert found is not None
    kinds = {cell.column: (cell.kind, cell.text) for cell in found.cells}
    assert kinds.pop("broken")[0] == "text"
    assert kinds == {
        "link": ("text", "javascript:alert(1)"),
        "photo": ("link", "https://images.example/1.png"),
        "count": ("text", "many"),
        "price": ("number", "1.5"),
        "there": ("boolean", "true"),
        "tags": ("json", '[\n "a",\n "b"\n]'),
    }
    assert store.example(Plain()) is None


@pytest.mark.usefixtures("odd")
def test_what_somebody_else_declares_is_shown_as_text(client: Client) -> None:
    page = about(client, Odd.slug)
    assert not page.xpath("//script[contains(., 'alert')]") and not page.xpath(
        "//main//i|//main//u"
    )
    assert not page.xpath("//@href[starts-with(., 'javascript')]") and not page.xpath("//main//img")
    assert Odd.name in text(page) and "<u>F</u>" in text(page)
    assert page.xpath("//main//use/@href")[0] == "#i-crawler-puzzle"
    address = reverse("squids:crawler", args=[Odd.slug])
    store_page = shown(client, STORE)
    assert address in [link.get("href") for link in store_page.find_class("offer-link")]
    new = page.xpath("//a[contains(., 'New squid')]/@href")[0]
    (chosen,) = shown(client, new).xpath("//input[@name='crawler'][@checked]/@value")
    assert chosen == Odd.slug


@pytest.mark.usefixtures("odd")
def test_eighty_columns_and_none(client: Client) -> None:
    wide = about(client, "odd-wide")
    assert len(wide.xpath("//table[@aria-label='Columns']/tbody/tr")) == 80
    assert len(wide.find_class("cell")) == 80
    assert "no columns are declared" in text(about(client, "odd-plain"))


def test_one_that_is_not_installed_has_a_page_still(client: Client, squid: Squid) -> None:
    Row.objects.filter(slug="test-shop").update(slug="gone-away")
    page = about(client, "gone-away")
    assert "It is not installed" in text(page)
    assert not page.xpath("//main//a[contains(., 'New squid')]")
    assert "Test shop" in text(shown(client, reverse("squids:detail", args=[squid.uid])))
    shown(client, reverse("squids:list"))


def test_one_out_of_service_offers_no_squid(client: Client) -> None:
    actions.sync_crawlers()
    Row.objects.filter(slug="test-shop").update(is_available=False)
    page = about(client, "test-shop")
    assert "out of service" in text(page)
    assert not page.xpath("//main//a[contains(., 'New squid')]")


@pytest.mark.parametrize("slug", ["no-such", "a/b", "%00", "x" * 300])
def test_an_unknown_one_is_not_there(client: Client, slug: str) -> None:
    assert client.get(f"/store/{slug}").status_code == 404


def test_success_is_that_of_all_users_and_shows_nothing_else_of_theirs(
    client: Client, squid: Squid
) -> None:
    theirs = factories.squid(factories.user("somebody-else"), name="Their secret squid")
    for _ in range(3):
        factories.run(theirs, ended_at=timezone.now())
    bug = factories.run(squid, status=Status.ERROR, ended_at=timezone.now())
    RunEvent.objects.create(run=bug, target=Status.ERROR)
    page = about(client, "test-shop")
    success = text(page.find_class("success")[0])
    assert "Fails at times" in success
    assert "75 % of 4 runs of the last 90 days" in success
    assert len(page.xpath("//svg[@class='days']/g")) == 90
    assert "Their secret squid" not in text(page) and "somebody-else" not in text(page)


def test_without_runs_it_says_so(client: Client) -> None:
    actions.sync_crawlers()
    assert "No runs lately" in text(about(client, "test-shop"))


def test_queries_do_not_grow_with_the_runs(client: Client, squid: Squid) -> None:
    about(client, "test-shop")
    counts = []
    for number in (1, 20):
        for _ in range(number):
            factories.run(squid, ended_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            about(client, "test-shop")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7


def test_other_pages_lead_to_it(client: Client, squid: Squid) -> None:
    address = reverse("squids:crawler", args=["test-shop"])
    for page in (reverse("squids:create"), reverse("squids:detail", args=[squid.uid])):
        found = shown(client, page)
        assert address in found.xpath("//main//a/@href")
        assert "#i-crawler-puzzle" in found.xpath("//main//use/@href")
    assert "#i-crawler-puzzle" in shown(client, reverse("squids:list")).xpath("//main//use/@href")
