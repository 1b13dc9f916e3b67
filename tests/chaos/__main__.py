"""``python -m tests.chaos``; KILLS and SEED come from the environment. Ends with 1 on a breach."""

from __future__ import annotations

import sys

import django

from lobstr_site.environment import number
from tests.chaos.scratch import scratch


def main() -> int:
    kills, seed = number("KILLS", 30), number("SEED", 1)
    with scratch() as place:
        django.setup()
        from tests.chaos.course import Course

        breaches = Course(place.folder, kills, seed).run()
        place.keep = bool(breaches)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
