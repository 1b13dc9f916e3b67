"""What another reader of structured data, extruct, finds on saved pages: JSON on standard output.

Run by itself, with that package on its path: ``python tests/pages/peer.py page.html…``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    import extruct

    found: dict[str, Any] = {}
    for name in sys.argv[1:]:
        text = Path(name).read_text(encoding="utf-8", errors="replace")
        found[name] = extruct.extract(
            text, base_url="https://x.example/", syntaxes=["json-ld", "microdata"], errors="log"
        )
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
