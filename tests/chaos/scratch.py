"""A data folder and a database of our own. Nothing of the user's is touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@dataclass
class Place:
    """``keep``: the folder is left for somebody to look at."""

    folder: Path
    keep: bool = True


@contextmanager
def scratch() -> Iterator[Place]:
    """Set the environment that Django reads; with a DATABASE_URL of PostgreSQL, a new database on
    that server, dropped at the end."""
    place = Place(Path(tempfile.mkdtemp(prefix="lobstr-chaos-")))
    os.environ["DJANGO_SETTINGS_MODULE"] = "lobstr_site.settings"
    os.environ["LOBSTR_DATA"] = str(place.folder / "data")
    import_module("tests.environment")  # the tests' own crawlers, for every process we start
    with _database(os.environ.pop("DATABASE_URL", "")):
        yield place
    if place.keep:
        print(f"The data folder, logs included, is kept: {place.folder}")
    else:
        shutil.rmtree(place.folder)


@contextmanager
def _database(url: str) -> Iterator[None]:
    if not url.startswith("postgres"):
        yield
        return
    name = f"lobstr_chaos_{os.getpid()}"
    _tell(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    try:
        yield
    finally:
        _tell(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _tell(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)
