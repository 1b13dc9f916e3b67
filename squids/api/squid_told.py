"""A squid as the API tells it, and how many are read at once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from ninja import Schema

from runs.exports import Format
from runs.links import Link
from runs.models import Run
from squids import actions, errors, schedules
from squids.actions.squids import RUN_LIMIT, SETTINGS
from squids.api.caller import Caller
from squids.api.schema import moment
from squids.listing import next_launch
from squids.models import Account, Notify, Schedule, Squid, SquidQuerySet


class LinkedAccountOut(Schema):
    id: str
    status: str


class SquidNotificationsOut(Schema):
    run_notify: str | None


class SquidDeliveryOut(Schema):
    is_active: bool


class SquidScheduleOut(Schema):
    """``cron_expression`` is null where none fires alike, as with every seven minutes."""

    cron_expression: str | None
    timezone: str
    is_active: bool


class _Squid(Schema):
    id: str
    object: Literal["squid"]
    name: str
    created_at: str
    created_via: str | None
    is_active: bool
    is_ready: bool
    crawler: str
    crawler_name: str
    icon: str | None
    is_public: bool
    concurrency: int
    params: dict[str, Any]
    accounts: list[LinkedAccountOut]
    to_complete: bool
    export_unique_results: bool
    no_line_breaks: bool
    export_runs: bool
    delay: float
    obey_robots: bool
    last_run: str | None
    last_run_status: str | None
    last_run_at: str | None
    last_run_done_reason: str | None
    last_run_is_done: bool | None
    total_runs: int
    next_launch_at: str | None
    schedule_time: str | None
    download_url: str | None
    email: str
    notify_email: str
    notifications: bool
    notifications_params: SquidNotificationsOut
    google_sheet_fields: SquidDeliveryOut
    ftp_fields: SquidDeliveryOut
    s3_fields: SquidDeliveryOut
    webhook_fields: SquidDeliveryOut
    slack_fields: SquidDeliveryOut
    message: str
    chain: None


class SquidListedOut(_Squid):
    """In the list ``schedule`` is the cron expression, null where none fires alike."""

    schedule: str | None


class SquidOut(_Squid):
    schedule: SquidScheduleOut | None


class SquidCreatedOut(SquidOut):
    account: list[LinkedAccountOut]


class SquidSettingsOut(Schema):
    """The settings as they are now; ``accounts`` are ids here."""

    id: str
    object: Literal["squid"]
    name: str
    is_active: bool
    is_ready: bool
    concurrency: int
    params: dict[str, Any]
    accounts: list[str]
    to_complete: bool
    export_unique_results: bool
    no_line_breaks: bool
    run_notify: str | None
    notify_email: str
    delay: float
    obey_robots: bool
    cron_expression: str | None
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A squid with its current or last run, and how many it had."""

    squid: Squid
    run: Run | None
    runs: int
    schedule: Schedule | None


def entries(squids: SquidQuerySet) -> list[Entry]:
    """In their order, in three queries however many they are."""
    runs = Run.objects.filter(squid=OuterRef("pk")).order_by()
    count = runs.values("squid").annotate(n=Count("pk")).values("n")
    found = squids.select_related("crawler", "schedule").prefetch_related(_accounts())
    found = found.annotate(
        last=Subquery(runs.order_by("-id").values("id")[:1]),
        run_count=Coalesce(Subquery(count), 0),
    )
    read: list[Any] = list(found)
    last = _last_runs(squid.last for squid in read)
    return [
        Entry(squid, last.get(squid.last), squid.run_count, schedule_of(squid)) for squid in read
    ]


def _accounts() -> Prefetch[str]:
    return Prefetch("accounts", Account.objects.only("uid", "status").order_by("pk"))


def _last_runs(ids: Iterable[int | None]) -> dict[int, Run]:
    runs = Run.objects.filter(pk__in=[pk for pk in ids if pk])
    return {run.pk: run for run in runs.defer("settings", "traceback", "forecast", "streak")}


def schedule_of(squid: Squid) -> Schedule | None:
    found: Schedule | None = getattr(squid, "schedule", None)
    return found


def listed(request: Caller, entry: Entry) -> dict[str, Any]:
    cron = schedules.cron_of(entry.schedule) if entry.schedule else ""
    return _told(request, entry) | {"schedule": cron or None}


def detailed(request: Caller, entry: Entry) -> dict[str, Any]:
    return _told(request, entry) | {"schedule": _schedule(entry.schedule)}


def created(request: Caller, entry: Entry) -> dict[str, Any]:
    told = detailed(request, entry)
    return told | {"account": told["accounts"]}


def updated(squid: Squid) -> dict[str, Any]:
    schedule = Schedule.objects.filter(squid=squid).first()
    return _settings(squid) | {
        "accounts": list(squid.accounts.order_by("pk").values_list("uid", flat=True)),
        "run_notify": _notify(squid),
        "cron_expression": (schedules.cron_of(schedule) or None) if schedule else None,
        "timezone": schedule.time_zone if schedule else None,
    }


def _told(request: Caller, entry: Entry) -> dict[str, Any]:
    squid = entry.squid
    nothing: dict[str, Any] = {"is_active": False}
    return (
        _settings(squid)
        | _last_run(request, entry)
        | {
            "created_at": moment(squid.created_at),
            "created_via": None if squid.created_from == "web" else squid.created_from,
            "crawler": squid.crawler.uid,
            "crawler_name": squid.crawler.name,
            "icon": None,
            "is_public": True,
            "accounts": [{"id": a.uid, "status": a.status} for a in squid.accounts.all()],
            "export_runs": True,
            "next_launch_at": moment(next_launch(entry.run, entry.schedule)),
            "schedule_time": schedules.text_of(entry.schedule) if entry.schedule else None,
            "email": squid.notify_email or request.user.email,
            "notifications": squid.run_notify != Notify.NEVER,
            "notifications_params": {"run_notify": _notify(squid)},
            "google_sheet_fields": nothing,
            "ftp_fields": nothing,
            "s3_fields": nothing,
            "webhook_fields": nothing,
            "slack_fields": nothing,
            "chain": None,
        }
    )


def _settings(squid: Squid) -> dict[str, Any]:
    own = {name: getattr(squid, name) for name in SETTINGS if name not in APART}
    return own | {
        "id": squid.uid,
        "object": "squid",
        "is_active": squid.is_active,
        "is_ready": not actions.unready(squid),
        "params": params_of(squid),
    }


APART = ("params", "functions", RUN_LIMIT.name, "run_notify")
"""Settings that the API tells within ``params``, or with null for never."""


def params_of(squid: Squid) -> dict[str, Any]:
    """Every parameter that the crawler declares, null where it is unset, and what clients look for
    among them. What is stored, while the crawler is not installed."""
    params: dict[str, Any] = squid.params
    functions: dict[str, bool] = squid.functions
    with suppress(errors.CrawlerMissing):
        code = squid.crawler.code
        params = {p.name: squid.params.get(p.name, p.default) for p in code.squid_params}
        functions = {f.name: squid.functions.get(f.name, f.default) for f in code.functions}
    return params | {RUN_LIMIT.name: squid.max_unique_results_per_run, "functions": functions}


def _notify(squid: Squid) -> str | None:
    return None if squid.run_notify == Notify.NEVER else squid.run_notify


def _last_run(request: Caller, entry: Entry) -> dict[str, Any]:
    run = entry.run
    if run is None:
        return {
            "last_run": None,
            "last_run_status": None,
            "last_run_at": None,
            "last_run_done_reason": None,
            "last_run_is_done": None,
            "total_runs": 0,
            "download_url": None,
            "message": "",
        }
    return {
        "last_run": run.uid,
        "last_run_status": run.status.upper(),
        "last_run_at": moment(run.started_at or run.created_at),
        "last_run_done_reason": run.reason or None,
        "last_run_is_done": run.is_done,
        "total_runs": entry.runs,
        "download_url": _download(request, run) if run.is_done else None,
        "message": run.message,
    }


def _download(request: Caller, run: Run) -> str:
    """Of its file: scripts fetch it as it is, without a key."""
    return request.build_absolute_uri(Link(run.uid, request.auth.uid, Format.CSV).path)


def _schedule(schedule: Schedule | None) -> dict[str, Any] | None:
    if schedule is None:
        return None
    return {
        "cron_expression": schedules.cron_of(schedule) or None,
        "timezone": schedule.time_zone,
        "is_active": schedule.is_active,
    }
