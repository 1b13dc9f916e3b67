"""What operators see and do: runs and all that was written for them, balances and the ledger."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils.text import Truncator

from runs import lifecycle
from runs.figures import credits_text
from runs.models import (
    Balance,
    Firing,
    HostRule,
    Lease,
    LedgerEntry,
    Line,
    Notice,
    Request,
    Result,
    Run,
    RunEvent,
    RunTask,
    Spending,
)
from squids.errors import Refused
from squids.operators import OperatorAdmin, ReadOnlyAdmin


class EventInline(admin.TabularInline):  # type: ignore[type-arg]
    model = RunEvent
    fields = ("at", "source", "target", "reason", "by")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "short_id",
        "squid_name",
        "owner",
        "status",
        "why",
        "results",
        "used",
        "created_at",
    )
    list_filter = ("status", "reason", "origin", "crawler")
    list_select_related = ("squid", "owner")
    search_fields = ("uid__startswith", "squid__name", "owner__username")
    ordering = ("-id",)
    inlines = (EventInline,)
    actions = ("abort", "pause", "resume")

    @admin.display(description="Squid", ordering="squid__name")
    def squid_name(self, run: Run) -> str:
        return Truncator(run.squid.name).chars(40)

    @admin.display(description="Reason", ordering="reason")
    def why(self, run: Run) -> str:
        return run.reason

    @admin.display(description="Credits used", ordering="credits")
    def used(self, run: Run) -> str:
        return credits_text(run.credits)

    @admin.action(description="Abort", permissions=["operate"])
    def abort(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        _each(request, runs, lifecycle.abort, "aborted")

    @admin.action(description="Pause", permissions=["operate"])
    def pause(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        _each(request, runs, lifecycle.pause, "paused")

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        _each(request, runs, lifecycle.resume, "resumed")


def _each(request: HttpRequest, runs: QuerySet[Run], move: Callable[..., None], done: str) -> None:
    moved = 0
    for run in runs:
        try:
            move(run, by=request.user.get_username())
            moved += 1
        except Refused as refused:
            messages.warning(request, f"Run {run}: {refused.message}")
    if moved:
        messages.success(request, f"{moved} run{pluralize(moved)} {done}.")


@admin.register(RunTask)
class RunTaskAdmin(ReadOnlyAdmin):
    list_display = ("run", "position", "status", "reason", "pages", "results", "suspect", "kills")
    list_filter = ("status", "suspect")
    list_select_related = ("run",)
    search_fields = ("=run__uid",)
    ordering = ("-run_id", "position")


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    list_display = ("url", "run", "state", "tries", "not_before")
    list_filter = ("state",)
    list_select_related = ("run",)
    search_fields = ("=run_task__run__uid",)
    ordering = ("-id",)


@admin.register(Result)
class ResultAdmin(ReadOnlyAdmin):
    list_display = ("run", "number", "unique_number", "created_at")
    list_select_related = ("run",)
    search_fields = ("=run__uid",)
    ordering = ("-run_id", "-number")


@admin.register(Line)
class LineAdmin(ReadOnlyAdmin):
    list_display = ("run", "number", "at", "level", "text")
    list_filter = ("level",)
    list_select_related = ("run",)
    search_fields = ("=run__uid",)
    ordering = ("-run_id", "-number")


@admin.register(RunEvent)
class RunEventAdmin(ReadOnlyAdmin):
    list_display = ("run", "source", "target", "reason", "by", "at")
    list_filter = ("target",)
    list_select_related = ("run",)
    search_fields = ("=run__uid",)
    ordering = ("-id",)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("run", "to", "status", "reason", "state", "tries", "next_try_at", "error")
    list_filter = ("state",)
    list_select_related = ("run",)
    search_fields = ("=run__uid", "to")
    ordering = ("-id",)


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = ("run", "share", "holder_host", "holder_pid", "heartbeat_at", "expires_at")
    list_select_related = ("run",)
    search_fields = ("=run__uid", "holder_host")
    ordering = ("-id",)


@admin.register(HostRule)
class HostRuleAdmin(OperatorAdmin):
    """Exceptions to the politeness; from the next slice on."""

    list_display = ("host", "in_flight", "delay")
    search_fields = ("host",)
    ordering = ("host",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)  # nothing refers to it


class BalanceForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_allowance(self) -> int:
        allowance: int = self.cleaned_data["allowance"]
        if allowance < self.instance.spent:
            spent = credits_text(self.instance.spent)
            raise forms.ValidationError(f"{spent} credits of it are spent already.")
        return allowance


@admin.register(Balance)
class BalanceAdmin(OperatorAdmin):
    """The allowance of a period may be changed; what was spent is the ledger's sum."""

    form = BalanceForm
    list_display = ("user", "starts_at", "allowed", "used", "left")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "starts_at", "ends_at", "allowance", "spent")
    readonly_fields = ("user", "starts_at", "ends_at", "spent")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # opened from the user's plan at its first use

    def save_model(
        self, request: HttpRequest, obj: Balance, form: forms.ModelForm[Balance], change: bool
    ) -> None:
        """Only the allowance, and only while it still covers what workers have charged since."""
        covering = Balance.objects.filter(pk=obj.pk, spent__lte=obj.allowance)
        if not covering.update(allowance=obj.allowance):
            messages.error(request, "More was spent meanwhile; the allowance was left as it was.")

    @admin.display(description="Allowance", ordering="allowance")
    def allowed(self, balance: Balance) -> str:
        return credits_text(balance.allowance)

    @admin.display(description="Spent", ordering="spent")
    def used(self, balance: Balance) -> str:
        return credits_text(balance.spent)

    @admin.display(description="Remaining")
    def left(self, balance: Balance) -> str:
        return credits_text(balance.remaining)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("run", "function", "attempts", "hits", "price", "charged", "at")
    list_filter = ("function",)
    list_select_related = ("run",)
    search_fields = ("=run__uid", "balance__user__username")
    ordering = ("-id",)

    @admin.display(description="Rate", ordering="rate")
    def price(self, entry: LedgerEntry) -> str:
        return credits_text(entry.rate)

    @admin.display(description="Amount", ordering="amount")
    def charged(self, entry: LedgerEntry) -> str:
        return credits_text(entry.amount)


@admin.register(Spending)
class SpendingAdmin(ReadOnlyAdmin):
    list_display = ("run", "function", "at", "hits", "charged")
    list_filter = ("function",)
    list_select_related = ("run",)
    search_fields = ("=run__uid", "owner__username")
    ordering = ("-id",)

    @admin.display(description="Amount", ordering="amount")
    def charged(self, spending: Spending) -> str:
        return credits_text(spending.amount)


@admin.register(Firing)
class FiringAdmin(ReadOnlyAdmin):
    list_display = ("squid", "due_at", "outcome", "note", "run")
    list_filter = ("outcome",)
    list_select_related = ("squid", "run")
    search_fields = ("=squid__uid", "squid__name")
    ordering = ("-id",)
