"""The site that the clients speak to, its people with their keys, and what they scrape."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lobstr_site.demo import catalogue
from tests.site.running import ROOT, Running, running

RECIPE: dict[str, Any] = {
    "rows": "article.product",
    "fields": {
        "sku": ".sku",
        "title": "a.title",
        "price": {"select": ".price", "type": "number"},
    },
    "next": "li.next a::attr(href)",
    "unique_by": ["sku"],
}
SLOWLY = "/slow/2000/category/toys/"
"""A page of the shop on which a run is still going while a test looks at it."""
PEOPLE = ("ada", "bob")
"""Who has a key: the tests' own user, and a stranger to them."""


@dataclass(frozen=True)
class Place:
    """A running site, and each person's key."""

    site: Running
    keys: dict[str, str]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.site.settings['LOBSTR_PORT']}/v1/"

    @property
    def shop(self) -> str:
        return f"http://127.0.0.1:{self.site.settings['LOBSTR_DEMO_PORT']}"

    def new_key(self, person: str, name: str) -> str:
        return make_key(self.site.settings, person, name)

    def revoke(self, person: str, name: str) -> None:
        """As the page does; there is no command for it."""
        key = f"ApiKey.objects.get(owner__username={person!r}, name={name!r})"
        words = "from squids import actions; from squids.models import ApiKey"
        manage(self.site.settings, "shell", "-c", f"{words}; actions.revoke_key({key})")


def manage(settings: dict[str, str], *words: str, typed: str = "") -> str:
    """What a command of the site's operator prints."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(
        command, env=settings, cwd=ROOT, input=typed, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def place(data: Path, allowed: str = "", rate: int = 1200) -> Iterator[Place]:
    """A site with its people, which may read an address besides the demo shop; gone when the block
    ends. ``rate`` is in requests a minute; 0: no limit."""
    with running(data, LOBSTR_ALLOW_PRIVATE=allowed, LOBSTR_API_RATE=str(rate)) as site:
        yield Place(site, {name: _join(site.settings, name) for name in PEOPLE})


def _join(settings: dict[str, str], name: str) -> str:
    """Make a user as an operator does, and answer their key."""
    email = f"{name}@shop.example"
    manage(settings, "user", "create", name, "--email", email, typed="a long password\n")
    return make_key(settings, name, "tests")


def make_key(settings: dict[str, str], person: str, name: str) -> str:
    return manage(settings, "api_key", person, "--name", name).strip()


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """The environment of a client's process: nothing of ours, a home of its own, wide lines."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LOBSTR_")}
    own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "COLUMNS": "240"}
    return kept | own | {"NO_PROXY": "127.0.0.1"} | more


def sold(category: str, pages: int | None = None) -> dict[str, dict[str, str]]:
    """What a squid with RECIPE finds in a category of the shop, by sku, as texts of a CSV."""
    items = catalogue.listing(category)
    shown = items[: pages * catalogue.PAGE_SIZE] if pages else items
    return {
        item.sku: {"sku": item.sku, "title": item.title, "price": str(item.price)} for item in shown
    }


def recipe_text(**changes: Any) -> str:
    """RECIPE as a person types it."""
    return json.dumps(RECIPE | changes)


def rows_of(file: Path) -> dict[str, dict[str, str]]:
    """The rows of a CSV by sku, no sku twice, as texts."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    found = {row["sku"]: {name: row[name] for name in ("sku", "title", "price")} for row in rows}
    assert len(found) == len(rows)
    return found
