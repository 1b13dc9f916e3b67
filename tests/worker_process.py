"""A worker in a process of its own: one slice after the other, until it is killed or told to stop.

``python -m tests.worker_process [seconds]``; prints a line when it is ready and after every slice.
"""

from __future__ import annotations

import sys
import time

import django


def main(seconds: float) -> None:
    django.setup()
    from django.utils import timezone

    from runs import lifecycle
    from runs.worker import slice

    print("ready", flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        lifecycle.rescue_dead(timezone.now())
        slice.run(idle=0.2)
        print("slice", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
