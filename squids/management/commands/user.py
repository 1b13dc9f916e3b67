from __future__ import annotations

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from squids import actions, invitations
from squids.errors import Refused
from squids.management.database import database
from squids.models import Plan, User


class Command(BaseCommand):
    help = "Create a user with a password, or invite one by a link to set it."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        texts = {
            "create": "with a password, read from the terminal or standard input",
            "invite": "without one; prints a link by which they set it, for a new user or again",
        }
        for verb, text in texts.items():
            words = verbs.add_parser(verb, help=text)
            words.add_argument("username")
            words.add_argument("--email", default="")
            words.add_argument("--plan", default="", help="the plan's name; the first one without")
            words.add_argument("--operator", action="store_true", help="may use the admin")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with database():
                self._do(options)
        except Refused as refused:
            raise CommandError(refused.message) from refused

    def _do(self, options: dict[str, Any]) -> None:
        if options["verb"] == "create":
            user = self._make(options, password=_read_password())
            self.stdout.write(f"Created {user.username}.")
        else:
            user = self._invited(options)
            self.stdout.write(f"http://localhost:{settings.PORT}{invitations.make_link(user)}")

    def _invited(self, options: dict[str, Any]) -> User:
        """The user by that name who has no password yet, or a new one."""
        user: User | None = User.objects.filter(username=options["username"]).first()
        if user and not user.has_usable_password():
            return user
        return self._make(options)

    def _make(self, options: dict[str, Any], password: str | None = None) -> User:
        return actions.create_user(
            options["username"],
            email=options["email"],
            plan=_plan(options["plan"]),
            password=password,
            operator=options["operator"],
        )


def _plan(name: str) -> Plan | None:
    if not name:
        return Plan.objects.order_by("pk").first()
    plan = Plan.objects.filter(name=name).first()
    if plan is None:
        names = ", ".join(Plan.objects.order_by("pk").values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no plan “{name}” ({names}).")
    return plan


def _read_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
