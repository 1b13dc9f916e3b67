"""The e-mails themselves: subject, text and HTML, from the rows as they are when one is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator

from runs import forecast, states
from runs.figures import thousands
from runs.models import Notice, Run
from runs.states import Reason, Status
from squids.models import Squid
from squids.zones import named

NAME_IN_SUBJECT = 120


def of_run(notice: Notice) -> EmailMultiAlternatives:
    """What tells of a run's end or pause. The same each time it is tried, Message-ID included."""
    run = notice.run
    context = {
        "run": run,
        "squid": run.squid,
        "advice": states.ADVICE.get(Reason(run.reason)) if run.reason else None,
        "compared": forecast.compare(run),
        "zone": named(run.owner.time_zone),
        "run_url": address("runs:detail", run.uid),
        "tasks_url": address("runs:tasks", run.uid),
        "csv_url": address("runs:download", run.uid, "csv"),
    }
    message = _message(notice.to, subject_of(run), "notice", run.squid, context)
    message.extra_headers["Message-ID"] = f"<notice-{notice.pk}-{run.uid}@{_host()}>"
    return message


def of_test(squid: Squid, to: str) -> EmailMultiAlternatives:
    """What the test button sends."""
    return _message(to, f"Test: {one_line(squid.name)}", "test", squid, {"squid": squid})


def subject_of(run: Run) -> str:
    """``Done: Demo shop — 2,400 results``, or why it ended or pauses in place of the number."""
    return f"{Status(run.status).label}: {one_line(run.squid.name)} — {_news(run)}"


def _news(run: Run) -> str:
    if run.status != Status.DONE or run.reason == Reason.NO_CREDITS_LEFT:
        return run.reason_text.partition(".")[0]
    results = f"{thousands(run.results)} result{'' if run.results == 1 else 's'}"
    if not run.tasks_failed:
        return results
    return f"{results}, {thousands(run.tasks_failed)} of {thousands(run.tasks_total)} tasks failed"


def one_line(name: str) -> str:
    """A squid's name as a header may hold it: one line, and not all of a long one."""
    shown = "".join(sign if sign.isprintable() else " " for sign in name)
    return Truncator(" ".join(shown.split())).chars(NAME_IN_SUBJECT)


def address(name: str, *args: str) -> str:
    """An address of this site as it is seen from outside."""
    return settings.SITE_URL + reverse(name, args=args)


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _message(
    to: str, subject: str, template: str, squid: Squid, context: dict[str, Any]
) -> EmailMultiAlternatives:
    context |= {"subject": subject, "off_url": address("squids:settings", squid.uid) + "#notify"}
    text = render_to_string(f"runs/mail/{template}.txt", context)
    message = EmailMultiAlternatives(subject, text.strip() + "\n", to=[to])
    message.attach_alternative(render_to_string(f"runs/mail/{template}.html", context), "text/html")
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    return message
