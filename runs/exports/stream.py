"""From blocking generators to an async answer."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Generator, Iterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from runs.exports.files import File

logger = logging.getLogger(__name__)


async def stream(file: File) -> AsyncIterator[bytes]:
    """The file's blocks, each made off the event loop; first an empty one, which sends the headers,
    so that a download begins before the columns of a million rows are known.

    A failure midway cannot change the status any more and would leave the client waiting, so the
    file ends with a line that says it is not whole.
    """
    blocks = file.blocks()
    yield b""
    try:
        while (block := await sync_to_async(_next)(blocks)) is not None:
            yield block
    except Exception:
        logger.exception("An export broke off: %s", file.name)
        yield file.broken_off
    finally:
        # Also where the client has left: this waits for the block under way, which ends the thread.
        await sync_to_async(_end)(blocks)


def _next(blocks: Iterator[bytes]) -> bytes | None:
    """None at the end: StopIteration cannot cross into a coroutine."""
    return next(blocks, None)


def _end(blocks: Iterator[bytes]) -> None:
    """Lets the generator clean up, and gives the connection back: the rows were read after the view
    had answered, so nobody else does."""
    if isinstance(blocks, Generator):
        blocks.close()
    close_old_connections()
