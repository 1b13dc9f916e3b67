"""Public ids: how they look, and those of what has no row of its own."""

from __future__ import annotations

import hashlib

UID = "[0-9a-f]{32}"
"""The pattern that a whole id fits."""


def uid_from(text: str) -> str:
    """An id for what the text names: the same whenever it is told."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
