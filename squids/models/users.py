"""Plans, and the users who have them."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from squids import zones

if TYPE_CHECKING:
    from squids.models.squids import SquidQuerySet


class Interval(models.TextChoices):
    MONTH = "monthly", "Monthly"
    DAY = "daily", "Daily"


class Plan(models.Model):
    """What a user may spend and reserve. Operators edit plans in the admin; what they change here
    reaches a user with their next cycle."""

    name = models.CharField(max_length=80, unique=True)
    credits = models.BigIntegerField(help_text="Allowance of a period, in thousandths of a credit.")
    interval = models.CharField(
        max_length=7,
        choices=Interval,
        default=Interval.MONTH,
        help_text="How long a cycle is: the allowance is there anew each month, or each day.",
    )
    slots = models.PositiveIntegerField(default=10)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(credits__gte=0), name="plan_credits_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True)
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        default="",
        validators=[zones.check],
        help_text="Such as Europe/Paris. Empty until their browser tells it; UTC until then.",
    )
    allocation = models.CharField(
        max_length=7,
        choices=Interval,
        default=Interval.MONTH,
        help_text="A monthly plan's credits: all at once, or what is left spread over the days.",
    )

    @property
    def zone(self) -> tzinfo:
        return zones.named(self.time_zone)

    @property
    def slots(self) -> int:
        return self.plan.slots if self.plan else 0

    @property
    def slot_holders(self) -> SquidQuerySet:
        """The squids that hold slots, whether they run or not, the largest first."""
        held: SquidQuerySet = self.squids.visible().filter(is_active=True)
        return held.order_by("-concurrency", "name")

    @property
    def used_slots(self) -> int:
        total = self.slot_holders.aggregate(n=models.Sum("concurrency"))
        return total["n"] or 0
