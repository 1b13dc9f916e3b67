"""Every status, reason and level with its text, the groups, and the moves that are allowed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class Status(TextChoices):
    """Stored statuses of a run. People see five: pending shows as Running, queued."""

    PENDING = "pending", "Running"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    DONE = "done", "Done"
    ABORTED = "aborted", "Aborted"
    ERROR = "error", "Error"


UNFINISHED = (Status.PENDING, Status.RUNNING, Status.PAUSED)
LIVE = (Status.PENDING, Status.RUNNING)
FINISHED = (Status.DONE, Status.ABORTED, Status.ERROR)

# A move that is not here does not exist. The empty status is a run that is being launched.
MOVES: dict[str, tuple[Status, ...]] = {
    "": (Status.PENDING,),
    Status.PENDING: (Status.RUNNING, Status.PAUSED, Status.DONE, Status.ABORTED, Status.ERROR),
    Status.RUNNING: (Status.PAUSED, Status.DONE, Status.ABORTED, Status.ERROR),
    Status.PAUSED: (Status.PENDING, Status.ABORTED),  # a paused run that goes on is queued first
    Status.DONE: (),
    Status.ABORTED: (),
    Status.ERROR: (Status.PENDING,),
}


class Reason(TextChoices):
    """Why a run ended or pauses. What to do about each stands in ``ADVICE``."""

    TASKS_DONE = "tasks_done", "All tasks were processed."
    LAST_PAGE_REACHED = "last_page_reached", "The last page was reached."
    MAX_RESULTS_REACHED = "max_results_reached", "Every task reached its limit of results."
    MAX_UNIQUE_RESULTS_REACHED = (
        "max_unique_results_reached",
        "The run's limit of unique results was reached.",
    )
    ABORTED = "aborted", "Stopped by hand. What was collected is kept."
    DEACTIVATED = "deactivated", "The squid was deactivated or deleted while the run was going."
    NO_CREDITS_LEFT = "no_credits_left", "The credits ran out."
    PAUSED_BY_HAND = "paused_by_hand", "Paused by hand."
    NO_ACCOUNTS = "no_accounts", "No account is linked to the squid."
    NO_ACCOUNT_AVAILABLE = "no_account_available", "Every account is busy in another run."
    COOKIES_EXPIRED = "cookies_expired", "The site no longer accepts the account's cookies."
    WRONG_CREDENTIALS = "wrong_credentials", "The site does not accept the account."
    LIMIT_EXCEEDED = "limit_exceeded", "Every account has reached its daily limit."
    BATCH_WAIT = "batch_wait", "A batch is finished; the next one comes after a wait."
    TOO_MANY_REQUESTS = "too_many_requests", "The site asked for fewer requests."
    WEBSITE_INACCESSIBLE = "website_inaccessible", "The site cannot be reached."
    REQUEST_FAILED = "request_failed", "The site answers with errors."
    MODULE_UNDER_MAINTENANCE = "module_under_maintenance", "The crawler is under maintenance."
    SLOTS_LIMIT_EXCEEDED = (
        "slots_limit_exceeded",
        "The run needs more slots than the plan has.",
    )
    CRAWLER_ERROR = "crawler_error", "The crawler failed. What was collected is kept."


STALE = (Reason.COOKIES_EXPIRED, Reason.WRONG_CREDENTIALS)
"""An account that a person must look after."""
SCARCE = (Reason.NO_ACCOUNT_AVAILABLE, Reason.LIMIT_EXCEEDED, Reason.BATCH_WAIT)
"""Accounts that will serve again by themselves."""
TROUBLES = (Reason.TOO_MANY_REQUESTS, Reason.WEBSITE_INACCESSIBLE, Reason.REQUEST_FAILED)
"""Transient ones of the site: the run pauses and tries again, later each time."""


@dataclass(frozen=True, slots=True)
class Advice:
    """``statuses`` that a run with the reason has, what it means, and what a person can do."""

    statuses: tuple[Status, ...]
    meaning: str
    todo: str


ADVICE: dict[Reason, Advice] = {
    Reason.TASKS_DONE: Advice(
        (Status.DONE,),
        "Every task was worked on to its end. Tasks that failed are counted and listed.",
        "Nothing. Where tasks failed, open the Tasks tab and retry them.",
    ),
    Reason.LAST_PAGE_REACHED: Advice(
        (Status.DONE,),
        "Every task followed its pages until the site had no more.",
        "Nothing.",
    ),
    Reason.MAX_RESULTS_REACHED: Advice(
        (Status.DONE,),
        "Every task collected as many results as the squid's setting allows.",
        "Raise the limit of results in the squid's settings to collect more.",
    ),
    Reason.MAX_UNIQUE_RESULTS_REACHED: Advice(
        (Status.DONE,),
        "The run collected as many unique results as the squid's setting allows, over all tasks.",
        "Raise the run's limit in the squid's settings to collect more.",
    ),
    Reason.ABORTED: Advice(
        (Status.ABORTED,),
        "A person pressed Abort. What was collected is kept and can be downloaded.",
        "Launch again to start from the beginning.",
    ),
    Reason.DEACTIVATED: Advice(
        (Status.ABORTED,),
        "The squid was deactivated or deleted while the run was going.",
        "Activate the squid and launch it again.",
    ),
    Reason.NO_CREDITS_LEFT: Advice(
        (Status.DONE, Status.PAUSED),
        "The period's credits are spent. By the squid's setting the run ended, or it waits for the"
        " renewal and goes on where it stood.",
        "Wait for the renewal that the top bar shows, or ask an operator for a bonus. A run that"
        " waits goes on by itself.",
    ),
    Reason.PAUSED_BY_HAND: Advice(
        (Status.PAUSED,),
        "A person pressed Pause.",
        "Press Resume: the run goes on where it stood.",
    ),
    Reason.NO_ACCOUNTS: Advice(
        (Status.ABORTED,),
        "The crawler works with accounts, and none is linked to the squid.",
        "Add an account, link it in the squid's settings, and launch again.",
    ),
    Reason.NO_ACCOUNT_AVAILABLE: Advice(
        (Status.PAUSED,),
        "An account serves one run at a time, and all that are linked serve other runs.",
        "Nothing: the run goes on as soon as one is free. Link more, and the next"
        " runs need not wait.",
    ),
    Reason.COOKIES_EXPIRED: Advice(
        (Status.PAUSED,),
        "The site showed that the session has ended.",
        "Sign in at the site, and refresh the account's cookies. The run then goes on by itself.",
    ),
    Reason.WRONG_CREDENTIALS: Advice(
        (Status.PAUSED,),
        "The site refused the account itself: it may be blocked, or lack the right to see this.",
        "Check the account at the site and refresh its cookies; the run then goes on by itself."
        " Another account that is linked now serves the next run.",
    ),
    Reason.LIMIT_EXCEEDED: Advice(
        (Status.PAUSED,),
        "Every linked account has read as many pages today as its limit allows.",
        "Nothing: the run goes on when the limit starts anew. Link more, and they"
        " share the load of the next one.",
    ),
    Reason.BATCH_WAIT: Advice(
        (Status.PAUSED,),
        "The accounts read a batch of pages and then rest, so that they stay unsuspicious.",
        "Nothing: the run goes on after the wait.",
    ),
    Reason.TOO_MANY_REQUESTS: Advice(
        (Status.PAUSED, Status.ABORTED),
        "The site kept answering that it is asked too often, also after waiting. After about a day"
        " of tries without one good answer the run is closed.",
        "Nothing: the run tries again, later each time. A longer delay between requests or a lower"
        " concurrency avoids it.",
    ),
    Reason.WEBSITE_INACCESSIBLE: Advice(
        (Status.PAUSED, Status.ABORTED),
        "Connections to the site fail or time out, again and again. After about a day of tries"
        " without one answer the run is closed.",
        "Nothing: the run tries again, later each time. Check in a browser that the site is up.",
    ),
    Reason.REQUEST_FAILED: Advice(
        (Status.PAUSED, Status.ABORTED),
        "The site answers with server errors, again and again. After about a day of tries without"
        " one good answer the run is closed.",
        "Nothing: the run tries again, later each time. Abort it if the site has moved.",
    ),
    Reason.MODULE_UNDER_MAINTENANCE: Advice(
        (Status.PAUSED,),
        "An operator reported a problem with the crawler, or took it out of service.",
        "Nothing: the run goes on once the crawler is back.",
    ),
    Reason.SLOTS_LIMIT_EXCEEDED: Advice(
        (Status.ABORTED,),
        "The plan has fewer slots than the run works on at once, as after a change of plan.",
        "Lower the squid's concurrency, or ask an operator for a larger plan, and launch again.",
    ),
    Reason.CRAWLER_ERROR: Advice(
        (Status.ERROR,),
        "The crawler or the platform failed in a way it should not. Everything collected is kept.",
        "Read the Message. The run goes on by itself once an operator marks the problem resolved;"
        " launching anew replaces it instead.",
    ),
}


class TaskStatus(TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    ABORTED = "aborted", "Aborted"
    ERROR = "error", "Error"


TASK_OPEN = (TaskStatus.PENDING, TaskStatus.RUNNING)
TASK_ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.ABORTED, TaskStatus.ERROR)
TASK_FAILED = (TaskStatus.FAILED, TaskStatus.ERROR)


class TaskReason(TextChoices):
    """Why a task ended; what exactly went wrong stands beside it in words."""

    COMPLETED = "completed", "Every page was read."
    LAST_PAGE = "last_page", "The last page was reached."
    MAX_RESULTS = "max_results", "The task's limit of results was reached."
    TOO_OLD = "too_old", "Older items than the squid asks for were reached."
    STOPPED = "stopped", "The crawler found the end early."
    BAD_INPUT = "bad_input", "The task's values cannot work."
    BAD_PAGE = "bad_page", "A page was not what was expected."
    REQUEST_FAILED = "request_failed", "A page could not be fetched."
    KILLED_WORKER = "killed_worker", "It ended its worker process twice, alone."
    RUN_ENDED = "run_ended", "The run ended first."


TASK_FAULTS = (
    TaskReason.BAD_INPUT,
    TaskReason.BAD_PAGE,
    TaskReason.REQUEST_FAILED,
    TaskReason.KILLED_WORKER,
)
"""Reasons of tasks that failed."""


class RequestState(TextChoices):
    TODO = "todo"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


class Level(TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"


class Origin(TextChoices):
    USER = "user", "By hand"
    SCHEDULE = "schedule", "Schedule"
    CHAIN = "chain", "Chain"


def diagram() -> str:
    """The table of moves as a Mermaid state diagram, as ``docs/run-lifecycle.md`` shows it."""
    lines = ["stateDiagram-v2"]
    for source, targets in MOVES.items():
        lines += [f"    {source or '[*]'} --> {target}" for target in targets]
    lines += [f"    {status} --> [*]" for status in (Status.DONE, Status.ABORTED)]
    return "\n".join(lines)
