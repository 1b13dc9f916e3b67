"""Set before Django reads its settings: a data folder of its own, for each of the processes that
share the tests, and the tests' own crawlers.

The crawlers come in as a plug-in does, by an entry point, so worker processes find them too.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

PLUGIN = str(Path(__file__).parent / "plugin")

if "PYTEST_XDIST_WORKER" in os.environ or "LOBSTR_DATA" not in os.environ:
    os.environ["LOBSTR_DATA"] = tempfile.mkdtemp(prefix="lobstr-test-")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [PLUGIN, os.environ.get("PYTHONPATH")]))
if PLUGIN not in sys.path:
    sys.path.insert(0, PLUGIN)
