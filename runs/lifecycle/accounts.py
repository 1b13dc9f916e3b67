"""Changes of an account that runs may be waiting for: those that do are looked at at once."""

from __future__ import annotations

from collections.abc import Mapping

from django.views.decorators.debug import sensitive_variables

from runs.lifecycle.waking import nudge_owner
from runs.states import SCARCE, STALE
from squids import actions
from squids.models import Account


@sensitive_variables("text")
def refresh_account(account: Account, text: str, site: str = "") -> int:
    """What ``actions.refresh_account`` does; answers how many paused runs it concerns."""
    actions.refresh_account(account, text, site)
    return nudge_owner(account.owner, *STALE)


def limit_account(account: Account, limits: Mapping[str, float | None]) -> None:
    """What ``actions.limit_account`` does; a limit that is raised may let a run go on."""
    actions.limit_account(account, limits)
    nudge_owner(account.owner, *SCARCE)


def delete_account(account: Account) -> None:
    """What ``actions.delete_account`` does; a run that waits for it waits for another, or ends."""
    actions.delete_account(account)
    nudge_owner(account.owner, *STALE, *SCARCE)
