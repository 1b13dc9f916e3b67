"""API v1 of what is executed: runs, their tasks, results, costs and downloads."""

from __future__ import annotations
