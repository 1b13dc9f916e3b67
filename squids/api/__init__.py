"""API v1 of what is configured: the user, crawlers, squids, tasks and uploads, accounts.

A router fetches with access, guards, calls one action, answers, as a view does. Paths, names, types
and letter case are the contract of the public clients; ``docs/api.md`` tells it.
"""

from __future__ import annotations
