"""The sockets of the pages. They carry HTML to the browser and places in a console back.

From the browser, JSON: ``{"run": uid, "have": number}``, the run whose console it shows and the
last line it has. The first message asks for the lines that follow; without one, or with a null
``run``, no line is sent. Each further one acknowledges: the server stays at most
``runs.live.tailer.UNREAD`` lines ahead of what was acknowledged.

To the browser, HTML: either console lines, ``<li>`` by ``<li>`` in the order of their numbers, or
a region, an element with an id that takes the place of the one in the page; alone, since a parser
drops a table's row that follows another element. A region ``#console`` starts another run's
console, with the last line it holds in ``data-last``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from types import SimpleNamespace
from typing import Any, cast

from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user
from django.http import Http404, HttpRequest

from runs.access import run_of
from runs.live import regions
from runs.live.board import Board
from runs.live.hub import hub
from runs.live.reading import read
from runs.live.regions import Topic
from runs.live.tailer import Follower
from runs.models import Run
from squids.access import squid_of
from squids.models import User

NOT_FOUND = 4404
"""Close code for what is not there or not theirs; before the handshake it is a plain refusal."""
FAILED = 4500
MESSAGE_LIMIT = 500
JUMP = 20_000
"""A console further behind than this begins anew with the run's last lines: the browser would
drop all but a thousand of them anyway."""

log = logging.getLogger(__name__)


class PageConsumer(AsyncWebsocketConsumer):
    """One page of one signed-in user; ``topic_of`` says what it is about. By itself it is the
    socket of an address where nothing is."""

    def topic_of(self, user: User) -> Topic:
        """Raises Http404 for a page that this user does not have."""
        raise Http404

    async def connect(self) -> None:
        self.asked: tuple[str, int] | None = None
        self.follower: Follower | None = None
        self.woken = asyncio.Event()
        self.pump: asyncio.Task[None] | None = None
        try:
            topic, owner_id = await read(self._open)
        except Http404:
            await self.close(NOT_FOUND)
            return
        await self.accept()
        self.pump = asyncio.create_task(self._work(topic, owner_id), name=f"socket of {topic}")

    def _open(self) -> tuple[Topic, int]:
        """Session, user and page in one read: after a restart all pages come back at once."""
        user = get_user(cast(HttpRequest, SimpleNamespace(session=self.scope["session"])))
        if not isinstance(user, User):
            raise Http404
        return self.topic_of(user), user.pk

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        place = _place(text_data or "")
        if place is None:
            return
        if self.asked is None:
            self.asked = place
            self.woken.set()
        elif self.follower and self.follower.tailer.run_uid == place[0]:
            self.follower.acknowledge(place[1])

    async def disconnect(self, code: int) -> None:
        if self.pump:
            self.pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.pump

    # --- what is sent -------------------------------------------------------------------------

    async def _work(self, topic: Topic, owner_id: int) -> None:
        """The browser comes back by itself after a failure, with its place."""
        try:
            account = hub().watching(Topic("account", owner_id), owner_id, self.woken)
            with hub().watching(topic, owner_id, self.woken) as board, account as frame:
                await self._bring(board, frame)
            await self.close(NOT_FOUND)
        except Disconnected:
            pass  # the browser left first; channels tells us in a moment
        except Exception:
            log.exception("The socket of %s %s failed", *topic)
            await self.close(FAILED)
        finally:
            if self.follower:
                hub().unfollow(self.follower)

    async def _bring(self, board: Board, frame: Board) -> None:
        sent = [0, 0]
        while not board.gone:
            await self.woken.wait()
            self.woken.clear()
            changed = board.since(sent[0]) + frame.since(sent[1])
            sent = [board.version, frame.version]
            for region in changed:
                await self.send(region)
            if self.asked and board.run:
                await self._bring_console(board.run)

    async def _bring_console(self, run: Run) -> None:
        if self.follower is None and self.asked and self.asked[0] == run.uid:
            self.follower = hub().follow(run, self.asked[1], self.woken)
        elif self.follower is None or self.follower.tailer.run_id != run.pk:
            await self._switch(run)
        await self._send_lines(run)

    async def _switch(self, run: Run) -> None:
        """Show this run's console from here on: its last lines, and then what follows."""
        if self.follower:
            hub().unfollow(self.follower)
        fresh = await read(_fresh, run.pk)
        self.follower = hub().follow(fresh, fresh.last_line, self.woken)
        await self.send(await read(regions.console, fresh))

    async def _send_lines(self, run: Run) -> None:
        """One batch at a time, so that regions come through between them."""
        if self.follower is None:
            return
        if self.follower.behind > JUMP:
            await self._switch(run)
        elif batch := await self.follower.take():
            await self.send(batch.html)
            self.woken.set()


class SquidConsumer(PageConsumer):
    """``/ws/squids/<uid>``: progress, the newest run's row, and its console."""

    def topic_of(self, user: User) -> Topic:
        return Topic("squid", squid_of(user, self.scope["url_route"]["kwargs"]["uid"]).pk)


class RunConsumer(PageConsumer):
    """``/ws/runs/<uid>``: the run's figures, and its console where the page shows one."""

    def topic_of(self, user: User) -> Topic:
        return Topic("run", run_of(user, self.scope["url_route"]["kwargs"]["uid"]).pk)


class ListConsumer(PageConsumer):
    """``/ws/list``: the rows of the user's squids."""

    def topic_of(self, user: User) -> Topic:
        return Topic("list", user.pk)


def _place(text: str) -> tuple[str, int] | None:
    """The run and line number a browser names; None for anything else."""
    if len(text) > MESSAGE_LIMIT:
        return None
    try:
        message: Any = json.loads(text)
        run, have = message["run"], message["have"]
    except (ValueError, TypeError, KeyError):
        return None
    return (run, have) if isinstance(run, str) and type(have) is int else None


def _fresh(run_id: int) -> Run:
    run: Run = Run.objects.select_related("squid", "crawler").get(pk=run_id)
    return run
