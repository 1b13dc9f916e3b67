"""Public ids: 32 lower-case hex digits."""

from __future__ import annotations

import uuid


def new_uid() -> str:
    return uuid.uuid4().hex
