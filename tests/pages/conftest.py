"""Pages that others saved, installed for the test (make test-pages)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def saved_pages() -> Path:
    folder = os.environ.get("LOBSTR_PAGES")
    assert folder, "LOBSTR_PAGES names the folder; make test-pages sets it"
    return Path(folder)
