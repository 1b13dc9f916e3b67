"""Help that is rendered from the code's own texts."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from runs.states import ADVICE, Advice, Reason, Status

ABOUT = {
    Status.DONE: "The run came to its end. Everything it collected is there.",
    Status.PAUSED: "The run waits. It goes on where it stood; nothing is lost or repeated.",
    Status.ABORTED: "The run was ended early. What it collected is kept and can be downloaded.",
    Status.ERROR: "Something failed that should not. What was collected is kept.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The reasons of a status; one of several statuses stands with its first."""

    status: Status
    about: str
    reasons: list[tuple[Reason, Advice]]


@require_GET
@login_required
def stop_reasons(request: HttpRequest) -> HttpResponse:
    groups = [Group(status, about, _reasons(status)) for status, about in ABOUT.items()]
    return render(request, "runs/stop_reasons.html", {"groups": groups})


def _reasons(status: Status) -> list[tuple[Reason, Advice]]:
    return [(reason, advice) for reason, advice in ADVICE.items() if advice.statuses[0] == status]
