"""Template words for what moves while a run is unfinished."""

from __future__ import annotations

from django import template

from runs import forecast, progress
from runs.live import counts, lines
from runs.models import Line, Run
from squids.models import Squid

register = template.Library()


@register.simple_tag
def progress_of(run: Run) -> progress.Progress:
    return progress.progress(run)


@register.simple_tag
def counts_of(run: Run) -> dict[str, counts.Count]:
    return counts.counts(run)


@register.simple_tag
def forecast_of(squid: Squid) -> forecast.Shown | None:
    """What a launch now would take; None where it cannot be launched."""
    return forecast.shown(squid)


@register.simple_tag
def latest_lines(run: Run | None) -> list[Line]:
    """The run's last console lines, oldest first: what a page shows before its socket is open."""
    return lines.latest(run) if run else []
