"""What the queue calls: safe to repeat, and safe to lose, since the tick queues it again."""

from __future__ import annotations

from squids import actions


def read_upload(upload_id: int) -> None:
    """Read an uploaded task file to its end from where it stands."""
    actions.read_upload(upload_id)
