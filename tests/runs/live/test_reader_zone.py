"""What the sockets bring tells times in the zone of the one who looks: the owner's."""

from __future__ import annotations

import pytest
from django.utils import timezone

from runs.live import regions
from runs.live.regions import Topic
from runs.live.tailer import read_batch
from runs.models import Run
from runs.states import Status
from tests import factories

NOTHING: frozenset[int] = frozenset()


@pytest.fixture
def run(db: None) -> Run:
    owner = factories.user("owner", time_zone="Asia/Tokyo")
    return factories.lines(factories.run(factories.squid(owner)), ["one"])


@pytest.mark.parametrize("kind", ["squid", "run", "list"])
def test_regions(run: Run, kind: str) -> None:
    topics = {
        "squid": Topic("squid", run.squid_id),
        "run": Topic("run", run.pk),
        "list": Topic("list", run.owner_id),
    }
    picture = regions.paint(topics[kind], frozenset({run.squid_id}))
    assert "2025-03-05 00:06:07 JST" in "".join(picture.regions.values())
    assert str(timezone.get_current_timezone()) == "UTC", "and the next reader's are not"


def test_what_is_gone_is_still_said(run: Run) -> None:
    assert regions.paint(Topic("run", run.pk + 1), NOTHING).gone


def test_console_and_its_lines(run: Run) -> None:
    console = regions.console(run)
    assert "Asia/Tokyo" in console
    assert ">00:06:08<" in console
    batch = read_batch(run.pk, 0, 10)
    assert batch is not None
    assert 'datetime="2025-03-04T15:06:08Z">00:06:08<' in batch.html


def test_a_run_that_moves_too(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status=Status.RUNNING, active_since=factories.EPOCH)
    assert "JST" in regions.paint(Topic("run", run.pk), NOTHING).regions["run-cards"]
