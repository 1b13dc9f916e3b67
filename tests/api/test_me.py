"""GET /me, and who is let in at all."""

from __future__ import annotations

import pytest
from django.test import Client

from squids import actions
from squids.models import ApiKey
from tests.api.conftest import Script


def test_me(script: Script) -> None:
    status, user = script.get("/me")
    assert status == 200
    assert user["email"] == "owner@shop.example"
    assert user["plan"] == [{"name": "Tests", "status": "active"}]


@pytest.mark.parametrize("header", ["", "Token", "Token ", "Token lob_nobody", "lob_nobody"])
@pytest.mark.django_db
def test_without_a_good_key(header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/v1/me")
    body = answer.json()
    assert answer.status_code == 401
    assert body["type"] == "NotAuthenticated" and body["error"] == body["detail"]


def test_a_revoked_key(script: Script) -> None:
    actions.revoke_key(script.key)
    status, body = script.get("/me")
    assert (status, body["type"]) == (401, "TokenExpired")


def test_the_key_of_a_user_who_was_deactivated(script: Script) -> None:
    script.user.is_active = False
    script.user.save()
    assert script.get("/me")[0] == 401


def test_its_last_use_is_kept_once_a_minute(script: Script) -> None:
    script.get("/me")
    first = ApiKey.objects.get(pk=script.key.pk).last_used_at
    script.get("/me")
    assert first and ApiKey.objects.get(pk=script.key.pk).last_used_at == first
