"""Which test reaches each reason through the real worker. A new reason needs a line here."""

from __future__ import annotations

from runs.states import Reason

HERE = "tests/runs/reasons"
WORKER = "tests/runs/worker"
ACCOUNTS = "tests/runs/accounts"

PROOFS: dict[Reason, str] = {
    Reason.TASKS_DONE: f"{HERE}/test_tasks_done.py::test_failed_tasks_are_counted_and_named",
    Reason.ABORTED: f"{HERE}/test_by_hand.py::test_aborted",
    Reason.DEACTIVATED: f"{HERE}/test_by_hand.py::test_deactivated",
    Reason.PAUSED_BY_HAND: f"{HERE}/test_by_hand.py::test_paused_by_hand",
    Reason.TOO_MANY_REQUESTS: (
        f"{HERE}/test_too_many_requests.py::test_it_pauses_and_then_reads_the_page"
    ),
    Reason.WEBSITE_INACCESSIBLE: (
        f"{HERE}/test_website_inaccessible.py::test_tasks_that_failed_are_tried_again"
    ),
    Reason.REQUEST_FAILED: (
        f"{HERE}/test_request_failed.py::test_it_pauses_and_reads_every_page_afterwards"
    ),
    Reason.MODULE_UNDER_MAINTENANCE: (
        f"{HERE}/test_module_under_maintenance.py::test_it_goes_on_where_it_stood"
    ),
    Reason.SLOTS_LIMIT_EXCEEDED: (
        f"{HERE}/test_slots_limit_exceeded.py::test_it_is_closed_before_its_first_page"
    ),
    Reason.CRAWLER_ERROR: (
        f"{HERE}/test_crawler_error.py::test_resolved_it_goes_on_from_where_it_stood"
    ),
    Reason.LAST_PAGE_REACHED: (
        f"{WORKER}/test_ends_of_tasks.py::test_paging_past_its_end_is_the_last_page"
    ),
    Reason.MAX_RESULTS_REACHED: f"{WORKER}/test_ends_of_tasks.py::test_limits_of_every_task",
    Reason.MAX_UNIQUE_RESULTS_REACHED: (
        f"{WORKER}/test_max_unique_results.py::test_it_ends_the_run_at_the_very_row"
    ),
    Reason.NO_CREDITS_LEFT: (
        f"{WORKER}/test_no_credits_left.py::test_the_run_pauses_and_goes_on_from_the_same_page"
    ),
    Reason.NO_ACCOUNTS: f"{ACCOUNTS}/test_no_accounts.py::test_lost_before_work",
    Reason.NO_ACCOUNT_AVAILABLE: (
        f"{ACCOUNTS}/test_no_account_available.py::test_the_second_waits_and_follows"
    ),
    Reason.COOKIES_EXPIRED: (
        f"{ACCOUNTS}/test_cookies_expired.py::test_it_goes_on_after_a_refresh"
    ),
    Reason.WRONG_CREDENTIALS: (
        f"{ACCOUNTS}/test_wrong_credentials.py::test_paused_until_it_is_mended"
    ),
    Reason.LIMIT_EXCEEDED: f"{ACCOUNTS}/test_limit_exceeded.py::test_paused_until_midnight",
    Reason.BATCH_WAIT: f"{ACCOUNTS}/test_batch_wait.py::test_batch_after_batch",
}
