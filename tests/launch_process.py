"""A launch in a process of its own that is not over: ``python -m tests.launch_process SQUID KEY``
prints a line when the run is written and not committed, then waits to be killed."""

from __future__ import annotations

import sys

import django


def main(squid: int, key: str) -> None:
    django.setup()
    from django.db import transaction

    from runs import lifecycle
    from squids.models import Squid

    with transaction.atomic():
        lifecycle.start(Squid.objects.get(pk=squid), by="owner", idempotency_key=key)
        print("written", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
