"""The domain's errors: what was refused, in words for people. Pages, API and admin map them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class Refused(Exception):
    """An action that cannot be done now. ``message`` is shown to the person as it is."""

    message = "That cannot be done now."

    def __init__(self, message: str = "") -> None:
        self.message = message or self.message
        super().__init__(self.message)


class FieldRefused(Refused):
    """A value that cannot work; ``field`` names its form field (dotted inside a recipe)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ParamRefused(FieldRefused):
    """A value of a crawler's parameter; ``field`` is the parameter's name, whatever that is."""


class ParamNeeded(ParamRefused):
    """A required parameter that is given no value."""


class UnknownParam(ParamRefused):
    """A parameter that the crawler does not have."""


class FunctionNotFound(FieldRefused):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        listed = ", ".join(known) or "none"
        super().__init__(f"functions.{name}", f"There is no such function; known: {listed}.")


class ConcurrencyLimitExceeded(FieldRefused):
    def __init__(self, most: int) -> None:
        super().__init__("concurrency", f"Choose from 1 to {most}.")


NO_ADDRESS = "Your user has no e-mail address: write one here."


class DuplicateSquid(FieldRefused):
    def __init__(self, name: str) -> None:
        super().__init__("name", f"You already have a squid named “{name}”.")


class PresetExists(FieldRefused):
    def __init__(self) -> None:
        super().__init__("name", "You have a preset of this name already.")


class SlotsLimitExceeded(FieldRefused):
    """``holders`` are the names and slots of all squids that hold some, the largest first."""

    NAMED = 5
    NAME_ROOM = 60

    def __init__(
        self, wanted: int, free: int, total: int, holders: Sequence[tuple[str, int]]
    ) -> None:
        text = f"This takes {wanted} more slot{'s' if wanted > 1 else ''}"
        text += f" and {max(free, 0)} of {total} are free."
        if holders:
            text += f" In use: {self._named(holders)}."
        super().__init__("concurrency", text)

    def _named(self, holders: Sequence[tuple[str, int]]) -> str:
        texts = [f"“{_short(name, self.NAME_ROOM)}” {n}" for name, n in holders[: self.NAMED]]
        left = len(holders) - self.NAMED
        return ", ".join(texts) + (f" and {left} more" if left > 0 else "")


def _short(name: str, room: int) -> str:
    return name if len(name) <= room else name[: room - 1].rstrip() + "…"


class AddressNeeded(FieldRefused):
    """A user's address that is to go while these squids send their e-mails there."""

    def __init__(self, names: Sequence[str]) -> None:
        first = f"“{_short(names[0], SlotsLimitExceeded.NAME_ROOM)}”"
        who = f"{first} and {len(names) - 1} more e-mail" if names[1:] else f"{first} e-mails"
        super().__init__("email", f"{who} you here: turn that off or give an address there first.")


class TaskLimitExceeded(Refused):
    def __init__(self, limit: int, room: int) -> None:
        super().__init__(f"A squid holds at most {limit:,} tasks; there is room for {room:,} more.")


class TaskNotValid(FieldRefused):
    """A row that is no task, numbered from 1. ``field`` is its place in JSON, from 0, dotted."""

    def __init__(self, number: int, param: str, message: str) -> None:
        text = f"{message} This is task {number:,}; no task was added."
        super().__init__(f"tasks.{number - 1}.{param}", text)


class RunInProgress(Refused):
    message = "This squid has an unfinished run. Wait for its end or abort it."


class SquidNotReady(Refused):
    """``lacking`` says which setting, and what is wrong with it. Clients read the first words."""

    def __init__(self, lacking: str) -> None:
        super().__init__(f"This squid is not ready: {lacking}")


class SquidInactive(Refused):
    message = "This squid is deactivated. Activate it to launch."


class NoTasksPresent(Refused):
    message = "This squid has no active task. Add one first."


class NothingToRetry(Refused):
    message = "No task of this run failed, so there is nothing to retry."

    @classmethod
    def gone(cls, failed: int) -> NothingToRetry:
        """Its failed tasks are not there any more."""
        which = (
            "The task that failed was" if failed == 1 else f"All {failed:,} tasks that failed were"
        )
        return cls(f"{which} deleted or excluded since, so there is nothing to retry.")


class CrawlerUnavailable(Refused):
    message = "This crawler is under maintenance at present."

    def __init__(self, problem: str = "") -> None:
        super().__init__(f"{self.message} {problem}".strip())


class CrawlerMissing(Refused):
    """The package that brought the crawler is not installed any more."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"No crawler “{slug}” is installed.")
        self.slug = slug


class NoCreditsLeft(Refused):
    def __init__(self, renews_at: datetime) -> None:
        super().__init__(f"No credits are left. They renew on {renews_at:%d %B %Y at %H:%M %Z}.")


class KeyReused(FieldRefused):
    """An Idempotency-Key that was sent before, with another launch."""

    def __init__(self) -> None:
        super().__init__("Idempotency-Key", "This key was used for the launch of another squid.")


class NotAuthenticated(Refused):
    message = "Give a valid API key: “Authorization: Token KEY”."


class KeyMade(Refused):
    """A form for a key that was sent a second time."""

    message = "This form has made its key already. A key is shown once only."


class KeyRevoked(NotAuthenticated):
    message = "This API key was revoked. Make another on the API page."


class MoveRefused(Refused):
    message = "The run is not in a state that allows this."


class Hindered(Refused):
    """A run that cannot go on yet; the message says what it waits for."""


class UploadRefused(FieldRefused):
    """A task file that cannot be read: a missing column, nothing in it."""

    def __init__(self, message: str) -> None:
        super().__init__("file", message)


class FileTooLarge(UploadRefused):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The file is larger than {limit // 1024 // 1024} MB.")


class BadEncoding(UploadRefused):
    """A task file that is no text, or not in the encoding that it says."""
