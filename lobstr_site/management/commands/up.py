from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand

from lobstr_site.up import site
from lobstr_site.up.refusals import Refusal


class Command(BaseCommand):
    help = "Run the whole site on this machine: web, workers, scheduler and the demo shop."

    def handle(self, *args: Any, **options: Any) -> None:
        here = site.from_environment()
        try:
            lock = site.require_free(here)
        except Refusal as refusal:
            raise SystemExit(f"lobstr: {refusal}") from None
        link = site.prepare(here)
        site.keep(here, link, self._say)
        os.close(lock)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
