"""Logins at other sites, as the cookies of a signed-in browser."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from squids.models.ids import new_uid
from squids.models.users import User


class AccountStatus(models.TextChoices):
    SYNCHRONIZED = "synchronized", "Ready"
    COOKIES_EXPIRED = "cookies_expired", "Cookies expired"
    WRONG_CREDENTIALS = "wrong_credentials", "Not accepted"


class Account(models.Model):
    """A login of a type that a crawler declares. Its cookies are encrypted with a key that is not
    in the database, and are never shown again.

    ``limits`` holds what the user set: a daily limit by its name and ``batch``, lowered, and
    ``batch_hours``, raised; what is absent is as the crawler declares it.
    """

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="accounts")
    type = models.SlugField(max_length=80, help_text="The slug of the account type.")
    name = models.CharField(max_length=200)
    secret = models.TextField(editable=False, help_text="The cookies, encrypted.")
    cookie_names = models.JSONField(default=list, editable=False)
    status = models.CharField(
        max_length=20, choices=AccountStatus, default=AccountStatus.SYNCHRONIZED
    )
    status_note = models.TextField(blank=True)
    limits = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    synchronized_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "type", "name"], name="account_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
