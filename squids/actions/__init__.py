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
    site_of,
)
from squids.actions.crawlers import clear_problem, report_problem, sync_crawlers
from squids.actions.keys import find_key, make_key, note_use, revoke_key
from squids.actions.presets import delete_preset, import_preset, rename_preset, save_preset
from squids.actions.recipes import (
    drop_detail,
    drop_draft,
    forget_samples,
    keep_draft,
    keep_sample,
    undo_draft,
)
from squids.actions.schedules import (
    ScheduleValues,
    delete_schedule,
    draft_schedule,
    move_schedule,
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
    lock_owner,
    unready,
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
    "delete_preset",
    "delete_schedule",
    "delete_task",
    "draft_schedule",
    "drop_detail",
    "drop_draft",
    "empty",
    "find_key",
    "first_expiry",
    "forget_samples",
    "import_preset",
    "keep_draft",
    "keep_sample",
    "limit_account",
    "link_accounts",
    "lock_owner",
    "make_key",
    "mark_account",
    "move_schedule",
    "note_use",
    "read_upload",
    "refresh_account",
    "rename_account",
    "rename_preset",
    "renew_secrets",
    "report_problem",
    "requeue",
    "revoke_key",
    "save_preset",
    "set_email",
    "set_schedule",
    "set_task_active",
    "set_time_zone",
    "site_of",
    "store_upload",
    "stuck_uploads",
    "switch_schedule",
    "sync_crawlers",
    "tell_time_zone",
    "undo_draft",
    "unready",
    "update_squid",
]
