"""How the supervisor's processes begin: ``python -m lobstr_site.up.child PARENT MODULE …``

Runs MODULE as the main module, bound to the life of the process PARENT.
"""

from __future__ import annotations

import runpy
import sys

from lobstr_site.up.orphans import die_with, forks_die_with_their_parents


def main() -> None:
    die_with(int(sys.argv[1]))
    forks_die_with_their_parents()
    module = sys.argv[2]
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
