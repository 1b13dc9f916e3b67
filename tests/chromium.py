"""Which browser the browser tests drive. ``python -m tests.chromium`` says, or fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from squids.crawlers import chromium


def find() -> str | None:
    """The path of LOBSTR_CHROMIUM, of one on PATH, or of the driver's own; None without any."""
    if os.environ.get("LOBSTR_CHROMIUM"):
        return chromium.find()
    return chromium.find() or _own()


def _own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = Path(driver.chromium.executable_path)
    return str(path) if path.exists() else None


if __name__ == "__main__":
    found = find()
    print(f"Browser: {found}" if found else "Browser: none", flush=True)
    sys.exit(not found)
