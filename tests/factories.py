"""Rows for tests of pages and files, made at once: no worker has to run for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from runs import credits
from runs.models import Balance, LedgerEntry, Line, Request, Result, Run, RunTask
from runs.states import Level, Reason, RequestState, Status, TaskReason, TaskStatus
from squids import actions
from squids.crawlers.interface import Request as PageRequest
from squids.crawlers.interface import Response, canonical
from squids.models import Crawler, Part, Plan, Preset, SamplePage, Squid, User

CREDIT = 1000
EPOCH = datetime(2025, 3, 4, 15, 6, 7, tzinfo=UTC)
"""When every run made here began."""


def plan() -> Plan:
    return Plan.objects.get_or_create(
        name="Tests", defaults={"credits": 1_000_000 * CREDIT, "slots": 100}
    )[0]


def user(name: str, **fields: Any) -> User:
    """Without a password, which takes long to hash: tests sign in by ``force_login``."""
    return User.objects.create_user(name, plan=plan(), **fields)


def squid(owner: User, *, tasks: int = 1, crawler: str = "test-shop", **fields: Any) -> Squid:
    """A squid with this many tasks; ``fields`` are set as they are."""
    actions.sync_crawlers()
    made = actions.create_squid(owner, Crawler.objects.get(slug=crawler))
    Squid.objects.filter(pk=made.pk).update(**fields)
    made.refresh_from_db()
    actions.add_tasks(made, [{"url": f"http://shop.example/{n}"} for n in range(1, tasks + 1)])
    return made


def preset(owner: User, name: str = "Titles", **recipe: Any) -> Preset:
    """Of the web scraper; without a recipe, one of titles."""
    actions.sync_crawlers()
    crawler = Crawler.objects.get(slug="web-scraper")
    return actions.save_preset(owner, crawler, name, recipe or {"fields": {"title": "h1"}})


def sample_page(
    of: Squid,
    body: str = "<h1>Lamps</h1>",
    *,
    part: Part = Part.LISTING,
    url: str = "http://shop.example/",
    kind: str = "text/html; charset=utf-8",
    request: PageRequest | None = None,
) -> SamplePage:
    """A page as if it had been fetched."""
    response = Response(url, 200, {"content-type": kind}, body.encode())
    asked = request or PageRequest(url, label="list")
    return actions.keep_sample(of, part, url, asked, response, {})


def run(of: Squid, *, status: str = Status.DONE, columns: Sequence[str] = (), **fields: Any) -> Run:
    """A run of the squid in this state, with its tasks in the same; no rows and no lines."""
    finished = status in (Status.DONE, Status.ABORTED, Status.ERROR)
    reason = Reason.TASKS_DONE if status == Status.DONE else ""
    values: dict[str, Any] = {
        "started_at": None if status == Status.PENDING else EPOCH,
        "ended_at": EPOCH + timedelta(minutes=64) if finished else None,
        "active_ms": 64 * 60 * 1000 if finished else 0,
        "reason": reason,
        "tasks_total": of.tasks.count(),
        "tasks_done": of.tasks.count() if finished else 0,
    }
    settings = {
        "params": {},
        "concurrency": of.concurrency,
        "slots": 10,
        "prices": {"row": CREDIT, "functions": {}},
        "columns": list(columns),
    }
    made = Run.objects.create(
        squid=of,
        owner=of.owner,
        crawler=of.crawler,
        crawler_version="1",
        settings=settings,
        status=status,
        created_at=EPOCH,
        **(values | fields),
    )
    _run_tasks(made)
    return made


def _run_tasks(of: Run) -> None:
    ended = {"status": TaskStatus.COMPLETED, "reason": TaskReason.COMPLETED} if of.is_done else {}
    RunTask.objects.bulk_create(
        RunTask(run=of, task=task, position=position, **ended)
        for position, task in enumerate(of.squid.tasks.order_by("position"), start=1)
    )


def results(of: Run, rows: Sequence[dict[str, Any]], *, task: int = 1) -> Run:
    """Rows of one page of the run's task at this position, a repeated one as a duplicate, all
    charged."""
    run_task = of.run_tasks.get(position=task)
    page = Request.objects.create(
        run=of,
        run_task=run_task,
        fingerprint=hashlib.md5(f"{of.results}".encode()).hexdigest(),
        data=json.dumps({"url": f"http://shop.example/{task}"}),
        state=RequestState.DONE,
    )
    seen = set(Result.objects.filter(run=of).values_list("digest", flat=True))
    made = []
    for row in rows:
        digest = hashlib.md5(canonical(row).encode()).hexdigest()
        of.results += 1
        of.unique_results += digest not in seen
        made.append(
            Result(
                run=of,
                run_task=page.run_task,
                request=page,
                number=of.results,
                unique_number=None if digest in seen else of.unique_results,
                digest=digest,
                data=json.dumps(row),
                created_at=EPOCH,
            )
        )
        seen.add(digest)
    Result.objects.bulk_create(made, batch_size=500)
    of.save(update_fields=["results", "unique_results"])
    unique = sum(result.unique_number is not None for result in made)
    if made:
        run_task.first_row = run_task.first_row or made[0].number
        run_task.last_row = made[-1].number
    run_task.results += len(made)
    run_task.unique_results += unique
    run_task.save(update_fields=["results", "unique_results", "first_row", "last_row"])
    charge(of, page, unique)
    return of


def charge(
    of: Run, page: Request, hits: int, *, function: str = LedgerEntry.BASE, rate: int = CREDIT
) -> None:
    """What a page cost, in the ledger, the run and the balance alike."""
    balance, _ = Balance.objects.get_or_create(
        user=of.owner,
        starts_at=EPOCH,
        defaults={
            "ends_at": EPOCH + timedelta(days=365),
            "refresh_at": EPOCH + timedelta(days=365),
            "closed_at": EPOCH + timedelta(days=365),
            "base": 1_000_000 * CREDIT,
            "allowance": 1_000_000 * CREDIT,
        },
    )
    amount = hits * rate
    LedgerEntry.objects.create(
        balance=balance,
        run=of,
        request=page,
        function=function,
        attempts=hits,
        hits=hits,
        rate=rate,
        amount=amount,
        at=EPOCH,
    )
    credits.sum_up(of, [(function, hits, amount)], EPOCH)
    balance.spent += amount
    balance.save(update_fields=["spent"])
    of.credits += amount
    of.save(update_fields=["credits"])


def lines(
    of: Run, texts: Sequence[str], *, level: str = Level.INFO, task: int | None = None
) -> Run:
    """Console lines after the last one, a second apart."""
    first = of.last_line + 1
    Line.objects.bulk_create(
        Line(
            run=of,
            number=number,
            at=EPOCH + timedelta(seconds=number),
            level=level,
            task_position=task,
            text=text,
        )
        for number, text in enumerate(texts, start=first)
    )
    of.last_line += len(texts)
    of.save(update_fields=["last_line"])
    return of
