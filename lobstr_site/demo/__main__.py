from __future__ import annotations

import argparse
import asyncio
import signal
import sys

import uvloop

from lobstr_site.demo.server import start


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; the first line printed names the address."""
    server = await start(host, port)
    address = server.sockets[0].getsockname()
    print(f"Demo shop on http://{address[0]}:{address[1]}/", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lobstr_site.demo", description="The demo shop."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099, help="0 takes a free one")
    options = parser.parse_args()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(options.host, options.port))
    except OSError as problem:
        print(
            f"demo shop: cannot listen on {options.host}:{options.port}: {problem}", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
