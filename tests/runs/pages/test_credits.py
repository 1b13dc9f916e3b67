"""The Credits tab: average, donut, bars, one line of insight."""

from __future__ import annotations

import pytest

from runs.charts import insight, percent_text, slices
from runs.credits import Cost
from runs.models import LedgerEntry, Request
from runs.states import Status
from squids.models import Crawler, Squid
from tests import factories
from tests.runs.pages.conftest import Read, run_of, texts


def cost(function: str, amount: int, percent: float, hits: int = 10) -> Cost:
    return Cost(function, function.title(), hits, hits, amount, percent)


def test_average_donut_bars_and_insight(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": n} for n in range(10)])
    page_row = Request.objects.get(run=run)
    factories.charge(run, page_row, 5, function="details", rate=6_000)
    page = read(f"/runs/{run.uid}/credits")
    average = '//*[@id="credits"]//*[@class="card-label"][text()="Avg. Cost / Result"]/..'
    assert texts(page, f'{average}/*[@class="card-value"]') == ["4 credits"]
    assert texts(page, '//*[@class="donut-total"]') == ["40"]
    ring = page.xpath('//*[name()="svg"][@class="donut"]//*[name()="g"]/*')
    assert [part.get("stroke-dasharray") for part in ring] == ["75.000 25.000", "25.000 75.000"]
    assert [part.get("stroke-dashoffset") for part in ring] == ["-0.000", "-75.000"]
    rows = [text.split()[-3:] for text in texts(page, '//table[@class="costs"]/tbody/tr')]
    assert rows == [["30", "75", "%"], ["10", "25", "%"]]
    assert texts(page, '//*[contains(@class, "insight")]') == [
        "Cost insight details took 75 % of the credits: 5 at 6 credits each."
    ]


STEPS = '//*[contains(@class, "steps")]//tbody/tr'


def test_each_function_has_its_own_bar(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": n} for n in range(10)])
    run.settings["prices"]["functions"] = {"details": 6_000, "photos": 500}
    run.save(update_fields=["settings"])
    factories.charge(run, Request.objects.get(run=run), 5, function="details", rate=6_000)
    LedgerEntry.objects.filter(run=run, function="details").update(attempts=20)
    page = read(f"/runs/{run.uid}/credits")
    assert texts(page, STEPS) == [
        "details6 credits each 25 % 5 of 20 30",
        "photos0.5 credits each Not tried 0 of 0 0",
    ]
    [bar] = page.xpath(f'{STEPS}//*[name()="svg"][@height="10"]')
    assert [part.get("width") for part in bar] == ["100%", "25.000%"]
    keys = page.xpath('//tr[contains(., "details")]//*[@class="key"]/*')
    assert {key.get("class") for key in keys} == {bar[1].get("class")} and len(keys) == 2
    assert "5 paid of 20 tried" in texts(page, '//*[@id="credits"]')[0]


def test_a_function_that_found_nothing_is_told_of_all_the_same(read: Read, squid: Squid) -> None:
    run = run_of(squid)
    run.settings["prices"]["functions"] = {"details": 6_000}
    run.save(update_fields=["settings"])
    page = read(f"/runs/{run.uid}/credits")
    assert "No credits used" in texts(page, '//*[@id="credits"]')[0]
    assert texts(page, STEPS) == ["details6 credits each Not tried 0 of 0 0"]


def test_without_functions_there_are_none(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}])
    assert texts(read(f"/runs/{run.uid}/credits"), '//*[@id="steps-title"]') == []


def test_the_ring_closes() -> None:
    ring = slices([cost("a", 1, 100 / 3), cost("b", 1, 100 / 3), cost("c", 1, 100 / 3)])
    assert [part.start for part in ring] == pytest.approx([0, 100 / 3, 200 / 3])
    assert ring[-1].start + ring[-1].length == pytest.approx(100)


def test_insight_names_what_cost_the_most() -> None:
    assert insight([]) == ""
    only = insight([cost("base", 10_000, 100)])
    assert only == "All of it went to the results themselves, 10 at 1 credit each."
    most = insight([cost("base", 10_000, 60), cost("emails", 6_666, 40)])
    assert most == "Base cost the most: 10 at 1 credit each, 60 % of the credits."


@pytest.mark.parametrize(
    ("percent", "text"),
    [(0, "0"), (0.01, "< 0.1"), (33.333, "33.3"), (99.96, "> 99.9"), (100, "100")],
)
def test_a_share_never_rounds_to_all_or_nothing(percent: float, text: str) -> None:
    assert percent_text(percent) == text


def test_nothing_spent_says_what_a_result_costs(read: Read, squid: Squid) -> None:
    run = run_of(squid)
    assert (
        "Each unique result costs 1 credit;" in texts(read(f"/runs/{run.uid}/credits"), "//main")[0]
    )
    running = run_of(squid, status=Status.RUNNING)
    assert "No credits used yet" in texts(read(f"/runs/{running.uid}/credits"), "//main")[0]


def test_a_crawler_that_is_no_longer_installed_keeps_its_costs(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}])
    Crawler.objects.filter(pk=squid.crawler_id).update(slug="gone-crawler")
    assert texts(read(f"/runs/{run.uid}/credits"), '//*[@class="donut-total"]') == ["1"]
