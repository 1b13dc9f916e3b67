"""A worker for `tests.bench.depth`: reads what to do from its standard input, line by line.

It is on a run of an endless chain from the beginning; ``new`` ends that and launches another.
``dig PAGES`` brings it to so many pages without the network: the real pages, read by the crawler
and written by the committer, fifty to a transaction. ``window`` lets the worker go on, in a fresh
slice, and takes the pages that follow its first 250. Each answers the milliseconds of a page.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import django

from lobstr_site.demo import switches
from runs.engine.work import Page, Queued, page_of
from squids.crawlers.interface import Response

if TYPE_CHECKING:
    from runs.models import Run
    from runs.worker.hold import Hold

LEAD, WINDOW = 250, 500
"""Pages left out at the start of a slice, and pages that are measured."""


class Digger:
    def __init__(self, shop: str) -> None:
        from tests.bench import scene

        self.shop, self.owner = shop, scene.owner()
        self.run = self._launch()

    def new(self) -> float:
        from runs import lifecycle

        lifecycle.abort(self.run, by="bench")
        self.run = self._launch()
        return 0

    def _launch(self) -> Run:
        from runs import lifecycle
        from tests.bench import scene

        squid = scene.squid(self.owner, [f"{self.shop}/endless/1"])
        return lifecycle.start(squid, by="bench")

    def dig(self, pages: int) -> float:
        from runs import leases
        from runs.worker import claims

        begun = time.perf_counter()
        [hold] = claims.take(leases.this_process(), claims.Room(1, 64), idle=True, new_only=False)
        shaft = Shaft(hold)
        while shaft.task.pages < pages:
            leases.renew([hold.token])
            shaft.commit()
        claims.give_back(hold)
        self.run.refresh_from_db()
        return (time.perf_counter() - begun) * 1000 / self.run.pages

    def window(self) -> float:
        """By the times that stand on the console's lines, one a page."""
        budget = 2.0
        while True:
            before = self.run.last_line
            self._slice(budget)
            times = self._times(before)
            if len(times) > LEAD + WINDOW:
                taken = times[LEAD + WINDOW] - times[LEAD]
                return taken / timedelta(milliseconds=1) / WINDOW
            budget *= 2

    def _slice(self, seconds: float) -> None:
        from runs.worker import slice

        slice.run(seconds, idle=0)
        self.run.refresh_from_db()

    def _times(self, after: int) -> list[timedelta]:
        from runs.models import Line

        lines = Line.objects.filter(run=self.run, number__gt=after, task_position__isnull=False)
        found = list(lines.order_by("number").values_list("at", flat=True))
        return [at - found[0] for at in found]


class Shaft:
    """One task of a held run, taken down page by page without fetching."""

    def __init__(self, hold: Hold) -> None:
        from runs.worker import tasks

        self.hold = hold
        [self.task] = tasks.claim(hold, 1)
        [first] = hold.plan.crawler.start(self.task.params, hold.plan.settings)
        self.next = Queued(first)

    def commit(self) -> None:
        from runs.worker import committer
        from runs.worker.store import PAGES

        first = self.task.pages + 1
        committer.commit(self.hold, [self._page(first + n) for n in range(PAGES)], [])
        self.next = self.task.queue[0]
        self.task.queue.clear()

    def _page(self, number: int) -> Page:
        """Read a page; what it leads to is the next one, stored only with its page."""
        plan, queued = self.hold.plan, self.next
        body = switches.link_of_chain(number, None).body
        response = Response(queued.request.url, 200, {}, body)
        outcome = plan.crawler.parse(response, queued.request, plan.settings)
        [onward] = outcome.follow
        self.next = Queued(onward)
        return page_of(self.task, queued, outcome, plan.unique_by)


def main(shop: str) -> None:
    django.setup()
    digger = Digger(shop)
    for line in sys.stdin:
        name, *numbers = line.split()
        print(getattr(digger, name)(*map(int, numbers)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
