"""The lines of text that a page shows, as far as they are broken by its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

MOST_NODES = 200_000
MOST_CHARACTERS = 1_000_000
_SILENT = frozenset({"script", "style", "template", "svg", "head", "textarea", "select", "iframe"})
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font"}
    | {"i", "ins", "kbd", "label", "mark", "noscript", "q", "s", "samp", "small", "span", "strong"}
    | {"sub", "sup", "time", "tt", "u", "var", "wbr", "-text", "-comment", "nobr", "address"}
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_SPACES = re.compile(r"[ \t\r\n\f\xa0\u200b\u00ad]+")
_PIECE = 5_000
"""Characters of a longer line that are read together."""


class Text:
    """``cut`` says that the page has more than is read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.cut = False
        self._line: list[str] = []
        self._room = MOST_CHARACTERS

    def read(self, root: LexborNode) -> Text:
        """Walks the elements without going down into those that say nothing."""
        for count, (node, begins) in enumerate(_walk(root)):
            if count > MOST_NODES or self._room <= 0:
                self.cut = True
                break
            if begins and node.is_text_node:
                self._add(node.text_content or "")
            elif node.tag not in _INLINE:
                self._break()
        self._break()
        return self

    def _add(self, text: str) -> None:
        self._line.append(text[: self._room])
        self._room -= len(text)

    def _break(self) -> None:
        text = _SPACES.sub(" ", "".join(self._line)).strip()
        self._line.clear()
        for start in range(0, len(text), _PIECE):
            self.lines.append(text[start : start + _PIECE])


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node when it begins, and elements with something in them also when they end."""
    node, end = root, root.mem_id
    while True:
        yield node, True
        inside = None if _says_nothing(node) else node.child
        if inside is not None:
            node = inside
            continue
        while node.next is None or node.mem_id == end:
            above = node.parent
            if above is None or node.mem_id == end or above.mem_id == end:
                return
            node = above
            yield node, False
        node = node.next


def _says_nothing(node: LexborNode) -> bool:
    tag = node.tag
    if tag in _SILENT:
        return True
    if tag not in ("span", "i", "b", "em", "strong"):
        return False
    attributes = node.attributes  # letters that are there for machines only
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))
