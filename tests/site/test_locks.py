"""The lock files say exactly what is installed, and nothing of where it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "requirements"
LOCKS = ("runtime", "dev", "bench")


def pins(name: str) -> dict[str, str]:
    text = (FOLDER / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.M))


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_pin_a_hash_or_nothing(name: str) -> None:
    joined = (FOLDER / f"{name}.txt").read_text().replace("\\\n", " ")
    for line in filter(None, joined.splitlines()):
        assert re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+", line)


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_address_is_recorded(path: Path) -> None:
    assert not re.search(r"://|index|find-links|trusted|@ ", path.read_text())


@pytest.mark.parametrize(("small", "large"), [("runtime", "dev"), ("dev", "bench")])
def test_the_larger_sets_contain_the_smaller_unchanged(small: str, large: str) -> None:
    assert pins(small).items() <= pins(large).items()


@pytest.mark.parametrize("name", LOCKS)
def test_every_wish_is_locked(name: str) -> None:
    wishes = re.findall(r"^([a-z0-9_-]+)", (FOLDER / f"{name}.in").read_text(), re.M)
    assert {wish.replace("_", "-") for wish in wishes if wish[0] != "-"} <= pins(name).keys()
