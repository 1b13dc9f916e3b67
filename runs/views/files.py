"""Downloads. They stream from the database; nothing is built beforehand and nothing is kept."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from runs import exports
from runs.access import run_of
from runs.models import Run
from squids.errors import Refused


@require_GET
@login_required
async def download(request: HttpRequest, uid: str, ending: str) -> HttpResponseBase:
    """A run's rows as a file: the squid's choice of unique or all unless ``?rows=`` says."""
    run = await _run(request, uid)
    if ending not in exports.Format.values:
        raise Http404("No such format")
    try:
        file = exports.prepare(run, exports.Format(ending), rows=request.GET.get("rows", ""))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("runs:detail", run.uid)
    return _attachment(file)


@require_GET
@login_required
async def log_file(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The whole console as text, a line each."""
    run = await _run(request, uid)
    return _attachment(exports.log(run))


async def _run(request: HttpRequest, uid: str) -> Run:
    user = await request.auser()
    return await sync_to_async(run_of)(user, uid)


def _attachment(file: exports.File) -> StreamingHttpResponse:
    response = StreamingHttpResponse(exports.stream(file), content_type=file.content_type)
    response["Content-Disposition"] = exports.disposition(file.name)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    # Said, so that it is not compressed block by block in the loop that serves everyone.
    response["Content-Encoding"] = "identity"
    return response
