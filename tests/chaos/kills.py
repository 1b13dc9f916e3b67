"""Who is killed, and how. Each kind answers the processes that have to be gone afterwards, or None
while there is nobody of the kind to kill."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence

import psutil

from runs.models import Lease
from tests.chaos.site import Site
from tests.chaos.watch import works
from tests.runs.processes import nobody_writes

Victims = list[psutil.Process]
Kind = Callable[[Site, random.Random], Victims | None]
STILL = 0.05
"""Seconds for which the write lock stays taken when it is the stopped process that has it."""


def turns(chance: random.Random) -> Iterator[str]:
    """The kinds in turn, in another order each time round."""
    while True:
        yield from chance.sample(ROUND, len(ROUND))


def kill(kind: str, site: Site, chance: random.Random) -> Victims | None:
    return KINDS[kind](site, chance)


def _worker(site: Site, chance: random.Random) -> Victims | None:
    """A worker that holds a run."""
    return _end(_one(_holders(), chance))


def _idle_worker(site: Site, chance: random.Random) -> Victims | None:
    """One that waits for a job: it may have the lock that the others wait for."""
    return _end(_one(site.of_queue("idle"), chance))


def _queue(site: Site, chance: random.Random) -> Victims | None:
    """All of the queue at once, as the machine's memory killer or a deploy would."""
    main = site.main("queue")
    if main is None:
        return None
    victims = [main, *main.children(recursive=True)]
    os.killpg(main.pid, signal.SIGKILL)
    return victims


def _main_of(name: str) -> Kind:
    return lambda site, chance: _end(_one(filter(None, [site.main(name)]), chance))


def _sentinel(site: Site, chance: random.Random) -> Victims | None:
    return _end(_one(filter(None, [site.sentinel()]), chance))


def _role(name: str) -> Kind:
    return lambda site, chance: _end(_one(site.of_queue(name), chance))


def _everything(site: Site, chance: random.Random) -> Victims | None:
    """The supervisor, which takes all the others with it; it is started again by hand."""
    supervisor = site.supervisor
    victims = [supervisor, *supervisor.children(recursive=True)]
    supervisor.kill()
    return victims


def _stopped(site: Site, chance: random.Random) -> Victims | None:
    """A worker that holds a run is stopped; ending it is the watchdog's work."""
    victims = _one(_holders(), chance)
    for victim in victims:
        victim.suspend()
    return victims or None


def _stopped_writing(site: Site, chance: random.Random) -> Victims | None:
    """The same inside a transaction, where it keeps everybody else from writing."""
    victims = _one(_holders(), chance)
    for victim in victims:
        victim.suspend()
        if _is_writing():
            return victims
        victim.resume()
    return None


def _is_writing() -> bool:
    if nobody_writes():
        return False
    time.sleep(STILL)
    return not nobody_writes()


def _holders() -> Victims:
    held = [lease for lease in Lease.objects.exclude(token="").order_by("pk") if works(lease)]
    pids = dict.fromkeys(lease.holder_pid for lease in held if lease.holder_pid)
    return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]


def _one(processes: Iterator[psutil.Process] | Sequence[psutil.Process],
         chance: random.Random) -> Victims:  # fmt: skip
    found = list(processes)
    return [chance.choice(found)] if found else []


def _end(victims: Victims) -> Victims | None:
    for victim in victims:
        victim.kill()
    return victims or None


KINDS: dict[str, Kind] = {
    "a worker": _worker,
    "an idle worker": _idle_worker,
    "the whole queue": _queue,
    "web": _main_of("web"),
    "the queue's main": _main_of("queue"),
    "the demo shop": _main_of("demo"),
    "the sentinel": _sentinel,
    "the pusher": _role("pusher"),
    "the monitor": _role("monitor"),
    "everything": _everything,
    "a worker, stopped": _stopped,
    "a worker, stopped writing": _stopped_writing,
}
ROUND = [*KINDS, "a worker", "a worker", "the whole queue"]
