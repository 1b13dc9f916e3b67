"""Pages nested so deep that parsing them would hold a worker for minutes."""

from __future__ import annotations

import re

DEEPEST = 5_000
"""Elements inside one another. Lexbor needs a quarter of a second for that, and four times as
much for twice as many; libxml2 stops at 2,048, browsers at 512."""
_TAG = re.compile(r"<(/?)([a-z][^\s/>]*)", re.I)
# Never deeper for them: they hold nothing, end by themselves, or are SVG's, written <path/>.
_FLAT = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr", "param", "li", "p", "td", "th", "tr", "dt", "dd", "option", "optgroup", "tbody"}
    | {"thead", "tfoot", "colgroup", "rt", "rp", "path", "circle", "rect", "line", "polygon"}
    | {"polyline", "ellipse", "use", "stop", "image", "animate"}
)


def check_nesting(text: str) -> None:
    """Raises ValueError. Costs nothing for a page with fewer tags than may be nested."""
    if text.count("<") > DEEPEST and _depth(text) > DEEPEST:
        raise ValueError(f"its elements are nested more than {DEEPEST:,} deep")


def _depth(text: str) -> int:
    """About how deep it goes; a tag in a script or comment counts too."""
    depth = deepest = 0
    for tag in _TAG.finditer(text):
        closing, name = tag.groups()
        if name.lower() in _FLAT:
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest
