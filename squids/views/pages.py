"""The squid page with its tabs, and the three steps that set a squid up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from runs import lifecycle, notices, paging
from runs.models import Run
from squids import actions, errors
from squids.access import squid_of
from squids.crawlers.interface import Crawler as CrawlerCode
from squids.forms import PasteForm, SettingsForm, TaskForm, UploadForm, label_of
from squids.listing import next_launch
from squids.models import TASK_LIMIT, Schedule, Squid, Task, Upload
from squids.recipes.kinds import KINDS
from squids.schedules import text_of
from squids.task_paging import tasks_page
from squids.views import SignedIn

SAVED = "Saved."
SAVED_FOR_NEXT = "Saved. The unfinished run keeps its settings; these apply to the next one."


@require_GET
@login_required
def detail(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    page = paging.runs_page(squid, request.GET.get("before", ""))
    context = {"runs": page.runs, "older": page.older, "newest": page.newest}
    return render(request, "squids/detail.html", head(squid, "runs") | context)


@require_GET
@login_required
def edit(request: SignedIn, uid: str) -> HttpResponse:
    return show(request, squid_of(request.user, uid), "edit")


@require_GET
@login_required
def settings(request: SignedIn, uid: str) -> HttpResponse:
    return show(request, squid_of(request.user, uid), "settings")


@require_POST
@login_required
def update(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    if code_of(squid) is None:
        return show(request, squid, "settings")
    form = SettingsForm(squid, request.POST)
    if form.is_valid():
        try:
            squid = lifecycle.configure(squid, form.changes, by=request.user.get_username())
        except errors.Refused as refused:
            form.refuse(refused)
    if form.errors:
        return show(request, squid, origin(request, "settings"), settings_form=form)
    match request.POST.get("then"):
        case "launch":
            return _launch(request, squid)
        case "schedule":
            return redirect("squids:schedule", squid.uid)
    unfinished = Run.objects.filter(squid=squid).unfinished().exists()
    messages.success(request, SAVED_FOR_NEXT if unfinished else SAVED)
    return back(request, squid, "settings")


def _launch(request: SignedIn, squid: Squid) -> HttpResponse:
    """The last of the three steps, once the settings beside it are saved."""
    try:
        lifecycle.start(squid, by=request.user.get_username())
    except errors.Refused as refused:
        messages.error(request, refused.message)
        return redirect("squids:edit", squid.uid)
    return redirect("squids:detail", squid.uid)


# --- shared by the squid's pages ----------------------------------------------------------------

TEMPLATES = {
    "edit": "squids/edit.html",
    "tasks": "squids/tasks.html",
    "settings": "squids/settings.html",
}


def origin(request: SignedIn, default: str) -> str:
    """The page a form was sent from: it is shown again when something is refused."""
    page = request.POST.get("from", "")
    return page if page in TEMPLATES else default


def back(request: SignedIn, squid: Squid, default: str) -> HttpResponse:
    page = origin(request, default)
    return redirect(reverse(f"squids:{page}", args=[squid.uid]) + request.POST.get("at", "")[:20])


def show(request: SignedIn, squid: Squid, page: str, **forms: Any) -> HttpResponse:
    """A page of the squid, with the forms that were refused standing in for fresh ones. While its
    crawler is not installed, the page that says so: nothing can be filled in then."""
    context = head(squid, page)
    if context["code"] is None:
        status = 422 if request.method == "POST" else 200
        return render(request, "squids/uninstalled.html", context, status=status)
    context |= fresh_forms(squid, page) | forms
    if page != "settings":
        after, before = request.GET.get("after", ""), request.GET.get("before", "")
        page_of_tasks = tasks_page(squid, after=after, before=before)
        params = squid.crawler.code.task_params
        names = [param.name for param in params]
        rows = [
            (task, [task.params.get(name, "") for name in names]) for task in page_of_tasks.tasks
        ]
        context |= {"page": page_of_tasks, "rows": rows, "labels": map(label_of, params)}
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, TEMPLATES[page], context, status=status)


def fresh_forms(squid: Squid, page: str) -> dict[str, Any]:
    params = list(squid.crawler.code.task_params)
    forms: dict[str, Any] = {}
    if page != "tasks":
        forms["settings_form"] = SettingsForm(squid)
    if page != "settings":
        forms["paste_form"] = PasteForm(params)
        forms["upload_form"] = UploadForm()
        forms["task_form"] = TaskForm(params) if len(params) > 1 else None
        forms["upload"] = _last_upload(squid)
    return forms


def _last_upload(squid: Squid) -> Upload | None:
    """What came of the newest upload; it is shown while it is read and until the next one."""
    upload: Upload | None = squid.uploads.defer("content").order_by("-id").first()
    return upload


def head(squid: Squid, tab: str) -> dict[str, Any]:
    """What every page of a squid shows: its current or last run, counts, readiness."""
    run = Run.objects.filter(squid=squid).order_by("-id").defer("traceback").first()
    tasks = Task.objects.visible().filter(squid=squid)
    schedule = Schedule.objects.filter(squid=squid).first()
    return {
        "nav": "squids",
        "squid": squid,
        "code": code_of(squid),
        "has_recipe": squid.crawler.slug in KINDS,
        "run": run,
        "tab": tab,
        "schedule": schedule,
        "says": text_of(schedule) if schedule else "",
        "next_launch": next_launch(run, schedule),
        "task_count": tasks.count(),
        "active_tasks": tasks.filter(is_active=True).count(),
        "task_limit": TASK_LIMIT,
        "unready": actions.unready(squid),
        "unsent": notices.trouble(squid),
        "lacks_account": _lacks_account(squid),
        "path": f"/ws/squids/{squid.uid}",
    }


def code_of(squid: Squid) -> CrawlerCode | None:
    """None while the package that brought the crawler is not installed."""
    try:
        return squid.crawler.code
    except errors.CrawlerMissing:
        return None


def _lacks_account(squid: Squid) -> bool:
    """Whether its next run would be closed for want of an account."""
    code = code_of(squid)
    if code is None or code.account_type is None or squid.accounts.exists():
        return False
    try:
        return code.needs_account(actions.check_params(squid, squid.params))
    except errors.FieldRefused:
        return False
