"""A run whose pages are drawn: its rows, its messages, and what a kill leaves behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone
from pytest_django import Settings

from runs import lifecycle
from runs.models import Line, Result, Run
from runs.states import Status
from squids import actions, errors
from squids.crawlers import chromium
from squids.models import Squid
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Site, running_site
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = [pytest.mark.rendering, pytest.mark.django_db(transaction=True)]
PAGES = 6
RECIPE = {"rows": "li", "fields": {"name": "::text"}, "next": "a.next"}


def listing(number: int) -> str:
    """A page whose rows, and whose link to the next one, a script makes."""
    onward = f"<a class=next href=/p{number + 1}>on</a>" if number < PAGES else ""
    rows = "".join(f"<li>lamp {number}.{n}</li>" for n in range(3))
    return f"""<ul id=list></ul><script>setTimeout(() => {{
list.innerHTML = "{rows}"; list.insertAdjacentHTML("afterend", "{onward}");
document.body.insertAdjacentHTML("beforeend", "<i class=ready></i>"); }}, 100)</script>"""


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Iterator[Site]:
    with running_site() as site:
        settings.HOSTS_DIR = tmp_path / "hosts"
        settings.ALLOW_PRIVATE = frozenset({site.place})
        for number in range(1, PAGES + 1):
            site.page(f"/p{number}", listing(number))
        yield site


def made(make_squid: MakeSquid, site: Site, **params: Any) -> Squid:
    values = {"recipe": RECIPE, "render": True, "wait_for": ".ready", **params}
    return make_squid(site.url("/p1"), crawler="web-scraper", **values)


def names(run: Run) -> list[str]:
    return [result.row["name"] for result in Result.objects.filter(run=run).order_by("number")]


EVERY = [f"lamp {page}.{n}" for page in range(1, PAGES + 1) for n in range(3)]


def test_every_row_of_every_page(shop: Site, make_squid: MakeSquid) -> None:
    run = lifecycle.start(made(make_squid, shop), by="owner")
    work()
    run = fresh(run)
    assert (run.status, names(run), run.pages) == (Status.DONE, EVERY, PAGES)
    assert broken(run) == []


def test_without_drawing_there_is_nothing(shop: Site, make_squid: MakeSquid) -> None:
    squid = make_squid(shop.url("/p1"), crawler="web-scraper", recipe=RECIPE)
    run = lifecycle.start(squid, by="owner")
    work()
    assert names(fresh(run)) == []


def test_killed_in_the_middle_no_browser_is_left(shop: Site, make_squid: MakeSquid) -> None:
    run = lifecycle.start(made(make_squid, shop), by="owner")
    with worker(shop.place) as process:
        wait_until(partial(_has_pages, run, 2))
        family = psutil.Process(process.pid).children(recursive=True)
        assert any("--headless" in " ".join(child.cmdline()) for child in family)
        process.send_signal(signal.SIGKILL)
        process.wait()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert [child for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []
    assert broken(fresh(run)) == []
    lifecycle.rescue_dead(timezone.now())
    work()
    run = fresh(run)
    assert (run.status, sorted(names(run))) == (Status.DONE, EVERY)
    assert broken(run) == []


def _has_pages(run: Run, count: int) -> bool:
    return fresh(run).pages >= count


def test_a_page_on_which_it_never_comes_fails_its_task(
    shop: Site, make_squid: MakeSquid, settings: Settings
) -> None:
    settings.FETCH_TIMEOUT = 2
    run = lifecycle.start(made(make_squid, shop, wait_for=".never"), by="owner")
    work()
    said = " ".join(Line.objects.filter(run=run).values_list("text", flat=True))
    assert "“.never” was not on it" in said


def test_a_machine_without_a_browser_says_so(
    shop: Site, make_squid: MakeSquid, monkeypatch: pytest.MonkeyPatch
) -> None:
    squid = made(make_squid, shop)
    run = lifecycle.start(squid, by="owner")
    monkeypatch.setenv("LOBSTR_CHROMIUM", "/nowhere/chromium")
    work()
    run = fresh(run)
    said = " ".join(Line.objects.filter(run=run).values_list("text", flat=True))
    assert (run.status, names(run), chromium.NO_BROWSER in said) == (Status.DONE, [], True)
    with pytest.raises(errors.FieldRefused) as told:
        actions.update_squid(squid, {"params": squid.params})
    assert (told.value.field, told.value.message) == ("render", chromium.NO_BROWSER)
    with pytest.raises(errors.Refused, match="LOBSTR_CHROMIUM"):
        lifecycle.start(squid, by="owner")
