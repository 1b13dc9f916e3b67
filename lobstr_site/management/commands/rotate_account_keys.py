from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from squids import actions


class Command(BaseCommand):
    help = "Encrypts the accounts' cookies with the newest key, so that the older ones may go."

    def handle(self, **options: Any) -> None:
        renewed, lost = actions.renew_secrets()
        self.stdout.write(f"Accounts encrypted with the newest key: {renewed}")
        if lost:
            raise CommandError(
                f"{lost} cannot be opened with any of the keys: bring back the key they were "
                "encrypted with, or have their cookies refreshed."
            )
