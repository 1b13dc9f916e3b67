"""A thing that a page describes, the same whichever syntax told of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias, Union

MOST_VALUES = 100
"""Of one property; a page may write more, nobody reads them."""
Value: TypeAlias = Union[str, int, float, bool, "Item"]
_NAME = re.compile(r"[^/#:]*\Z")


class Item(Protocol):
    """Properties are asked for by the local names of their vocabulary, such as ``priceCurrency``.

    An item may lead back to itself (by ``@id`` or ``itemref``): whoever walks along keeps count.
    """

    @property
    def types(self) -> frozenset[str]:
        """Local names: ``Product``, not ``https://schema.org/Product``."""

    @property
    def key(self) -> int:
        """The same for the same thing of a page, however it was come to."""

    def values(self, name: str) -> Iterator[Value]:
        """At most MOST_VALUES, as they stand on the page; none is empty text."""


def local_name(name: str) -> str:
    """What an address or a prefixed name ends in."""
    found = _NAME.search(name.strip().rstrip("/#:"))
    return found[0] if found else ""


def local_names(names: str) -> frozenset[str]:
    return frozenset(short for name in names.split() if (short := local_name(name)))


class Budget:
    """How much text may still be read of a page whose elements hold one another's text."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def text(self, read: Callable[[], str]) -> str:
        if self._left <= 0:
            return ""
        text = read()
        self._left -= len(text)
        return text
