"""The only writer of ``Run.status``: launch, moves, rescue, waking; and what changes squids and
accounts that runs go by. All are safe to call at any moment; which moves exist is
``runs.states.MOVES``.
"""

from __future__ import annotations

from runs.lifecycle.accounts import delete_account, limit_account, refresh_account
from runs.lifecycle.launch import freeze, start
from runs.lifecycle.launch_keys import forget_launch_keys
from runs.lifecycle.locks import lock, lock_squid, ring
from runs.lifecycle.money import allocate, grant, set_plan
from runs.lifecycle.moves import (
    SYSTEM,
    abort,
    begin,
    close,
    complete,
    fail,
    finish,
    pause,
    resume,
    suspend,
    yield_to,
)
from runs.lifecycle.rescue import ALONE_KILLS, rescue, rescue_dead
from runs.lifecycle.squids import configure, deactivate, delete
from runs.lifecycle.upkeep import (
    maintain,
    nudge_maintained,
    pause_for_maintenance,
    resolve,
    retry_resolved,
)
from runs.lifecycle.waking import nudge, nudge_owner, nudge_unseated, wake, wake_paused

__all__ = [
    "ALONE_KILLS",
    "SYSTEM",
    "abort",
    "allocate",
    "begin",
    "close",
    "complete",
    "configure",
    "deactivate",
    "delete",
    "delete_account",
    "fail",
    "finish",
    "forget_launch_keys",
    "freeze",
    "grant",
    "limit_account",
    "lock",
    "lock_squid",
    "maintain",
    "nudge",
    "nudge_maintained",
    "nudge_owner",
    "nudge_unseated",
    "pause",
    "pause_for_maintenance",
    "refresh_account",
    "rescue",
    "rescue_dead",
    "resolve",
    "resume",
    "retry_resolved",
    "ring",
    "set_plan",
    "start",
    "suspend",
    "wake",
    "wake_paused",
    "yield_to",
]
