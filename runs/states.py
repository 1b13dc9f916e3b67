"""Every status, reason and level with its text, the groups, and the moves that are allowed."""

from __future__ import annotations

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
    Status.PAUSED: (Status.PENDING, Status.ABORTED),
    Status.DONE: (),
    Status.ABORTED: (),
    Status.ERROR: (Status.PENDING,),
}


class Reason(TextChoices):
    """Why a run ended or pauses."""

    TASKS_DONE = "tasks_done", "All tasks were processed."
    ABORTED = "aborted", "Stopped by hand. What was collected is kept."
    NO_CREDITS_LEFT = "no_credits_left", "The credits ran out."
    PAUSED_BY_HAND = "paused_by_hand", "Paused by hand. Press Resume to go on."
    DEACTIVATED = "deactivated", "The squid was deactivated or deleted while the run was going."
    CRAWLER_ERROR = "crawler_error", "The crawler failed. What was collected is kept."


class TaskStatus(TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    ABORTED = "aborted", "Aborted"
    ERROR = "error", "Error"


TASK_OPEN = (TaskStatus.PENDING, TaskStatus.RUNNING)
TASK_ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.ABORTED, TaskStatus.ERROR)


class TaskReason(TextChoices):
    """Why a task ended; what exactly went wrong stands beside it in words."""

    COMPLETED = "completed", "Every page was read."
    MAX_RESULTS = "max_results", "The task's limit of results was reached."
    STOPPED = "stopped", "The crawler found the end early."
    BAD_INPUT = "bad_input", "The task's values cannot work."
    BAD_PAGE = "bad_page", "A page was not what was expected."
    REQUEST_FAILED = "request_failed", "A page could not be fetched."
    KILLED_WORKER = "killed_worker", "It ended its worker process twice, alone."
    RUN_ENDED = "run_ended", "The run ended first."


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
