"""The browser that pages are drawn in, where this machine has one."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVER = "playwright"
NO_DRIVER = (
    "Drawing pages needs an extra package: stop the site, run “make browser”, and start it again."
)
NO_BROWSER = (
    "Drawing pages needs Chromium, and none was found: install one (Debian, Ubuntu: apt-get install"
    " chromium), or name its program in LOBSTR_CHROMIUM."
)


def find() -> str | None:
    """The path of LOBSTR_CHROMIUM, or of one on PATH."""
    if given := os.environ.get("LOBSTR_CHROMIUM"):
        return shutil.which(given)
    return next(filter(None, map(shutil.which, NAMES)), None)


def lack() -> str:
    """What is missing before a page can be drawn, and how to get it; "" where nothing is."""
    if find_spec(DRIVER) is None:
        return NO_DRIVER
    return "" if find() else NO_BROWSER
