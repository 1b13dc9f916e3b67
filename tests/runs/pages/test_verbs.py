"""The buttons: each moves its run or says why not, for a plain form and for htmx alike."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from runs.models import Run, RunEvent
from runs.states import Status
from squids.models import Squid
from tests import factories


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_launch_makes_a_run_and_goes_to_the_squid(mine: Client, squid: Squid) -> None:
    response = mine.post(f"/squids/{squid.uid}/launch")
    assert response["Location"] == f"/squids/{squid.uid}"
    run = Run.objects.get(squid=squid)
    assert run.status == Status.PENDING
    assert RunEvent.objects.get(run=run).by == "owner"


def test_a_second_launch_is_refused_in_words(mine: Client, squid: Squid) -> None:
    mine.post(f"/squids/{squid.uid}/launch")
    response = mine.post(f"/squids/{squid.uid}/launch")
    assert said(response) == ["This squid has an unfinished run. Wait for its end or abort it."]
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        (Status.RUNNING, "pause", Status.PAUSED),
        (Status.PENDING, "pause", Status.PAUSED),
        (Status.PAUSED, "resume", Status.PENDING),
        (Status.RUNNING, "abort", Status.ABORTED),
        (Status.PENDING, "abort", Status.ABORTED),
        (Status.PAUSED, "abort", Status.ABORTED),
    ],
)
def test_each_verb_moves(mine: Client, squid: Squid, before: str, verb: str, after: str) -> None:
    run = factories.run(squid, status=before)
    mine.post(f"/runs/{run.uid}/{verb}")
    assert Run.objects.get(pk=run.pk).status == after


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_what_cannot_be_done_is_said(mine: Client, squid: Squid, verb: str) -> None:
    run = factories.run(squid)
    response = mine.post(f"/runs/{run.uid}/{verb}", {"from": "run"})
    assert response["Location"] == f"/runs/{run.uid}"
    assert said(response) == ["The run is not in a state that allows this."]


def test_abort_of_a_finished_run_does_nothing(mine: Client, squid: Squid) -> None:
    run = factories.run(squid)
    assert said(mine.post(f"/runs/{run.uid}/abort")) == []
    assert Run.objects.get(pk=run.pk).status == Status.DONE


def test_htmx_gets_the_region_it_asked_for(mine: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.RUNNING)
    headers = {"HX-Request": "true", "HX-Target": "run-cards"}
    text = mine.post(f"/runs/{run.uid}/pause", headers=headers).content.decode()
    assert '<section id="run-cards"' in text and "Paused by hand" in text
    assert "<html" not in text


def test_htmx_gets_the_words_of_a_refusal_besides(mine: Client, squid: Squid) -> None:
    run = factories.run(squid)
    headers = {"HX-Request": "true", "HX-Target": "run-cards"}
    text = mine.post(f"/runs/{run.uid}/resume", headers=headers).content.decode()
    assert "not in a state that allows this" in text


def test_a_verb_is_never_a_get(mine: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.RUNNING)
    for path in (f"/squids/{squid.uid}/launch", f"/runs/{run.uid}/abort"):
        assert mine.get(path).status_code == 405
