"""``manage.py verify_ledger``: whether every credit is accounted for."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from runs import sql
from runs.credits import audit
from runs.models import Balance, LedgerEntry, Run


class Command(BaseCommand):
    help = (
        "Work out every run and balance anew from the ledger. Ends with 0 when all is exact, else"
        " with 1 after naming each that is not, and how."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with sql.one_snapshot():
            found = list(audit.faults())
            counts = [model.objects.count() for model in (Run, Balance, LedgerEntry)]
        for text in found:
            self.stdout.write(text)
        if found:
            raise CommandError(f"{len(found):,} faults.")
        self.stdout.write("Exact: {:,} runs, {:,} balances, {:,} ledger entries.".format(*counts))
