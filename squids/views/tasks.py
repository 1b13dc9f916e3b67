"""The Tasks tab, and what puts tasks in and takes them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_GET, require_POST

from squids import actions, errors
from squids.access import squid_of, task_of
from squids.forms import PasteForm, TaskForm
from squids.models import Squid
from squids.task_files import Broken, Row, lines_of, pasted
from squids.views import SignedIn
from squids.views.pages import back, code_of, origin, show

SHOWN_ERRORS = 10


@require_GET
@login_required
def page(request: SignedIn, uid: str) -> HttpResponse:
    return show(request, squid_of(request.user, uid), "tasks")


@require_POST
@login_required
def add(request: SignedIn, uid: str) -> HttpResponse:
    """Add one task (fields ``task-…``) or pasted ones (field ``tasks``)."""
    squid = squid_of(request.user, uid)
    if code_of(squid) is None:
        return show(request, squid, "tasks")
    if "tasks" in request.POST:
        return _add_pasted(request, squid)
    return _add_one(request, squid)


def _add_one(request: SignedIn, squid: Squid) -> HttpResponse:
    form = TaskForm(list(squid.crawler.code.task_params), request.POST)
    if form.is_valid():
        try:
            added = actions.add_tasks(squid, [form.values])
        except errors.Refused as refused:
            form.add_error(None, refused.message)
        else:
            for _, message in added.invalid:
                form.add_error(None, message)
            _say(request, added)
    return _answer(request, squid, task_form=form)


def _add_pasted(request: SignedIn, squid: Squid) -> HttpResponse:
    """What is good is added; the lines that are not stay in the field, each with what is wrong."""
    params = list(squid.crawler.code.task_params)
    form = PasteForm(params, request.POST)
    if form.is_valid():
        text = form.cleaned_data["tasks"]
        try:
            added, wrong = _paste(squid, pasted(text, params))
        except errors.Refused as refused:
            form.add_error("tasks", refused.message)
        else:
            _say(request, added)
            form = _left_over(params, text, wrong) if wrong else form
    return _answer(request, squid, paste_form=form)


def _paste(
    squid: Squid, lines: list[tuple[int, Row | Broken]]
) -> tuple[actions.Added, list[tuple[int, str]]]:
    """Add the lines; answers what came of them, and (line number, what is wrong) of the rest."""
    good = [(number, row) for number, row in lines if not isinstance(row, Broken)]
    wrong = [(number, row.message) for number, row in lines if isinstance(row, Broken)]
    rows: list[Mapping[str, Any]] = [row for _, row in good]
    added = actions.add_tasks(squid, rows)
    wrong += [(good[place - 1][0], message) for place, message in added.invalid]
    return added, sorted(wrong)


def _left_over(params: list[Any], text: str, wrong: list[tuple[int, str]]) -> PasteForm:
    """The form again with the refused lines alone, numbered as they stand there now."""
    lines = lines_of(text)
    left = "\n".join(lines[number - 1] for number, _ in wrong)
    form = PasteForm(params, {"tasks": left})
    form.full_clean()
    for place, (_, message) in enumerate(wrong[:SHOWN_ERRORS], start=1):
        form.add_error("tasks", f"Line {place}: {message}")
    if len(wrong) > SHOWN_ERRORS:
        form.add_error("tasks", f"And {len(wrong) - SHOWN_ERRORS:,} lines more.")
    return form


def _say(request: SignedIn, added: actions.Added) -> None:
    count = len(added.tasks)
    text = f"{count:,} task{pluralize(count)} added." if count else ""
    if added.duplicates:
        text += f" {added.duplicates:,} left out: already there."
    if text:
        messages.success(request, text.strip())


def _answer(request: SignedIn, squid: Squid, **forms: Any) -> HttpResponse:
    if any(form.errors for form in forms.values()):
        return show(request, squid, origin(request, "tasks"), **forms)
    return back(request, squid, "tasks")


@require_POST
@login_required
def delete(request: SignedIn, uid: str, task_uid: str) -> HttpResponse:
    task = task_of(request.user, uid, task_uid)
    actions.delete_task(task)
    return back(request, task.squid, "tasks")


@require_POST
@login_required
def include(request: SignedIn, uid: str, task_uid: str) -> HttpResponse:
    task = task_of(request.user, uid, task_uid)
    actions.set_task_active(task, True)
    return back(request, task.squid, "tasks")


@require_POST
@login_required
def exclude(request: SignedIn, uid: str, task_uid: str) -> HttpResponse:
    task = task_of(request.user, uid, task_uid)
    actions.set_task_active(task, False)
    return back(request, task.squid, "tasks")
