"""Rows from JSON interfaces: what the recipe says, how pages follow, and the crawler itself."""

from __future__ import annotations
