"""Which moves of a run are worth an e-mail, to whom, and the row that is written with the move.

``on_success``: the run ended Done for any reason but credits that ran out. ``on_error``: it ended
in Error; was closed, as it has no account or no slots; ended as its credits ran out; ended with
failed tasks; or paused for an account that a person must look after. What a person did themselves
(Abort, Pause, deactivating, deleting) and pauses that pass by themselves send nothing.

``runs.outbox`` sends what is written here.
"""

from __future__ import annotations

from runs.models import Notice, NoticeState, Run, RunEvent
from runs.states import STALE, Reason, Status
from squids.models import Notify, Squid

MEANING: dict[str, str] = {
    Notify.NEVER: "",
    Notify.ON_SUCCESS: "It ended as Done, failed tasks or not, for any reason but credits.",
    Notify.ON_ERROR: "It ended in Error, or with failed tasks; its credits ran out; it was closed"
    " for want of an account or slots; or it pauses until you look after an account.",
}
"""What people read of a choice beside its label."""

NEEDS_A_PERSON = {
    (Status.ERROR, Reason.CRAWLER_ERROR),
    (Status.ABORTED, Reason.NO_ACCOUNTS),
    (Status.ABORTED, Reason.SLOTS_LIMIT_EXCEEDED),
    (Status.DONE, Reason.NO_CREDITS_LEFT),
    *((Status.PAUSED, reason) for reason in STALE),
}
RECENT_RUNS = 25


def note(run: Run) -> None:
    """Write the e-mail that the run's state is worth, if any. Called in the transaction of the
    move, with the run locked, so that neither is there without the other."""
    squid = Squid.objects.select_related("owner").get(pk=run.squid_id)
    to = address_of(squid)
    if to and squid.run_notify in _wanted_by(run) and not _told(run):
        Notice.objects.create(run=run, to=to, status=run.status, reason=run.reason)


def address_of(squid: Squid) -> str:
    return squid.notify_email or squid.owner.email


def _wanted_by(run: Run) -> set[str]:
    """The choices for which the state that the run has reached is worth an e-mail."""
    failed_tasks = run.status == Status.DONE and run.tasks_failed > 0
    wanted: set[str] = set()
    if run.status == Status.DONE and run.reason != Reason.NO_CREDITS_LEFT:
        wanted.add(Notify.ON_SUCCESS)
    if failed_tasks or (run.status, run.reason) in NEEDS_A_PERSON:
        wanted.add(Notify.ON_ERROR)
    return wanted


def _told(run: Run) -> bool:
    """Whether this pause's cause was told already: it may be found again at every wake-up."""
    if run.status != Status.PAUSED:
        return False
    since = RunEvent.objects.filter(run=run, target=Status.PAUSED).order_by("-id").first()
    told = Notice.objects.filter(run=run, status=run.status, reason=run.reason)
    return since is not None and told.filter(created_at__gte=since.at).exists()


def trouble(squid: Squid) -> Notice | None:
    """The squid's last e-mail, where it could not be sent or could not be sent yet."""
    if squid.run_notify == Notify.NEVER:
        return None
    recent = Run.objects.filter(squid=squid).order_by("-id").values("pk")[:RECENT_RUNS]
    last = Notice.objects.filter(run__in=recent).order_by("-id").first()
    return last if last and last.error and last.state != NoticeState.SENT else None
