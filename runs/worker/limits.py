"""Limits that requests bring along: how many of a label their task has at most."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from runs import sql
from runs.models import Request
from squids.crawlers.interface import Request as CrawlerRequest


def within(task: int, wanted: Sequence[CrawlerRequest]) -> tuple[list[CrawlerRequest], list[str]]:
    """Those of a run task's new requests that are to be kept, and what the console says where a
    limit is reached by them. Called under the fence, so nobody else adds to the task."""
    limited = [request for request in wanted if request.most]
    if not limited:
        return list(wanted), []
    known = _known(task, [request.fingerprint for request in limited])
    rooms = {
        r.label: r.most - _count(task, r.label) for r in {r.label: r for r in limited}.values()
    }
    had_room = {label for label, room in rooms.items() if room > 0}
    kept = []
    for request in wanted:
        if not request.most or request.fingerprint in known:
            kept.append(request)
        elif rooms[request.label] > 0:
            rooms[request.label] -= 1
            known.add(request.fingerprint)
            kept.append(request)
    most = {request.label: request.most for request in limited}
    full = sorted(label for label in had_room if not rooms[label])
    return kept, [
        f"The task's limit of {most[label]:,} “{label}” requests is reached" for label in full
    ]


def _known(task: int, fingerprints: Sequence[str]) -> set[str]:
    found: set[str] = set()
    of_task = Request.objects.filter(run_task=task)
    for chunk in sql.chunks(fingerprints, sql.PARAMETERS - 1):
        found.update(of_task.filter(fingerprint__in=chunk).values_list("fingerprint", flat=True))
    return found


def _count(task: int, label: str) -> int:
    """Labels are in the requests' JSON only; quotes inside its texts are escaped, so nothing else
    looks like this."""
    return Request.objects.filter(
        run_task=task, data__contains=f'"label":{orjson.dumps(label).decode()}'
    ).count()
