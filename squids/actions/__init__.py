"""Every change of state of this app. Views, API, admin and jobs fetch, guard and call one of these.

All raise ``squids.errors.Refused`` (``FieldRefused`` where a field is at fault) and change nothing
then. What also touches a live run (deactivate, delete) starts in ``runs.lifecycle``.
"""

from __future__ import annotations

from squids.actions.accounts import (
    add_account,
    cookies_of,
    delete_account,
    first_expiry,
    limit_account,
    link_accounts,
    mark_account,
    refresh_account,
    rename_account,
    renew_secrets,
)
from squids.actions.crawlers import clear_problem, report_problem, sync_crawlers
from squids.actions.schedules import (
    ScheduleValues,
    delete_schedule,
    draft_schedule,
    set_schedule,
    switch_schedule,
)
from squids.actions.squids import (
    SETTINGS,
    activate,
    check_email,
    check_params,
    check_slots,
    create_squid,
    deactivate,
    delete,
    update_squid,
)
from squids.actions.tasks import CHUNK, Added, add_tasks, delete_task, empty, set_task_active
from squids.actions.uploads import read_upload, requeue, store_upload, stuck_uploads
from squids.actions.users import create_user, set_email, set_time_zone, tell_time_zone

__all__ = [
    "CHUNK",
    "SETTINGS",
    "Added",
    "ScheduleValues",
    "activate",
    "add_account",
    "add_tasks",
    "check_email",
    "check_params",
    "check_slots",
    "clear_problem",
    "cookies_of",
    "create_squid",
    "create_user",
    "deactivate",
    "delete",
    "delete_account",
    "delete_schedule",
    "delete_task",
    "draft_schedule",
    "empty",
    "first_expiry",
    "limit_account",
    "link_accounts",
    "mark_account",
    "read_upload",
    "refresh_account",
    "rename_account",
    "renew_secrets",
    "report_problem",
    "requeue",
    "set_email",
    "set_schedule",
    "set_task_active",
    "set_time_zone",
    "store_upload",
    "stuck_uploads",
    "switch_schedule",
    "sync_crawlers",
    "tell_time_zone",
    "update_squid",
]
