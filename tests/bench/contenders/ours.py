"""The real thing: launched, worked by one worker process's slices, every row, charge, line and
checkpoint durable, until Done."""

from __future__ import annotations

import sys
import time

import django

from tests.bench import shop
from tests.bench.place import answer


def main(site: str, tasks: int) -> None:
    django.setup()
    from runs import lifecycle
    from runs.models import Result, Run
    from runs.worker import slice
    from tests.bench import scene

    urls = shop.tasks(site, tasks)
    squid = scene.squid(scene.owner(), urls, shop.IN_FLIGHT, obey_robots=False)
    scene.allow(site.removeprefix("http://"))
    begun = time.perf_counter()
    run = lifecycle.start(squid, by="bench")
    while Run.objects.get(pk=run.pk).is_unfinished:
        slice.run(idle=0)
    seconds = time.perf_counter() - begun
    run.refresh_from_db()
    rows = [result.row for result in Result.objects.filter(run=run)]
    found = {"pages": run.pages, "seconds": seconds, "rows": len(rows)}
    answer(found | {"digest": shop.digest(rows), "status": run.status})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
