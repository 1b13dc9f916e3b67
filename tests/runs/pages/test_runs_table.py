"""The Runs table: ten columns in their order, newest first, a page by key."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs import paging
from runs.models import Run
from runs.states import Status
from squids.models import Squid
from tests import factories
from tests.runs.pages.conftest import Read, run_of, texts

COLUMNS = [
    "Run ID",
    "Started At",
    "Ended At",
    "Total Results",
    "Unique Results",
    "Credits Used",
    "Duration",
    "Status",
    "Done Reason",
    "Download",
]


def test_ten_columns_in_their_order(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}, {"a": 2}, {"a": 1}])
    page = read(f"/squids/{squid.uid}")
    assert texts(page, '//*[@id="runs-table"]//thead//th') == COLUMNS
    row = f'//*[@id="run-row-{run.uid}"]'
    assert texts(page, f"{row}/*") == [
        run.uid[:8],
        "4 Mar 2025",
        "4 Mar 2025",
        "3",
        "2",
        "2",
        "1 h 04 m",
        "Done",
        "Tasks done",
        "CSV",
    ]
    assert page.xpath(f"{row}//a/@href") == [
        f"/runs/{run.uid}",
        "/help/stop-reasons#tasks_done",
        f"/runs/{run.uid}/download.csv",
    ]
    assert [cell.get("data-label") for cell in page.xpath(f"{row}/*")] == COLUMNS


def test_while_it_runs_its_end_is_blank_and_its_numbers_say_they_move(
    read: Read, squid: Squid
) -> None:
    run = run_of(squid, [{"a": 1}], status=Status.RUNNING, active_since=timezone.now())
    page = read(f"/squids/{squid.uid}")
    row = f'//*[@id="run-row-{run.uid}"]'
    assert texts(page, f'{row}/*[@data-label="Ended At"]') == [""]
    moving = page.xpath(f'{row}//*[@class="moving"]/parent::*/@data-label')
    assert moving == ["Total Results", "Unique Results", "Credits Used", "Duration"]


def test_a_queued_run_is_running_to_people(read: Read, squid: Squid) -> None:
    run_of(squid, status=Status.PENDING)
    cell = '//*[@id="runs-table"]//td[@data-label="Status"]'
    assert texts(read(f"/squids/{squid.uid}"), cell) == ["Running (queued)"]


def test_newest_first_and_older_ones_by_key(read: Read, squid: Squid) -> None:
    runs = [factories.run(squid) for _ in range(paging.RUNS + 3)][::-1]
    path = '//*[@id="runs-table"]//tbody/tr/@id'
    first = read(f"/squids/{squid.uid}")
    assert first.xpath(path) == [f"run-row-{run.uid}" for run in runs[: paging.RUNS]]
    (older,) = first.xpath('//*[@id="runs-table"]//a[@rel="next"]/@href')
    rest = read(older)
    assert rest.xpath(path) == [f"run-row-{run.uid}" for run in runs[paging.RUNS :]]
    assert not rest.xpath('//*[@id="runs-table"]//a[@rel="next"]')


def test_a_page_is_one_query_on_the_index_however_many_there_are(squid: Squid) -> None:
    runs = [factories.run(squid) for _ in range(4)]
    with CaptureQueriesContext(connection) as queries:
        found = paging.runs_page(squid, runs[3].uid)
    assert [run.pk for run in found.runs] == [run.pk for run in runs[2::-1]]
    assert len(queries) == 2
    assert "OFFSET" not in queries[-1]["sql"]
    older = Run.objects.filter(squid=squid, id__lt=runs[3].pk).order_by("-id")
    assert "TEMP B-TREE" not in older.explain() and "Sort" not in older.explain()


def test_the_key_of_anothers_run_leads_nowhere(squid: Squid) -> None:
    other = factories.run(factories.squid(factories.user("other")))
    factories.run(squid)
    assert paging.runs_page(squid, other.uid).runs == []
    assert paging.runs_page(squid, "nonsense").runs == []


def test_without_a_run_it_says_what_to_do(read: Read, squid: Squid) -> None:
    assert "Press Launch" in " ".join(texts(read(f"/squids/{squid.uid}"), "//main"))
