"""The crawler's version is frozen into the run; one that was upgraded meanwhile says so, once."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.models import Line, Run
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work

pytestmark = pytest.mark.django_db(transaction=True)


def said(run: Run) -> list[str]:
    lines = Line.objects.filter(run=run, text__contains="is version")
    return list(lines.order_by("number").values_list("text", flat=True))


def test_the_version_is_the_one_at_launch(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/category/kitchen/"), by="owner")
    work()
    run = fresh(run)
    assert run.crawler_version == run.crawler.code.version
    assert run.versions == run.crawler_version and not said(run)


def test_another_version_that_goes_on_is_said_once(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/category/kitchen/"), by="owner")
    Run.objects.filter(pk=run.pk).update(crawler_version="0.9")
    work(budget=0, drain=0)  # taken, and given back at once
    assert not fresh(run).is_done
    work()
    run = fresh(run)
    assert run.crawler_version == "0.9" and run.versions == "0.9, then 1"
    assert said(run) == ["The crawler is version 1 now; it was 0.9 so far"]
