"""A request that waits for its turn: its body is kept meanwhile, a large one on the disk, and a
client that leaves is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from tempfile import SpooledTemporaryFile

from lobstr_site.api.asgi import Message, Receive

CHUNK = 64 * 1024


class Waiting:
    """``source`` is the server's. After the wait, ``receive`` gives what came and what comes."""

    def __init__(self, source: Receive) -> None:
        self.source = source
        self.whole = self.left = False
        self.kept = SpooledTemporaryFile(max_size=CHUNK)  # noqa: SIM115  (closed when read)

    async def wait(self, rest: Awaitable[None]) -> bool:
        """Wait for ``rest`` to end; False if the client left before."""
        keep, sleep = asyncio.ensure_future(self._keep()), asyncio.ensure_future(rest)
        stays = False
        try:
            await asyncio.wait({keep, sleep}, return_when=asyncio.FIRST_COMPLETED)
            stays = not self.left
        finally:
            keep.cancel()
            sleep.cancel()
            await asyncio.gather(keep, sleep, return_exceptions=True)
            if not stays:
                self.kept.close()
        if stays:
            self.kept.seek(0)
        return stays

    async def _keep(self) -> None:
        """Ends only by the client's leaving."""
        while not self.left:
            message = await self.source()
            if message["type"] == "http.disconnect":
                self.left = True
            else:
                self.kept.write(message.get("body", b""))
                self.whole = not message.get("more_body", False)

    async def receive(self) -> Message:
        if chunk := self._read():
            return {"type": "http.request", "body": chunk, "more_body": True}
        if self.whole:
            self.whole = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return await self.source()

    def _read(self) -> bytes:
        if self.kept.closed:
            return b""
        chunk = self.kept.read(CHUNK)
        if not chunk:
            self.kept.close()
        return chunk
