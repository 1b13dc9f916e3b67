"""A dispatcher in a process of its own, by a clock of its own.

``python -m tests.dispatch_process FROM UNTIL MINUTES``; prints a line when it is ready, then waits
for one, then prints each moment it has looked at.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import django


def main(now: datetime, until: datetime, step: timedelta) -> None:
    django.setup()
    from runs import dispatch

    print("ready", flush=True)
    sys.stdin.readline()
    while now <= until:
        dispatch.fire_due(now)
        print(now.isoformat(), flush=True)
        now += step


if __name__ == "__main__":
    first, last = map(datetime.fromisoformat, sys.argv[1:3])
    main(first, last, timedelta(minutes=float(sys.argv[3])))
