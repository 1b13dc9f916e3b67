"""Task files: taken in, and how far they are read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from squids import actions, errors
from squids.access import squid_of, upload_of
from squids.forms import UploadForm
from squids.models import Task
from squids.views import SignedIn
from squids.views.pages import back, origin, show


@require_POST
@login_required
def send(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.store_upload(squid, file.name, file.read())
        except errors.Refused as refused:
            form.add_error("file", refused.message)
    if form.errors:
        return show(request, squid, origin(request, "tasks"), upload_form=form)
    return back(request, squid, "tasks")


@require_GET
@login_required
def progress(request: SignedIn, uid: str, upload_uid: str) -> HttpResponse:
    """The region that tells of an upload; it asks again by itself until the file is read."""
    upload = upload_of(request.user, uid, upload_uid)
    tasks = Task.objects.visible().filter(squid=upload.squid)
    context = {"upload": upload, "squid": upload.squid, "task_count": tasks.count()}
    return render(request, "squids/_upload.html", context)
