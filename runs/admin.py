"""What operators see and do: runs and all that was written for them, balances and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils.text import Truncator

from runs import lifecycle
from runs.figures import credits_text
from runs.models import (
    AccountUse,
    Balance,
    Bonus,
    Firing,
    HostRule,
    LaunchKey,
    Lease,
    LedgerEntry,
    Line,
    Notice,
    PendingPage,
    Request,
    Result,
    Run,
    RunEvent,
    RunTask,
    Spending,
)
from squids.errors import Refused
from squids.models import User
from squids.operators import CreditsField, OperatorAdmin, ReadOnlyAdmin


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
        "launched",
        "created_at",
    )
    list_filter = ("status", "reason", "origin", "crawler")
    list_select_related = ("squid", "owner", "api_key")
    readonly_fields = ("launched",)
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

    @admin.display(description="Launched", ordering="origin")
    def launched(self, run: Run) -> str:
        return run.origin_text

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


@admin.register(PendingPage)
class PendingPageAdmin(ReadOnlyAdmin):
    """Which pages wait for credits; what is on them, nobody sees before it is paid."""

    fields = ("run", "run_task", "request", "part", "rows_waiting")
    list_display = ("run", "run_task", "request", "part", "rows_waiting")
    list_select_related = ("run", "run_task", "request")
    search_fields = ("=run__uid",)
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


@admin.register(LaunchKey)
class LaunchKeyAdmin(ReadOnlyAdmin):
    list_display = ("key", "owner", "run", "created_at")
    list_select_related = ("owner", "run")
    search_fields = ("=key", "=run__uid", "owner__username")
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


@admin.register(AccountUse)
class AccountUseAdmin(ReadOnlyAdmin):
    list_display = ("account", "run", "day_ends_at", "counts", "batch", "batch_ends_at")
    list_select_related = ("account", "run")
    search_fields = ("account__name", "=run__uid")
    ordering = ("-id",)


@admin.register(HostRule)
class HostRuleAdmin(OperatorAdmin):
    """Exceptions to the politeness; from the next slice on."""

    list_display = ("host", "in_flight", "delay")
    search_fields = ("host",)
    ordering = ("host",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)  # nothing refers to it


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    """Cycles. Credits are given as a bonus or by the user's plan."""

    list_display = ("user", "starts_at", "ends_at", "all_of_it", "allowed", "used", "left")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "interval")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-id",)

    @admin.display(description="Granted")
    def all_of_it(self, balance: Balance) -> str:
        return credits_text(balance.granted)

    @admin.display(description="Released", ordering="allowance")
    def allowed(self, balance: Balance) -> str:
        return credits_text(balance.allowance)

    @admin.display(description="Spent", ordering="spent")
    def used(self, balance: Balance) -> str:
        return credits_text(balance.spent)

    @admin.display(description="Remaining")
    def left(self, balance: Balance) -> str:
        return credits_text(balance.remaining)


class BonusForm(forms.ModelForm):  # type: ignore[type-arg]
    user = forms.ModelChoiceField(User.objects.order_by("username"))
    credits = CreditsField(min_value=Decimal("0.001"), help_text="There at once, and kept.")

    class Meta:
        model = Bonus
        fields = ("note",)


@admin.register(Bonus)
class BonusAdmin(OperatorAdmin):
    """Credits on top of a plan: given here, never changed or taken back. Runs that wait for credits
    go on."""

    form = BonusForm
    fields = ("user", "credits", "note")
    list_display = ("whose", "given", "note", "by", "at")
    list_select_related = ("balance__user",)
    search_fields = ("balance__user__username", "note")
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("whose", "given", "note", "by", "at") if obj else self.fields

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        return ("whose", "given", "note", "by", "at") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Bonus, form: forms.ModelForm[Bonus], change: bool
    ) -> None:
        asked, by = form.cleaned_data, request.user.get_username()
        bonus = lifecycle.grant(asked["user"], asked["credits"], by=by, note=asked["note"])
        obj.__dict__.update(bonus.__dict__)

    @admin.display(description="User", ordering="balance__user__username")
    def whose(self, bonus: Bonus) -> str:
        return str(bonus.balance.user)

    @admin.display(description="Credits", ordering="amount")
    def given(self, bonus: Bonus) -> str:
        return credits_text(bonus.amount)


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
