"""Pages of squids, and one POST address per verb."""

from __future__ import annotations

from django.urls import path

from squids.views import (
    accounts,
    browser,
    lists,
    notify,
    own,
    pages,
    schedules,
    tasks,
    uploads,
    verbs,
)

app_name = "squids"

urlpatterns = [
    path("", lists.dashboard, name="list"),
    path("time-zone", browser.tell_time_zone, name="tell_time_zone"),
    path("account", own.page, name="you"),
    path("account/time-zone", own.set_time_zone, name="set_time_zone"),
    path("account/email", own.set_email, name="set_email"),
    path("account/credits", own.allocate, name="allocate"),
    path("account/password", own.change_password, name="change_password"),
    path("accounts", accounts.listing, name="accounts"),
    path("accounts/new", accounts.add, name="add_account"),
    path("accounts/<str:uid>", accounts.detail, name="account"),
    path("accounts/<str:uid>/refresh", accounts.refresh, name="refresh_account"),
    path("accounts/<str:uid>/rename", accounts.rename, name="rename_account"),
    path("accounts/<str:uid>/limit", accounts.limit, name="limit_account"),
    path("accounts/<str:uid>/delete", accounts.delete, name="delete_account"),
    path("squids/new", lists.create, name="create"),
    path("squids/<str:uid>", pages.detail, name="detail"),
    path("squids/<str:uid>/edit", pages.edit, name="edit"),
    path("squids/<str:uid>/tasks", tasks.page, name="tasks"),
    path("squids/<str:uid>/settings", pages.settings, name="settings"),
    path("squids/<str:uid>/schedule", schedules.page, name="schedule"),
    path("squids/<str:uid>/schedule/preview", schedules.preview, name="schedule_preview"),
    path("squids/<str:uid>/schedule/on", schedules.switch_on, name="schedule_on"),
    path("squids/<str:uid>/schedule/off", schedules.switch_off, name="schedule_off"),
    path("squids/<str:uid>/schedule/delete", schedules.delete, name="schedule_delete"),
    path("squids/<str:uid>/update", pages.update, name="update"),
    path("squids/<str:uid>/test-email", notify.test_email, name="test_email"),
    path("squids/<str:uid>/add-tasks", tasks.add, name="add_tasks"),
    path("squids/<str:uid>/tasks/<str:task_uid>/delete", tasks.delete, name="delete_task"),
    path("squids/<str:uid>/tasks/<str:task_uid>/include", tasks.include, name="include_task"),
    path("squids/<str:uid>/tasks/<str:task_uid>/exclude", tasks.exclude, name="exclude_task"),
    path("squids/<str:uid>/upload", uploads.send, name="upload"),
    path("squids/<str:uid>/upload/<str:upload_uid>", uploads.progress, name="upload_progress"),
    path("squids/<str:uid>/activate", verbs.activate, name="activate"),
    path("squids/<str:uid>/deactivate", verbs.deactivate, name="deactivate"),
    path("squids/<str:uid>/empty", verbs.empty, name="empty"),
    path("squids/<str:uid>/delete", verbs.delete, name="delete"),
]
