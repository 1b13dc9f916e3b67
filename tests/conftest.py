"""Fixtures that every part of the suite may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections

from tests.demo_server import DemoSite, demo_server


@pytest.fixture(autouse=True)
def _async_views_give_their_connection_back() -> Iterator[None]:
    """They use one thread for the whole process, whose connection no request's end closes here."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(scope="session")
def demo_site() -> Iterator[DemoSite]:
    """One demo shop for the whole session, on a port of its own."""
    with demo_server() as site:
        yield site
