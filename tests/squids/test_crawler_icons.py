"""Each icon that a crawler may name is drawn, once for pages and once as a file for clients."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from django.contrib.staticfiles import finders

from squids.crawlers.interface import Icon

SPRITE = (Path(__file__).parents[2] / "templates" / "_icons.html").read_text()


def drawing(name: str) -> str:
    found = re.search(f'<symbol id="i-crawler-{name}" viewBox="0 0 16 16">(.+)</symbol>', SPRITE)
    assert found
    return found[1]


@pytest.mark.parametrize("name", get_args(Icon))
def test_it_is_drawn_alike_in_both(name: str) -> None:
    path = finders.find(f"crawlers/{name}.svg")
    assert path
    assert f">{drawing(name)}</svg>" in Path(str(path)).read_text()


def test_no_two_are_the_same() -> None:
    assert len({drawing(name) for name in get_args(Icon)}) == len(get_args(Icon))


def test_every_name_of_the_set_is_told_once() -> None:
    names = re.findall(r'<symbol id="([^"]+)"', SPRITE)
    assert len(names) == len(set(names))
