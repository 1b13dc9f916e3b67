from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from squids import actions
from squids.errors import Refused
from squids.management.database import database
from squids.models import User


class Command(BaseCommand):
    help = "Make a key of the API and print it, alone. It is not kept, so it is shown once only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="EMAIL", help="the user's e-mail address, or name")
        parser.add_argument("--name", default="manage.py", help="what the key is for")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with database():
                _, text = actions.make_key(_user(options["user"]), options["name"])
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(text)


def _user(word: str) -> User:
    """By name, which is one user's alone, or else by e-mail address."""
    named: User | None = User.objects.filter(username=word).first()
    if named:
        return named
    found = list(User.objects.filter(email__iexact=word).exclude(email="").order_by("username"))
    if not found:
        raise CommandError(f"No user has the e-mail address or name “{word}”.")
    if len(found) > 1:
        names = ", ".join(user.get_username() for user in found)
        raise CommandError(f"Several users have “{word}”: {names}. Give one's name instead.")
    return found[0]
