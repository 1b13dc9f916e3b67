"""Downloads. They stream from the database; nothing is built beforehand and nothing is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_safe

from runs import exports, links
from runs.access import run_of
from runs.models import Run
from squids.errors import Refused


@require_GET
@login_required
async def download(request: HttpRequest, uid: str, ending: str) -> HttpResponseBase:
    """A run's rows as a file: the squid's choice of unique or all unless ``?rows=`` says; each
    ``?column=`` is one of the only columns."""
    run = await _run(request, uid)
    if ending not in exports.Format.values:
        raise Http404("No such format")
    try:
        file = await sync_to_async(_chosen)(request, run, exports.Format(ending))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("runs:detail", run.uid)
    return _attachment(file)


def _chosen(request: HttpRequest, run: Run, ending: exports.Format) -> exports.File:
    choice = exports.choose(run, request.GET.getlist("column"), ())
    return exports.prepare(run, ending, rows=request.GET.get("rows", ""), choice=choice)


@require_safe
async def linked_file(request: HttpRequest, uid: str, ending: str) -> HttpResponseBase:
    """The file of a link that the API made, for whoever has it. Refusals are one line of text."""
    try:
        link = links.read(uid, ending, request.GET.get("sig", ""))
        file = await sync_to_async(link.open)()
    except links.LinkExpired as expired:
        return _refusal(410, str(expired))
    except links.LinkBroken as broken:
        return _refusal(403, str(broken))
    except Http404:
        return _refusal(404, "This run is not there any more.")
    except Refused as refused:
        return _refusal(400, refused.message)
    response = _attachment(file, only_head=request.method == "HEAD")
    response["Referrer-Policy"] = "no-referrer"
    return response


def _refusal(status: int, text: str) -> HttpResponse:
    response = HttpResponse(f"{text}\n", "text/plain; charset=utf-8", status)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@login_required
async def log_file(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The whole console as text, a line each."""
    run = await _run(request, uid)
    return _attachment(exports.log(run))


async def _run(request: HttpRequest, uid: str) -> Run:
    user = await request.auser()
    return await sync_to_async(run_of)(user, uid)


def _attachment(file: exports.File, *, only_head: bool = False) -> StreamingHttpResponse:
    blocks = _nothing() if only_head else exports.stream(file)
    response = StreamingHttpResponse(blocks, content_type=file.content_type)
    response["Content-Disposition"] = exports.disposition(file.name)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    # Said, so that it is not compressed block by block in the loop that serves everyone.
    response["Content-Encoding"] = "identity"
    return response


async def _nothing() -> AsyncIterator[bytes]:
    yield b""
