"""A run, and the moves of its status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from runs import states
from runs.states import Origin, Reason, Status
from squids.models import ApiKey, Crawler, Squid, User, new_uid

_ORIGINS = {Origin.SCHEDULE: "by its schedule", Origin.CHAIN: "by a chain"}


class RunQuerySet(QuerySet["Run"]):
    def unfinished(self) -> RunQuerySet:
        return self.filter(status__in=states.UNFINISHED)

    def live(self) -> RunQuerySet:
        return self.filter(status__in=states.LIVE)


class Run(models.Model):
    """One execution of a squid. Only ``runs.lifecycle`` writes ``status``."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    squid = models.ForeignKey(Squid, on_delete=models.CASCADE, related_name="runs")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="runs")
    crawler = models.ForeignKey(Crawler, on_delete=models.PROTECT, related_name="runs")
    crawler_version = models.CharField(max_length=20)
    version_at_work = models.CharField(
        max_length=20, blank=True, help_text="The crawler's, where it was upgraded meanwhile."
    )
    settings = models.JSONField(help_text="The squid's settings and the price list, as at launch.")

    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=40, choices=Reason, blank=True)
    message = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    superseded = models.BooleanField(default=False)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.USER)
    started_by = models.CharField(max_length=250, blank=True)
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    active_since = models.DateTimeField(null=True, blank=True)
    active_ms = models.BigIntegerField(default=0)
    wake_at = models.DateTimeField(
        null=True, blank=True, help_text="The next try of a run that waits, or is paused."
    )
    updated_at = models.DateTimeField(default=timezone.now)

    tasks_total = models.PositiveIntegerField(default=0)
    tasks_done = models.PositiveIntegerField(default=0, help_text="Ended tasks, failed ones too.")
    tasks_failed = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    results = models.PositiveIntegerField(default=0, help_text="Also the last result number given.")
    unique_results = models.PositiveIntegerField(default=0)
    credits = models.BigIntegerField(default=0)
    retry_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries"
    )
    forecast = models.JSONField(
        null=True, blank=True, help_text="What was foretold at launch, to compare with."
    )
    troubles = models.PositiveSmallIntegerField(
        default=0, help_text="Pauses in a row since the site last answered well."
    )
    streak = models.JSONField(
        default=list, help_text="The requests that failed for the site's sake since it did."
    )
    last_line = models.PositiveIntegerField(default=0, help_text="Last console line number given.")

    objects: ClassVar[Any] = RunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["squid"],
                condition=Q(status__in=states.UNFINISHED),
                name="one_unfinished_run_per_squid",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["squid", "-id"]),
            models.Index(fields=["owner", "-id"]),
            models.Index(
                fields=["wake_at", "id"], condition=Q(status__in=states.LIVE), name="run_live"
            ),
            models.Index(
                fields=["wake_at"], condition=Q(status=Status.PAUSED), name="run_paused_until"
            ),
            models.Index(fields=["wake_at"], condition=Q(status=Status.ERROR), name="run_resolved"),
        ]

    def __str__(self) -> str:
        return self.short_id

    @property
    def short_id(self) -> str:
        return self.uid[:8]

    @property
    def is_unfinished(self) -> bool:
        return self.status in states.UNFINISHED

    @property
    def is_live(self) -> bool:
        return self.status in states.LIVE

    @property
    def is_paused(self) -> bool:
        return self.status == Status.PAUSED

    @property
    def is_done(self) -> bool:
        return self.status in states.FINISHED

    @property
    def is_queued(self) -> bool:
        return self.status == Status.PENDING

    @property
    def reason_text(self) -> str:
        return Reason(self.reason).label if self.reason else ""

    @property
    def advice(self) -> states.Advice | None:
        return states.ADVICE[Reason(self.reason)] if self.reason else None

    @property
    def origin_text(self) -> str:
        """What launched it: “by ada”, “by ada · API key “laptop””, “by its schedule”; empty where
        that was not kept. Lists of runs fetch ``api_key`` along."""
        if self.origin in _ORIGINS:
            return _ORIGINS[Origin(self.origin)]
        by = f"by {self.started_by}" if self.started_by else ""
        return " · ".join(filter(None, [by, self.api_key.label if self.api_key else ""]))

    @property
    def duration(self) -> timedelta:
        """The time it was active; pauses do not count."""
        running = timezone.now() - self.active_since if self.active_since else timedelta()
        return timedelta(milliseconds=self.active_ms) + running

    @property
    def waited(self) -> timedelta:
        """The time it was paused or queued since its start, in whole seconds."""
        if self.started_at is None:
            return timedelta()
        whole = (self.ended_at or timezone.now()) - self.started_at
        return timedelta(seconds=max(0, int((whole - self.duration).total_seconds())))

    @property
    def percent(self) -> int:
        return 100 * self.tasks_done // self.tasks_total if self.tasks_total else 0

    @property
    def tasks_left(self) -> int:
        return self.tasks_total - self.tasks_done

    @property
    def versions(self) -> str:
        """The crawler's version as at launch, and the one that went on: ``1``, ``1, then 2``."""
        if self.version_at_work in ("", self.crawler_version):
            return self.crawler_version
        return f"{self.crawler_version}, then {self.version_at_work}"

    @property
    def concurrency(self) -> int:
        return int(self.settings["concurrency"])


class LaunchKey(models.Model):
    """An ``Idempotency-Key`` that a client sent with a launch, and the run that came of it: asked
    again with the same key, the same run is answered. Kept for a day."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="launch_keys")
    key = models.CharField(max_length=255)
    squid = models.ForeignKey(Squid, on_delete=models.CASCADE, related_name="launch_keys")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="launch_keys")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "key"], name="launch_key_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.key


class RunEvent(models.Model):
    """A move of a run's status: from, to, why, who, when."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    source = models.CharField(max_length=10, blank=True)
    target = models.CharField(max_length=10, choices=Status)
    reason = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.source or 'new'} → {self.target}"
