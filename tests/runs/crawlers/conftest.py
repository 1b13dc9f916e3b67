"""Sites made by each test, and the crawlers of the project on them, by the real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.runs.conftest import make_squid, owner, plan, site
from tests.runs.engine.servers import Site, running_site

__all__ = ["make_squid", "owner", "plan", "site"]


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> Iterator[Site]:
    """A site without pages yet, that may be scraped although it is private."""
    with running_site() as site:
        settings.HOSTS_DIR = tmp_path / "hosts"
        settings.ALLOW_PRIVATE = frozenset({site.place})
        yield site
