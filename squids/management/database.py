"""What commands say where the site has not made its database yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import OperationalError, ProgrammingError, connection


@contextmanager
def database() -> Iterator[None]:
    """Raises CommandError, one line, where the database or its tables are not there."""
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        name, why = connection.settings_dict["NAME"], str(error).strip().partition("\n")[0]
        raise CommandError(
            f"The database {name} cannot be used ({why})."
            " Start the site once (manage.py up), or run manage.py migrate."
        ) from error
