"""Template words for figures. Filters answer an empty text for None, so a cell stays blank."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from runs import figures
from runs.states import TaskStatus

register = template.Library()


@register.filter
def thousands(value: int | float | None) -> str:
    return "" if value is None else figures.thousands(value)


@register.filter("credits")
def in_credits(thousandths: int | float | None) -> str:
    return "" if thousandths is None else figures.credits_text(thousandths)


@register.filter
def credits_rounded(thousandths: int | float) -> str:
    return figures.rounded_credits_text(thousandths)


@register.filter
def duration(value: timedelta | None) -> str:
    return "" if value is None else figures.duration_text(value)


@register.filter
def phrase(code: str) -> str:
    """A code as a short phrase: ``no_credits_left`` → ``No credits left``."""
    return code.replace("_", " ").capitalize()


@register.filter
def look(status: str) -> str:
    """Which of the six looks of a status a task's status takes."""
    return _LOOKS[TaskStatus(status)]


_LOOKS = {
    TaskStatus.PENDING: "queued",
    TaskStatus.RUNNING: "running",
    TaskStatus.COMPLETED: "done",
    TaskStatus.FAILED: "error",
    TaskStatus.ABORTED: "aborted",
    TaskStatus.ERROR: "error",
}


@register.inclusion_tag("runs/_time.html")
def ago(moment: datetime | None) -> dict[str, Any]:
    """A ``<time>`` that reads ``3 min ago`` and tells the exact moment on hover."""
    text = figures.ago_text(timezone.localtime(moment), timezone.now()) if moment else ""
    return {"moment": moment, "text": text}


@register.inclusion_tag("runs/_time.html")
def exact(moment: datetime | None) -> dict[str, Any]:
    """A ``<time>`` that reads as date and time in the present zone."""
    text = f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""
    return {"moment": moment, "text": text}
