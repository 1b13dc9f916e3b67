from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lobstr_site.signin import make_link
from squids.management.database import database
from squids.models import User


class Command(BaseCommand):
    help = "Print a link that signs a user in: once, within 15 minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default="demo")

    def handle(self, *args: Any, **options: Any) -> None:
        with database():
            user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{options['username']}”.")
        self.stdout.write(f"http://localhost:{settings.PORT}{make_link(user)}")
