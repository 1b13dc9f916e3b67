"""What a launch will take: kept with the run, told before it, and compared with it afterwards."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from runs import credits
from runs.figures import credits_text, until_text
from runs.forecast import texts
from runs.forecast.estimate import Estimate, Job, estimate
from runs.forecast.history import Basis, history
from runs.models import Run
from squids import errors
from squids.crawlers.interface import ParamError
from squids.models import Squid, Task

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Ranges of unique rows, thousandths of a credit and seconds; None where there is no history
    yet. ``runs`` is on how many it rests, ``rate`` the price of a row, ``most`` what the limits let
    through. As JSON it is ``Run.forecast``."""

    basis: Basis
    runs: int
    alike: bool
    tasks: int
    rate: int
    most: int | None = None
    rows: Range | None = None
    credits: Range | None = None
    seconds: Range | None = None

    @property
    def text(self) -> str:
        """``About 40–60 credits, 45–60 rows, 1–2 min``"""
        parts = self.parts
        return f"About {', '.join(parts)}" if parts else texts.unknown(self.rate, self.most)

    @property
    def parts(self) -> list[str]:
        """Each range in words; none where there is no history yet."""
        if self.rows is None or self.credits is None or self.seconds is None:
            return []
        return texts.parts(self.credits, self.rows, self.seconds)

    @property
    def time_text(self) -> str:
        """``1–2 min``; empty where there is no history yet."""
        return texts.time_range(self.seconds) if self.seconds else ""

    @property
    def rests_on(self) -> str:
        return texts.rests_on(self.basis, self.runs, self.alike)

    def may_exceed(self, remaining: int) -> bool:
        return self.credits is not None and self.credits[1] > remaining


def of_squid(squid: Squid) -> Forecast | None:
    """For a launch now; None while the squid could not be launched for its tasks or settings."""
    tasks = Task.objects.active().filter(squid=squid)
    try:
        code = squid.crawler.code
        params = code.check_settings(squid.params)
    except (errors.CrawlerMissing, ParamError):
        return None
    count = tasks.count()
    settings = {
        "params": params,
        "concurrency": squid.concurrency,
        "max_unique_results": squid.max_unique_results_per_run,
        "prices": credits.price_list(code, squid.functions),
    }
    return _foretell(squid, settings, tasks, count) if count else None


def of_run(run: Run) -> dict[str, Any]:
    """For a run that is being launched, its tasks frozen: what it keeps."""
    tasks = Task.objects.filter(run_tasks__run=run)
    return asdict(_foretell(run.squid, run.settings, tasks, run.tasks_total))


def kept(run: Run) -> Forecast | None:
    """What was foretold for a run."""
    if not run.forecast:
        return None
    pairs = {name: tuple(value) for name, value in run.forecast.items() if isinstance(value, list)}
    return Forecast(**run.forecast | pairs)


def _foretell(
    squid: Squid, settings: dict[str, Any], tasks: QuerySet[Task], count: int
) -> Forecast:
    found = history(squid, settings["params"], tasks)
    job = _job(settings, count)
    told: dict[str, Range] = {}
    if found.pasts:
        told = _ranges(estimate(job, found.pasts, strange=not found.alike))
    runs = len(found.pasts)
    return Forecast(found.basis, runs, found.alike, count, job.row_rate, job.most, **told)


def _ranges(found: Estimate) -> dict[str, Range]:
    return {"rows": found.rows, "credits": found.credits, "seconds": found.seconds}


def _job(settings: dict[str, Any], tasks: int) -> Job:
    each = settings["params"].get("max_results")
    limits = [each * tasks if each else None, settings["max_unique_results"]]
    return Job(
        tasks=tasks,
        instances=min(settings["concurrency"], tasks),
        row_rate=settings["prices"]["row"],
        functions=settings["prices"]["functions"],
        most=min((limit for limit in limits if limit is not None), default=None),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A forecast beside a Launch button; ``warning`` where the credits may not reach;
    ``is_refused`` where none is left, so that a launch would be refused."""

    forecast: Forecast
    warning: str
    is_refused: bool


def shown(squid: Squid) -> Shown | None:
    forecast = of_squid(squid)
    if forecast is None:
        return None
    standing = credits.standing(squid.owner)
    if standing.remaining <= 0:
        renews = until_text(standing.refresh_at, timezone.now())
        return Shown(forecast, f"No credits are left; they renew {renews}.", True)
    may_exceed = forecast.may_exceed(standing.remaining)
    return Shown(forecast, _warning(squid, standing.remaining) if may_exceed else "", False)


def _warning(squid: Squid, remaining: int) -> str:
    then = "pauses until they renew" if squid.to_complete else "ends with what it has"
    return (
        f"This may take more than the {credits_text(remaining)} credits that are left."
        f" The run then {then}."
    )
