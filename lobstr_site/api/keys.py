"""What an ``Authorization`` header says, for the site and for the rates before it."""

from __future__ import annotations


def key_text(header: str) -> str:
    """The key in “Token KEY” or “Bearer KEY”; "" where there is none."""
    word, _, text = header.partition(" ")
    return text.strip() if word.lower() in ("token", "bearer") else ""
