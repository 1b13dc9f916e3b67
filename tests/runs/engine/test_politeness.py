"""How many requests a host gets at once, and when, across the processes of a machine."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from runs.engine.errors import HttpStatus, MustWait
from runs.engine.fetch import Fetcher
from runs.engine.politeness import OPEN_HOSTS, HostRule, Politeness, forget_hosts
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import Answer, Site

pytestmark = pytest.mark.asyncio
HOST = "shop.test:80"

HOLD = """
import asyncio, contextlib, pathlib, sys
from runs.engine.politeness import HostRule, Politeness

async def main(folder, count, limit):
    politeness = Politeness(pathlib.Path(folder), {"shop.test": HostRule(in_flight=limit)})
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(politeness.slot("shop.test:80"))
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


@contextmanager
def another_process(folder: Path, count: int, limit: int) -> Iterator[subprocess.Popen[str]]:
    """Holds ``count`` slots until it reads a line."""
    command = [sys.executable, "-c", HOLD, str(folder), str(count), str(limit)]
    pipes = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipes, stdout=pipes, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


class Crowd:
    """Many visitors at once; remembers how many were inside together at most."""

    def __init__(self, politeness: Politeness) -> None:
        self.politeness = politeness
        self.inside = self.most = self.visits = 0

    async def visit(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            async with self.politeness.slot(HOST):
                self.inside += 1
                self.most = max(self.most, self.inside)
                for _ in range(3):
                    await asyncio.sleep(0)
                self.inside -= 1
                self.visits += 1


async def test_eight_at_once_and_no_more(politeness: Politeness) -> None:
    crowd = Crowd(politeness)
    await asyncio.gather(*(crowd.visit(5) for _ in range(40)))
    assert (crowd.most, crowd.visits) == (8, 200)


async def test_an_operators_exception(tmp_path: Path) -> None:
    for rules in ({"shop.test": HostRule(in_flight=20)}, {HOST: HostRule(in_flight=20)}):
        politeness = Politeness(tmp_path, rules)
        crowd = Crowd(politeness)
        await asyncio.gather(*(crowd.visit(3) for _ in range(40)))
        await politeness.close()
        assert crowd.most == 20


async def test_hosts_do_not_wait_for_each_other(politeness: Politeness) -> None:
    async with politeness.slot("a.test:80", delay=60):
        async with politeness.slot("b.test:80"):
            assert politeness.wait_hint("b.test:80") == 0
            assert 50 < politeness.wait_hint("a.test:80") <= 60


async def test_first_come_first_served(politeness: Politeness) -> None:
    served: list[int] = []

    async def visit(number: int) -> None:
        async with politeness.slot(HOST):
            served.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(visit(number) for number in range(50)))
    assert served == list(range(50))


async def test_a_waiter_that_leaves_loses_no_slot(politeness: Politeness) -> None:
    crowd = Crowd(politeness)
    held = [await politeness.enter(HOST) for _ in range(8)]
    waiters = [asyncio.create_task(crowd.visit()) for _ in range(20)]
    await asyncio.sleep(0)
    for waiter in waiters[::2]:
        waiter.cancel()
    politeness.leave(held.pop())
    waiters[1].cancel()  # it was just given the slot and has not run yet
    for slot in held:
        politeness.leave(slot)
    await asyncio.gather(*waiters, return_exceptions=True)
    assert crowd.visits == 9
    await asyncio.gather(*(crowd.visit() for _ in range(30)))
    assert crowd.most == 8


async def test_another_processs_slots_count(tmp_path: Path) -> None:
    politeness = Politeness(tmp_path)
    crowd = Crowd(politeness)
    with another_process(tmp_path, 5, 8) as other:
        await asyncio.gather(*(crowd.visit(3) for _ in range(20)))
        assert crowd.most == 3
        assert other.stdin
        other.stdin.write("leave\n")
        other.stdin.flush()
        other.wait()
    await asyncio.gather(*(crowd.visit(3) for _ in range(20)))
    assert crowd.most == 8
    await politeness.close()


async def test_a_killed_process_leaves_its_slots(tmp_path: Path) -> None:
    politeness = Politeness(tmp_path)
    crowd = Crowd(politeness)
    with another_process(tmp_path, 8, 8) as other:
        waiting = asyncio.gather(*(crowd.visit() for _ in range(10)))
        for _ in range(20):
            await asyncio.sleep(0.002)
        assert crowd.visits == 0
        other.send_signal(signal.SIGKILL)
        await asyncio.wait_for(waiting, 10)
    assert crowd.visits == 10
    await politeness.close()


BUSY = """
import asyncio, pathlib, sys, time
from runs.engine.politeness import HostRule, Politeness

async def main(folder):
    politeness = Politeness(pathlib.Path(folder), {"shop.test": HostRule(in_flight=2)})
    visits = 0
    async def visit():
        nonlocal visits
        while time.time() < start + 0.7:
            async with politeness.slot("shop.test:80"):
                visits += 1
                if visits == 6:
                    print("busy", flush=True)
                await asyncio.sleep(0.01)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    start = time.time()
    await asyncio.gather(*(visit() for _ in range(6)))
    print(visits)

asyncio.run(main(sys.argv[1]))
"""


async def test_two_busy_processes_share(tmp_path: Path) -> None:
    """Neither keeps the slots for itself, although both always have somebody waiting."""
    visits = await asyncio.to_thread(_visits_of_two, tmp_path)
    assert min(visits) * 4 > max(visits) > 0, visits


def _visits_of_two(folder: Path) -> list[int]:
    """The second begins when the first has all the slots."""
    command = [sys.executable, "-c", BUSY, str(folder)]
    pipes = subprocess.PIPE
    pair = [subprocess.Popen(command, stdin=pipes, stdout=pipes, text=True) for _ in range(2)]
    for process in pair:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in pair:
        assert process.stdin and process.stdout
        process.stdin.write("go\n")
        process.stdin.flush()
        process.stdout.readline()
    return [int(process.communicate(timeout=30)[0].split()[-1]) for process in pair]


async def test_a_delay_holds_for_everybody(politeness: Politeness, tmp_path: Path) -> None:
    starts: list[float] = []

    async def visit() -> None:
        async with politeness.slot(HOST, delay=0.1):
            starts.append(time.time())

    await asyncio.gather(*(visit() for _ in range(6)))
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert min(gaps) > 0.08
    assert starts[-1] - starts[0] > 0.48


async def test_a_long_wait_is_refused_before_anything_is_sent(
    politeness: Politeness, fetcher: Fetcher, site: Site
) -> None:
    site.page("/", "x")
    session = fetcher.session(allowing(site, delay=30.0, obey_robots=False))
    await fetcher.fetch(Request(site.url()), session)
    for _ in range(10):
        with pytest.raises(MustWait, match="may be asked again in") as caught:
            await fetcher.fetch(Request(site.url()), session)
        assert caught.value.host == site.place
        assert 25 < caught.value.seconds <= 30
    assert 25 < politeness.wait_hint(site.place) <= 30
    assert site.paths() == ["/"]


async def test_too_many_requests_quietens_every_run(
    politeness: Politeness, fetcher: Fetcher, site: Site
) -> None:
    site.pages["/"] = Answer(status=429, headers=(("Retry-After", "40"),))
    site.page("/other", "x")
    with pytest.raises(HttpStatus) as caught:
        await fetcher.fetch(Request(site.url()), allowing(site))
    assert caught.value.retry_after == 40
    with pytest.raises(MustWait):
        await fetcher.fetch(Request(site.url("/other")), allowing(site))
    assert site.paths() == ["/"]


async def test_a_refusal_without_a_time_is_a_second(
    politeness: Politeness, fetcher: Fetcher, site: Site
) -> None:
    site.pages["/"] = Answer(status=429)
    with pytest.raises(HttpStatus):
        await fetcher.fetch(Request(site.url()), allowing(site))
    assert 0 < politeness.wait_hint(site.place) <= 1


async def test_the_quiet_is_known_to_another_process(tmp_path: Path) -> None:
    politeness = Politeness(tmp_path)
    await politeness.postpone(HOST, 60)
    code = (
        "import pathlib, sys; from runs.engine.politeness import Politeness;"
        f"print(Politeness(pathlib.Path(sys.argv[1])).wait_hint({HOST!r}))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    seen = await asyncio.to_thread(subprocess.check_output, command)
    assert 40 < float(seen) <= 60
    await politeness.postpone(HOST, 5)
    assert politeness.wait_hint(HOST) > 40, "a shorter wait must not end a longer one"
    await politeness.close()


async def test_more_hosts_than_open_files(tmp_path: Path) -> None:
    politeness = Politeness(tmp_path)
    first = await politeness.enter("first.test:80")
    for number in range(OPEN_HOSTS + 50):
        async with politeness.slot(f"host{number}.test:80"):
            assert len(open_files(tmp_path)) <= OPEN_HOSTS
    politeness.leave(first)
    await politeness.close()


async def test_hosts_of_old_are_forgotten(politeness: Politeness, tmp_path: Path) -> None:
    async with politeness.slot(HOST):
        assert forget_hosts(tmp_path / "hosts", idle=3600) == 0
    assert forget_hosts(tmp_path / "hosts", idle=-1) == 1


def open_files(folder: Path) -> list[Path]:
    paths = [Path(file.path) for file in psutil.Process().open_files()]
    return [path for path in paths if path.parent == folder]


async def test_slices_leave_no_file_open(site: Site, tmp_path: Path) -> None:
    site.page("/", "x")
    for _ in range(2):
        async with Fetcher(Politeness(tmp_path)) as fetcher:
            await fetcher.fetch(Request(site.url()), allowing(site))
            assert len(open_files(tmp_path)) == 1
        assert open_files(tmp_path) == []
