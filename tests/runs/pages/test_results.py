"""The Results tab: fifty rows a page by their numbers, every kind of value told apart."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs import paging
from runs.cells import Cell, cells
from runs.models import Result, Run
from runs.states import Status
from squids.models import Squid
from tests.runs.pages.conftest import Page, Read, run_of, texts


def numbers(page: Page) -> list[str]:
    return texts(page, '//table[contains(@class, "results")]/tbody/tr/th')


def columns(page: Page) -> list[str]:
    return texts(page, '//table[contains(@class, "results")]/thead//th')[1:]


def kinds(page: Page) -> list[list[str]]:
    rows = page.xpath('//table[contains(@class, "results")]/tbody/tr')
    return [[cell.get("class").split()[1][5:] for cell in row.xpath("td")] for row in rows]


def test_fifty_rows_a_page(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": n} for n in range(120)])
    assert numbers(read(f"/runs/{run.uid}")) == [str(n) for n in range(1, 51)]
    last = read(f"/runs/{run.uid}?page=3")
    assert numbers(last) == [str(n) for n in range(101, 121)]
    assert "101–120 of 120" in texts(last, "//main")[0]


def test_a_page_past_the_end_or_none_at_all_is_the_nearest(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": n} for n in range(60)])
    for asked, first in [("9", "51"), ("0", "1"), ("-4", "1"), ("x", "1"), ("9" * 30, "1")]:
        assert numbers(read(f"/runs/{run.uid}?page={asked}"))[0] == first


def test_unique_or_all(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}, {"a": 1}, {"a": 2}])
    assert numbers(read(f"/runs/{run.uid}")) == ["1", "2"]
    every = read(f"/runs/{run.uid}?rows=all")
    assert numbers(every) == ["1", "2", "3"]
    assert len(every.xpath('//tr[@class="is-duplicate"]')) == 1


def test_the_crawlers_columns_lead(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"x": 1, "b": 2}, {"y": 3}], columns=["b", "a"])
    assert columns(read(f"/runs/{run.uid}")) == ["b", "a", "x", "y"]


def test_nothing_looks_like_something_else(read: Read, squid: Squid) -> None:
    row = {"a": None, "b": False, "c": 0, "d": "", "e": "0", "f": [0], "g": "null"}
    run = run_of(squid, [row, {"h": 1}])
    page = read(f"/runs/{run.uid}")
    expected = ["null", "boolean", "number", "empty", "text", "json", "text", "missing"]
    assert kinds(page) == [expected, ["missing"] * 7 + ["number"]]


def test_only_web_addresses_become_links() -> None:
    def kind(value: str, column: str = "url") -> str:
        (cell,) = cells({column: value}, [column])
        return cell.kind

    assert kind("https://shop.example/a?b=c") == "link"
    assert kind("HTTP://SHOP.EXAMPLE") == "link"
    assert kind("https://shop.example/a.JPG?w=1") == "image"
    assert kind("https://shop.example/a", "thumbnail_url") == "image"
    for text in ("javascript:alert(1)", "data:text/html,x", "//shop.example", "ftp://shop.example"):
        assert kind(text) == "text"
    for text in ("https://", "https://a b", "see https://shop.example", "https://[broken"):
        assert kind(text) == "text"


def test_links_leave_nothing_behind(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"url": 'https://shop.example/?a=1&b="2"'}, {"url": "https://s.example/"}])
    (link,) = read(f"/runs/{run.uid}").xpath('//td[contains(@class, "cell-link")]/a')
    assert link.get("href") == "https://s.example/"
    assert set(link.get("rel").split()) >= {"noopener", "nofollow"}


def test_markup_in_a_value_is_text(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"<b>": "<script>alert(1)</script>"}])
    page = read(f"/runs/{run.uid}")
    assert columns(page) == ["<b>"]
    assert texts(page, '//td[contains(@class, "cell")]') == ["<script>alert(1)</script>"]
    assert not page.xpath("//td//script")


def test_a_long_text_is_short_here_and_whole_in_its_row(read: Read, squid: Squid) -> None:
    text = "word " * 5_000
    run = run_of(squid, [{"a": 1, "text": text}])
    page = read(f"/runs/{run.uid}")
    (cell,) = page.xpath('//td[contains(@class, "cell-text")]')
    assert len(cell.text_content()) < 200
    whole = read(cell.xpath("a/@href")[0])
    assert whole.xpath('//*[@id="field-2"]//*[@class="whole"]')[0].text_content() == text


def test_a_row_comes_as_a_fragment_to_htmx(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}])
    fragment = read(f"/runs/{run.uid}/rows/1", HX_Request="true")
    assert not fragment.xpath("//main")
    assert "Row 1" in fragment.text_content()


def test_without_rows_it_says_why(read: Read, squid: Squid) -> None:
    assert "ended without a row" in texts(read(f"/runs/{run_of(squid).uid}"), "//main")[0]
    running = run_of(squid, status=Status.RUNNING)
    assert "No results yet" in texts(read(f"/runs/{running.uid}"), "//main")[0]


def test_a_page_of_a_million_rows_is_a_range_of_an_index(squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}])
    Run.objects.filter(pk=run.pk).update(results=1_000_000, unique_results=1_000_000)
    run.refresh_from_db()
    for unique in (True, False):
        with CaptureQueriesContext(connection) as queries:
            page = paging.results_page(run, 20_000, unique=unique)
        assert (page.number, page.first, page.last) == (20_000, 999_951, 1_000_000)
        (query,) = queries
        assert "COUNT" not in query["sql"] and "OFFSET" not in query["sql"]
        name = "unique_number" if unique else "number"
        rows = Result.objects.filter(run=run, **{f"{name}__gt": 999_950, f"{name}__lte": 1_000_000})
        plan = rows.order_by(name).explain()
        assert "TEMP B-TREE" not in plan and "SCAN runs_result" not in plan and "Seq" not in plan


def test_a_page_takes_the_same_queries_whatever_it_shows(read: Read, squid: Squid) -> None:
    few, many = run_of(squid, [{"a": 1}]), run_of(squid, [{"a": n} for n in range(500)])
    read(f"/runs/{few.uid}")  # opens the present cycle's balance
    counts = []
    for run in (few, many):
        with CaptureQueriesContext(connection) as queries:
            read(f"/runs/{run.uid}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_preview_never_claims_to_be_whole() -> None:
    assert Cell("a", "text", "x" * 160).preview == "x" * 160
    assert Cell("a", "text", "x" * 161).preview.endswith("…")
