"""Another process that writes console lines the way the committer does: numbered under the run's
lock, with a ring on commit. ``python -m tests.runs.live.writer RUN LINES LINES_A_COMMIT PAUSE``.
"""

from __future__ import annotations

import os
import sys
import time

import django

from tests import environment  # noqa: F401  (before Django reads its settings)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lobstr_site.settings")


def main(run_id: int, count: int, each: int, pause: float) -> None:
    django.setup()
    from tests.runs.live.lines import write

    while count > 0:
        write(run_id, min(each, count))
        count -= each
        time.sleep(pause)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
