"""The web process: ``python -m lobstr_site.server`` with daphne's own command line.

daphne can crash at SIGTERM with a websocket open, and can wait for ever for a request in flight, so
the end of the process is ours: a little time to finish, then out.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback

from daphne.cli import CommandLineInterface  # installs the event loop; before the reactor's import
from twisted.internet import reactor

from lobstr_site.wire import Server

PATIENCE = 3.0
"""Seconds that requests in flight have once we were asked to stop."""


class Commands(CommandLineInterface):  # type: ignore[misc]
    server_class = Server


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM; never returns."""
    status = 0
    reactor.addSystemEventTrigger("before", "shutdown", _leave_soon)  # type: ignore[arg-type]
    try:
        Commands().run(arguments)
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 1
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        _leave(status)


def _leave_soon() -> None:
    timer = threading.Timer(PATIENCE, _leave, [0])
    timer.daemon = True
    timer.start()


def _leave(status: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main([*sys.argv[1:], "lobstr_site.asgi:application"])
