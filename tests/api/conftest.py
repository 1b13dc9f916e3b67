"""Clients of the API in this process; ``tests/clients`` has the real ones on a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from squids import actions
from squids.models import ApiKey, User
from tests import factories


class Script:
    """What a script does with its key: ``get``, ``post``, ``delete`` of a path below ``/v1``, each
    answering (status, body)."""

    def __init__(self, user: User, name: str = "script") -> None:
        self.user = user
        self.key: ApiKey
        self.key, self.text = actions.make_key(user, name)
        self.client = Client(headers={"Authorization": f"Token {self.text}"})

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        answer = self.client.get(f"/v1{path}", query)
        return answer.status_code, answer.json()

    def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        text = "" if body is None else json.dumps(body)
        answer = self.client.post(
            f"/v1{path}", text, content_type="application/json", headers=headers
        )
        return answer.status_code, answer.json()

    def delete(self, path: str) -> tuple[int, Any]:
        answer = self.client.delete(f"/v1{path}")
        return answer.status_code, answer.json()


@pytest.fixture
def script(db: None) -> Script:
    return Script(factories.user("owner", email="owner@shop.example"))


@pytest.fixture
def other(db: None) -> Script:
    """The script of somebody else."""
    return Script(factories.user("stranger"))
