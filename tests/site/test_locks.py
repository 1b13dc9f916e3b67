"""The lock files say exactly what is installed, and nothing of where it comes from."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import pytest

from tests.site.test_imports import APPS, imported

FOLDER = Path(__file__).parents[2] / "requirements"
LOCKS = ("runtime", "browser", "dev", "bench")


def pins(name: str) -> dict[str, str]:
    text = (FOLDER / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.M))


def wishes(*names: str) -> set[str]:
    text = "".join((FOLDER / f"{name}.in").read_text() for name in names)
    return {wish.replace("_", "-") for wish in re.findall(r"^([a-z0-9][a-z0-9_-]*)", text, re.M)}


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_pin_a_hash_or_nothing(name: str) -> None:
    joined = (FOLDER / f"{name}.txt").read_text().replace("\\\n", " ")
    for line in filter(None, joined.splitlines()):
        assert re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+", line)


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_address_is_recorded(path: Path) -> None:
    assert not re.search(r"://|index|find-links|trusted|@ ", path.read_text())


@pytest.mark.parametrize(("small", "large"), list(pairwise(LOCKS)))
def test_the_larger_sets_contain_the_smaller_unchanged(small: str, large: str) -> None:
    assert pins(small).items() <= pins(large).items()


@pytest.mark.parametrize("name", LOCKS)
def test_every_wish_is_locked(name: str) -> None:
    assert wishes(name) <= pins(name).keys()


def packages(*folders: str) -> set[str]:
    """The published packages whose modules are imported under these folders."""
    names: set[str] = set()
    for folder in folders:
        for path in (FOLDER.parent / folder).rglob("*.py"):
            names |= {name.partition(".")[0] for name in imported(path.read_text())}
    origin = packages_distributions()
    return {
        re.sub(r"[._]", "-", origin[name][0]).lower()
        for name in names - sys.stdlib_module_names
        if name in origin
    }


@pytest.mark.parametrize(
    ("names", "folders"),
    [(["runtime", "browser"], APPS), (["runtime", "browser", "dev", "bench"], ("tests",))],
)
def test_what_is_imported_is_wished_for(names: list[str], folders: tuple[str, ...]) -> None:
    assert packages(*folders) - wishes(*names) == set()
