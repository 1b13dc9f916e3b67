"""What the checks are shown on: a run that is exact."""

from __future__ import annotations

from tests.runs.conftest import make_squid, owner, plan, site

__all__ = ["make_squid", "owner", "plan", "site"]
