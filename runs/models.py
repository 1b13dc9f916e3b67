"""What is executed. Rows of the hot tables (requests, results, ledger, lines) are written by the
committer alone, a page whole; everything a person sees is read from here.

Money is integers, thousandths of a credit. Durations are milliseconds.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from runs import states
from runs.states import Level, Origin, Reason, RequestState, Status, TaskReason, TaskStatus
from squids.models import Crawler, Squid, Task, User, new_uid


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
    settings = models.JSONField(help_text="The squid's settings and the price list, as at launch.")

    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=40, choices=Reason, blank=True)
    message = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    superseded = models.BooleanField(default=False)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.USER)
    started_by = models.CharField(max_length=200, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    active_since = models.DateTimeField(null=True, blank=True)
    active_ms = models.BigIntegerField(default=0)
    wake_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    tasks_total = models.PositiveIntegerField(default=0)
    tasks_done = models.PositiveIntegerField(default=0, help_text="Ended tasks, failed ones too.")
    tasks_failed = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    results = models.PositiveIntegerField(default=0, help_text="Also the last result number given.")
    unique_results = models.PositiveIntegerField(default=0)
    expected_results = models.PositiveIntegerField(null=True, blank=True)
    credits = models.BigIntegerField(default=0)
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
    def duration(self) -> timedelta:
        """The time it was active; pauses do not count."""
        running = timezone.now() - self.active_since if self.active_since else timedelta()
        return timedelta(milliseconds=self.active_ms) + running

    @property
    def percent(self) -> int:
        return 100 * self.tasks_done // self.tasks_total if self.tasks_total else 0

    @property
    def tasks_left(self) -> int:
        return self.tasks_total - self.tasks_done

    @property
    def concurrency(self) -> int:
        return int(self.settings["concurrency"])


class RunTask(models.Model):
    """A task as one run works on it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="run_tasks")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="run_tasks")
    position = models.PositiveIntegerField()
    share = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=TaskStatus, default=TaskStatus.PENDING)
    reason = models.CharField(max_length=20, choices=TaskReason, blank=True)
    message = models.TextField(blank=True)
    pages = models.PositiveIntegerField(default=0)
    results = models.PositiveIntegerField(default=0)
    unique_results = models.PositiveIntegerField(default=0)
    expected_results = models.PositiveIntegerField(null=True, blank=True)
    suspect = models.BooleanField(
        default=False, help_text="In flight when its worker died; goes on alone for a page."
    )
    kills = models.PositiveSmallIntegerField(default=0, help_text="Workers it ended while alone.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_page_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "position"], name="run_task_position"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "status", "position"]),
            models.Index(fields=["run"], condition=Q(suspect=True), name="run_task_suspect"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}"

    @property
    def is_ended(self) -> bool:
        return self.status in states.TASK_ENDED

    @property
    def reason_text(self) -> str:
        return self.message or (TaskReason(self.reason).label if self.reason else "")


class Request(models.Model):
    """The checkpoint: one row per request of a task, todo or ended."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="requests", db_index=False)
    run_task = models.ForeignKey(
        RunTask, on_delete=models.CASCADE, related_name="requests", db_index=False
    )
    fingerprint = models.CharField(max_length=32)
    data = models.TextField(help_text="The crawler's request as JSON.")
    state = models.CharField(max_length=8, choices=RequestState, default=RequestState.TODO)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run_task", "fingerprint"], name="request_once_per_task"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run_task", "id"], condition=Q(state=RequestState.TODO), name="request_todo"
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def url(self) -> str:
        return str(json.loads(self.data)["url"])


class Result(models.Model):
    """A row. ``number`` counts all rows of the run from 1, ``unique_number`` the unique ones; a
    duplicate has none. Both are dense, so a page of 50 is a range, at a million rows too."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rows", db_index=False)
    run_task = models.ForeignKey(
        RunTask, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    request = models.ForeignKey(
        Request, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField()
    unique_number = models.PositiveIntegerField(null=True)
    digest = models.CharField(max_length=32)
    data = models.TextField(help_text="The row as JSON.")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="result_number"),
            models.UniqueConstraint(
                fields=["run", "digest"],
                condition=Q(unique_number__isnull=False),
                name="result_unique_once_per_run",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run", "unique_number"],
                condition=Q(unique_number__isnull=False),
                name="result_unique_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}#{self.number}"

    @property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(self.data)
        return row


class Line(models.Model):
    """A console line. ``number`` counts from 1 without a gap, given under the run's row lock."""

    TEXT_LIMIT = 2_000

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=7, choices=Level, default=Level.INFO)
    task_position = models.PositiveIntegerField(null=True)
    url = models.TextField(blank=True)
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="line_number"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run", "level", "number"],
                condition=~Q(level=Level.INFO),
                name="line_notable",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def moment(self) -> str:
        """When, to the second, in UTC; a template's date filter takes ten times as long."""
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def clock(self) -> str:
        """Its time of day, in the present zone."""
        return f"{timezone.localtime(self.at):%H:%M:%S}"


class RunEvent(models.Model):
    """A move of a run's status: from, to, why, who, when."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    source = models.CharField(max_length=10, blank=True)
    target = models.CharField(max_length=10, choices=Status)
    reason = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.source or 'new'} → {self.target}"


class Lease(models.Model):
    """Who works on a share of a run. The token is the fence: a commit under another writes nothing.

    A run has its lease row from launch to its end; ``token`` is empty while nobody holds it.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="leases")
    share = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    holder_host = models.CharField(max_length=100, blank=True)
    holder_boot = models.CharField(max_length=40, blank=True)
    holder_pid = models.PositiveIntegerField(null=True)
    holder_started = models.CharField(max_length=40, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    alone = models.ForeignKey(RunTask, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "share"], name="lease_once_per_share"),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.share}"

    @property
    def is_free(self) -> bool:
        return not self.token

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at < now


class HostRule(models.Model):
    """An operator's exception to the politeness towards one host."""

    host = models.CharField(max_length=255, unique=True, help_text="host:port, or a host name.")
    in_flight = models.PositiveSmallIntegerField(
        default=8, validators=[MinValueValidator(1)], help_text="Requests at once."
    )
    delay = models.FloatField(
        null=True,
        blank=True,
        default=None,
        validators=[MinValueValidator(0)],
        help_text="Seconds between two requests. Empty: what its robots.txt says.",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(in_flight__gte=1), name="host_rule_lets_one_in"),
        ]

    def __str__(self) -> str:
        return self.host


class Balance(models.Model):
    """What a user may spend in a period and has spent; ``spent`` never passes ``allowance``."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="balances")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    allowance = models.BigIntegerField()
    spent = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "starts_at"], name="balance_once_per_period"),
            models.CheckConstraint(
                condition=Q(spent__lte=models.F("allowance")), name="balance_never_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.starts_at:%Y-%m-%d}"

    @property
    def remaining(self) -> int:
        return self.allowance - self.spent


class LedgerEntry(models.Model):
    """A charge: one per page and function, appended with the page's rows, never changed."""

    BASE = "base"

    balance = models.ForeignKey(Balance, on_delete=models.PROTECT, related_name="entries")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="charges")
    request = models.ForeignKey(
        Request,
        on_delete=models.CASCADE,
        related_name="charges",
        db_index=False,
        db_constraint=False,
    )
    function = models.CharField(max_length=60, default=BASE)
    attempts = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    rate = models.BigIntegerField()
    amount = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "function"], name="charge_once_per_page"),
        ]

    def __str__(self) -> str:
        return f"{self.function} {self.amount}"
