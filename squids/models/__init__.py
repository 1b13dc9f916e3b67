"""What is configured: users and plans, crawlers, squids with their tasks, uploads and schedules,
accounts at other sites, keys of the API, and what the recipe builder keeps.

Money is integers, thousandths of a credit. Public ids (``uid``) are 32 lower-case hex digits.
"""

from __future__ import annotations

from squids.models.accounts import Account, AccountStatus
from squids.models.crawlers import Crawler
from squids.models.ids import new_uid
from squids.models.keys import ApiKey, ApiKeyQuerySet
from squids.models.recipes import Draft, Part, Preset, SamplePage
from squids.models.schedules import Repeat, Schedule
from squids.models.squids import TASK_LIMIT, Notify, Squid, SquidQuerySet, Task, TaskQuerySet
from squids.models.uploads import UPLOAD_OPEN, Upload, UploadQuerySet, UploadState
from squids.models.users import Interval, Plan, User

__all__ = [
    "TASK_LIMIT",
    "UPLOAD_OPEN",
    "Account",
    "AccountStatus",
    "ApiKey",
    "ApiKeyQuerySet",
    "Crawler",
    "Draft",
    "Interval",
    "Notify",
    "Part",
    "Plan",
    "Preset",
    "Repeat",
    "SamplePage",
    "Schedule",
    "Squid",
    "SquidQuerySet",
    "Task",
    "TaskQuerySet",
    "Upload",
    "UploadQuerySet",
    "UploadState",
    "User",
    "new_uid",
]
