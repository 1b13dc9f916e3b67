"""What operators see and do: users and their plans, crawlers, squids with tasks and uploads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from runs import lifecycle
from runs.figures import credits_text
from squids import actions, invitations
from squids.errors import FieldRefused, Refused
from squids.models import (
    Account,
    ApiKey,
    Crawler,
    Plan,
    Preset,
    SamplePage,
    Schedule,
    Squid,
    Task,
    Upload,
    User,
)
from squids.operators import CreditsField, OperatorAdmin, ReadOnlyAdmin
from squids.schedules import text_of


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    credits = CreditsField(help_text="Of a cycle. A change reaches users with their next one.")


@admin.register(Plan)
class PlanAdmin(OperatorAdmin):
    """A user who is given another plan begins a new cycle at once; one whose plan is edited here
    keeps to the present cycle's credits until it ends."""

    form = PlanForm
    fields = ("name", "credits", "interval", "slots")
    list_display = ("name", "allowance", "interval", "slots")
    search_fields = ("name",)

    @admin.display(description="Credits of a cycle", ordering="credits")
    def allowance(self, plan: Plan) -> str:
        return credits_text(plan.credits)


class InviteForm(forms.Form):
    username = forms.CharField(max_length=150)
    email = forms.EmailField(required=False)
    plan = forms.ModelChoiceField(Plan.objects.order_by("pk"), required=False)
    operator = forms.BooleanField(required=False, help_text="May use this admin.")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "email", "plan", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "plan")
    list_select_related = ("plan",)
    fieldsets = (*(DjangoUserAdmin.fieldsets or ()), ("Plan", {"fields": ("plan", "time_zone")}))
    add_fieldsets = (
        *DjangoUserAdmin.add_fieldsets,
        ("Plan", {"classes": ("wide",), "fields": ("email", "plan")}),
    )
    actions = ("make_invitations",)
    change_list_template = "admin/squids/user/change_list.html"

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool
    ) -> None:
        """Another plan begins a new cycle, so it is set by its action. Only what was changed here
        is written: the user may be changing the rest."""
        plan = obj.plan
        if change and "plan" in form.changed_data:
            obj.plan_id = form.initial["plan"]
        if change:
            obj.save(update_fields=_columns(form.changed_data) - {"plan"})
        else:
            super().save_model(request, obj, form, change)
        if obj.plan != plan:
            balance = lifecycle.set_plan(obj, plan)
            ends_at = balance.ends_at.astimezone(obj.zone)
            told = f"{credits_text(balance.remaining)} credits until {ends_at:%d %B %Y}"
            messages.info(request, f"{obj} has {plan or 'no plan'} from now on: {told}.")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # their charges are kept; an account that should go is made inactive

    def get_urls(self) -> list[URLPattern]:
        invite = path("invite/", self.admin_site.admin_view(self.invite), name="squids_user_invite")
        return [invite, *super().get_urls()]

    def invite(self, request: HttpRequest) -> HttpResponse:
        """A user without a password, and the link by which they set one."""
        if not self.has_add_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        form = InviteForm(request.POST or None)
        if form.is_valid() and (user := _invited(form)):
            _show_link(request, user)
            return HttpResponseRedirect(reverse("admin:squids_user_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Invite a user",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/squids/user/invite.html", context)

    @admin.action(description="Make links to set a password", permissions=["change"])
    def make_invitations(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            _show_link(request, user)


def _columns(names: list[str]) -> set[str]:
    return {field.name for field in User._meta.concrete_fields} & set(names)


def _invited(form: InviteForm) -> User | None:
    """The new user, or None with what is wrong noted at its field."""
    try:
        return actions.create_user(**form.cleaned_data)
    except FieldRefused as refused:
        form.add_error(refused.field, refused.message)
        return None


def _show_link(request: HttpRequest, user: User) -> None:
    link = request.build_absolute_uri(invitations.make_link(user))
    messages.success(request, f"{user} sets a password here, within three days: {link}")


@admin.register(Crawler)
class CrawlerAdmin(OperatorAdmin):
    """A problem is reported by writing it down and saving, and resolved by the action or by
    emptying it. While there is one, and while the crawler is out of service, its runs are paused;
    afterwards they go on, those too that stopped in Error on it."""

    list_display = ("name", "slug", "version", "is_available", "problem")
    list_filter = ("is_available",)
    search_fields = ("name", "slug")
    readonly_fields = ("uid", "slug", "name", "version", "description")
    actions = ("resolve",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # crawlers come with their code

    def save_model(
        self, request: HttpRequest, obj: Crawler, form: forms.ModelForm[Crawler], change: bool
    ) -> None:
        obj.save(update_fields=["is_available", "problem"])
        if obj.has_problem or not obj.is_available:
            self._pause(request, obj)
        elif form.changed_data:
            self._resolve(request, obj)

    def _pause(self, request: HttpRequest, crawler: Crawler) -> None:
        count = lifecycle.maintain(crawler, crawler.problem, by=request.user.get_username())
        if count:
            messages.warning(
                request, f"{crawler}: {count} {pluralize(count, 'run pauses,runs pause')}."
            )

    @admin.action(description="Mark the problem resolved; its runs go on", permissions=["change"])
    def resolve(self, request: HttpRequest, crawlers: QuerySet[Crawler]) -> None:
        for crawler in crawlers:
            self._resolve(request, crawler)

    def _resolve(self, request: HttpRequest, crawler: Crawler) -> None:
        done = lifecycle.resolve(crawler, by=request.user.get_username())
        messages.success(request, f"{crawler}: {_going_on(done.paused, done.errored)}.")


def _going_on(paused: int, errored: int) -> str:
    """“1 paused run and 2 errored runs go on”."""
    counts = {"paused": paused, "errored": errored}
    told = [f"{n} {kind} run{pluralize(n)}" for kind, n in counts.items() if n]
    if not told:
        return "no run waited for it"
    return f"{' and '.join(told)} {pluralize(paused + errored, 'goes,go')} on"


@admin.register(Squid)
class SquidAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "owner",
        "crawler",
        "is_active",
        "concurrency",
        "created_at",
        "deleted_at",
    )
    list_filter = ("is_active", "crawler")
    list_select_related = ("owner", "crawler")
    search_fields = ("name", "=uid", "owner__username")
    ordering = ("-id",)
    actions = ("activate", "deactivate")

    @admin.action(description="Activate", permissions=["operate"])
    def activate(self, request: HttpRequest, squids: QuerySet[Squid]) -> None:
        for squid in squids.filter(deleted_at=None):
            _try(request, squid, actions.activate, squid)

    @admin.action(description="Deactivate, cutting a live run short", permissions=["operate"])
    def deactivate(self, request: HttpRequest, squids: QuerySet[Squid]) -> None:
        for squid in squids.filter(deleted_at=None):
            _try(request, squid, lifecycle.deactivate, squid, by=request.user.get_username())


def _try(request: HttpRequest, about: Model, action: Any, *args: Any, **kwargs: Any) -> None:
    try:
        action(*args, **kwargs)
        messages.success(request, f"{about}: done.")
    except Refused as refused:
        messages.error(request, f"{about}: {refused.message}")


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("label", "squid", "position", "is_active", "created_at", "deleted_at")
    list_select_related = ("squid",)
    search_fields = ("=uid", "=squid__uid", "squid__name")
    ordering = ("-id",)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Everything but the secret."""

    list_display = ("name", "type", "owner", "status", "synchronized_at", "created_at")
    list_filter = ("type", "status")
    list_select_related = ("owner",)
    search_fields = ("name", "=uid", "owner__username")
    ordering = ("-id",)
    fields = (
        "uid",
        "owner",
        "type",
        "name",
        "cookie_names",
        "status",
        "status_note",
        "limits",
        "synchronized_at",
        "created_at",
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Operators see whose keys there are and how they are used, and can end one."""

    list_display = ("name", "start", "owner", "created_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at",)
    list_select_related = ("owner",)
    search_fields = ("name", "=uid", "=start", "owner__username")
    ordering = ("-id",)
    fields = (
        "uid",
        "owner",
        "name",
        "start",
        "created_at",
        "last_used_at",
        "last_used_by",
        "revoked_at",
    )
    actions = ("revoke",)

    @admin.action(description="Revoke, refusing it from now on", permissions=["operate"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys.filter(revoked_at=None):
            _try(request, key, actions.revoke_key, key)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("filename", "squid", "state", "inserted", "duplicates", "invalid", "created_at")
    list_filter = ("state",)
    list_select_related = ("squid",)
    search_fields = ("=uid", "filename", "=squid__uid")
    ordering = ("-id",)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ("squid", "says", "is_active", "next_at", "problem")
    list_filter = ("is_active", "repeat")
    list_select_related = ("squid",)
    search_fields = ("=squid__uid", "squid__name", "squid__owner__username")
    ordering = ("next_at",)

    @admin.display(description="Launches")
    def says(self, schedule: Schedule) -> str:
        return text_of(schedule)


@admin.register(Preset)
class PresetAdmin(ReadOnlyAdmin):
    """Whose there are. Recipes are not shown: their headers may hold keys of other sites."""

    list_display = ("name", "crawler", "owner", "changed_at")
    list_filter = ("crawler",)
    list_select_related = ("crawler", "owner")
    search_fields = ("name", "=uid", "owner__username")
    ordering = ("-id",)
    fields = ("uid", "owner", "crawler", "name", "created_at", "changed_at")


@admin.register(SamplePage)
class SampleAdmin(ReadOnlyAdmin):
    """Pages that recipes are tried on, without what is on them."""

    list_display = ("asked", "part", "owner", "squid", "status", "size", "fetched_at")
    list_select_related = ("owner", "squid")
    search_fields = ("=squid__uid", "owner__username")
    ordering = ("-id",)
    fields = ("owner", "squid", "part", "asked", "url", "status", "encoding", "size", "fetched_at")
