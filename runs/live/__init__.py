"""The doorbell: tells web processes that rows of a run changed. Ids only; they read the rows."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from runs.live import bells
from runs.models import Run


def announce(run: Run) -> None:
    """Ring for this run when the present transaction is committed."""
    transaction.on_commit(partial(ring, run.pk, run.squid_id, run.owner_id))


def announce_account(user_id: int) -> None:
    """The same for what a user may spend or reserve: no run moved."""
    transaction.on_commit(partial(ring, 0, 0, user_id))


def ring(run_id: int, squid_id: int, owner_id: int) -> None:
    """Wake the web processes of this installation. Never raises and never waits."""
    bells.send(bells.Ring(run_id, squid_id, owner_id))
