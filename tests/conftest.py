"""Fixtures that every part of the suite may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo_server import DemoSite, demo_server


@pytest.fixture(scope="session")
def demo_site() -> Iterator[DemoSite]:
    """One demo shop for the whole session, on a port of its own."""
    with demo_server() as site:
        yield site
