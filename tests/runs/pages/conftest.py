from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client
from lxml import html

from runs.models import Run
from squids.models import Squid, User
from tests import factories

Page = Any
"""A page as lxml has it, which brings no types."""


@pytest.fixture
def owner(db: None) -> User:
    return factories.user("owner")


@pytest.fixture
def squid(owner: User) -> Squid:
    return factories.squid(owner, tasks=3)


@pytest.fixture
def mine(owner: User) -> Client:
    """The owner's browser."""
    client = Client()
    client.force_login(owner)
    return client


Read = Callable[..., Page]


@pytest.fixture
def read(mine: Client) -> Read:
    """A page of the owner's, parsed; it must be there."""

    def get(path: str, **headers: Any) -> Page:
        response = mine.get(path, headers=headers)
        assert response.status_code == 200, (path, response.status_code)
        return html.fromstring(response.content.decode())

    return get


def texts(page: Page, path: str) -> list[str]:
    """The text of each element an XPath finds, its white space folded."""
    return [" ".join(found.text_content().split()) for found in page.xpath(path)]


def run_of(squid: Squid, rows: Sequence[dict[str, Any]] = (), **fields: Any) -> Run:
    return factories.results(factories.run(squid, **fields), rows)
