"""What may be spent and what was: balances, bonuses, the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from runs.figures import credits_text
from runs.models.runs import Run
from runs.models.work import Request
from squids.models import Interval, User


class Balance(models.Model):
    """What a user may spend in a cycle and has spent, in thousandths of a credit.

    ``granted`` is the cycle's credits: the plan's (``base``), what was left of bonuses of the
    cycle before (``carried``), and bonuses since (``bonus``). ``allowance`` is the part of them
    that may be spent so far; ``spent`` never passes it. ``refresh_at`` is when that part grows, or
    the cycle ends. A closed balance takes no charge any more: the next cycle has begun.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="balances")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    refresh_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    interval = models.CharField(max_length=7, choices=Interval, default=Interval.MONTH)
    base = models.BigIntegerField()
    carried = models.BigIntegerField(default=0)
    bonus = models.BigIntegerField(default=0)
    allowance = models.BigIntegerField()
    spent = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "starts_at"], name="balance_once_per_period"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(closed_at=None), name="balance_one_open_per_user"
            ),
            models.CheckConstraint(
                condition=Q(spent__lte=F("allowance")), name="balance_never_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.starts_at:%Y-%m-%d}"

    @property
    def granted(self) -> int:
        return self.base + self.carried + self.bonus

    @property
    def extra(self) -> int:
        """Bonuses, those carried over included."""
        return self.carried + self.bonus

    @property
    def remaining(self) -> int:
        """What may be spent now."""
        return self.allowance - self.spent

    @property
    def left(self) -> int:
        """What is left of the cycle, released or not."""
        return self.granted - self.spent


class Bonus(models.Model):
    """Credits an operator granted on top of the plan; appended, never changed."""

    balance = models.ForeignKey(Balance, on_delete=models.PROTECT, related_name="bonuses")
    amount = models.BigIntegerField(help_text="In thousandths of a credit.")
    note = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "bonuses"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="bonus_adds_something"),
        ]

    def __str__(self) -> str:
        return f"{credits_text(self.amount)} credits for {self.balance.user}"


class LedgerEntry(models.Model):
    """A charge: one per page, function and part, appended with the page's rows, never changed.
    A page has one part, but for one that ran out of credits: what was left is charged later."""

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
    part = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    rate = models.BigIntegerField()
    amount = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request", "function", "part"], name="charge_once_per_page_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function}, {credits_text(self.amount)} credits"


class Spending(models.Model):
    """What a run was charged for a function in the quarter of an hour that begins ``at``: sums of
    the ledger, written with its entries, since a year of them is too many to add up on a page."""

    owner = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="spendings", db_index=False
    )
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="spendings", db_index=False)
    function = models.CharField(max_length=60)
    at = models.DateTimeField()
    hits = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "function", "at"], name="spending_once_per_quarter"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "at"], name="spending_of_owner")]

    def __str__(self) -> str:
        return f"{self.function}, {credits_text(self.amount)} credits"
