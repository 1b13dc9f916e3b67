"""Which processes make up the site, from the environment, and the way from nothing to ready."""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from lobstr_site.environment import number, words
from lobstr_site.signin import make_link
from lobstr_site.up import static_files
from lobstr_site.up.processes import Child
from lobstr_site.up.refusals import lock_folder, require_folder, require_port
from lobstr_site.up.supervisor import Supervisor
from lobstr_site.up.watchdog import Watchdog
from runs.jobs import schedule_tick
from runs.worker.slice import STOPPING


@dataclass(frozen=True)
class Site:
    """Where it listens and keeps its files. ``grace`` and ``patience`` are seconds."""

    data: Path
    host: str
    port: int
    demo_port: int
    grace: int
    patience: int

    @property
    def url(self) -> str:
        return f"http://{self.shown_host}:{self.port}"

    @property
    def shown_host(self) -> str:
        return "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host

    @property
    def demo_address(self) -> str:
        return f"127.0.0.1:{self.demo_port}"


def from_environment() -> Site:
    return Site(
        data=settings.DATA_DIR,
        host=os.environ.get("LOBSTR_HOST") or "127.0.0.1",
        port=settings.PORT,
        demo_port=number("LOBSTR_DEMO_PORT", 8099),
        grace=number("LOBSTR_STOP_GRACE", 10),
        patience=number("LOBSTR_WATCHDOG", 12),
    )


def require_free(site: Site) -> int:
    """Raise Refusal where the site cannot start; else answers the lock that it holds."""
    require_folder(site.data)
    lock = lock_folder(site.data)
    require_port(site.host, site.port, "LOBSTR_PORT")
    require_port("127.0.0.1", site.demo_port, "LOBSTR_DEMO_PORT")
    return lock


def prepare(site: Site) -> str:
    """Bring the database up to date and seed the demo; answers the sign-in link."""
    from lobstr_site.seed import seed_demo

    call_command("migrate", interactive=False, verbosity=0)
    static_files.collect()
    schedule_tick()
    user = seed_demo(f"http://{site.demo_address}")
    link = site.url + make_link(user)
    connections.close_all()
    return link


def children(site: Site) -> list[Child]:
    """The demo shop, the web server and the queue, in the order of their start."""
    logs = site.data / "logs"
    logs.mkdir(exist_ok=True)
    common = _environment(site)
    # Two hundred sockets that come back at once take longer to connect than daphne's 5 s.
    web = ["-b", site.host, "-p", str(site.port), "--websocket_connect_timeout", "20"]
    return [
        Child("demo", "lobstr_site.demo", ["--port", str(site.demo_port)], common, logs),
        Child("web", "lobstr_site.server", web, common, logs),
        Child("queue", "manage", ["qcluster"], common | {"LOBSTR_WORKER": "1"}, logs),
    ]


def _environment(site: Site) -> dict[str, str]:
    """The children may scrape the demo shop, which is a private address."""
    allowed = " ".join([*words("LOBSTR_ALLOW_PRIVATE"), site.demo_address])
    own = {"LOBSTR_ALLOW_PRIVATE": allowed, "LOBSTR_DATA": str(site.data), "PYTHONUNBUFFERED": "1"}
    return os.environ | own


def answers(site: Site) -> bool:
    """Whether the web server is up."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(site.host, site.host)
    wire = http.client.HTTPConnection(host, site.port, timeout=2)
    try:
        wire.request("GET", "/login", headers={"Host": "localhost"})
        return wire.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        wire.close()


def keep(site: Site, link: str, say: Callable[[str], None]) -> None:
    """Run the site until a signal ends it."""
    parts = children(site)
    watchdog = Watchdog(parts[-1], site.patience)

    def greet() -> None:
        say(f"Ready. Sign in here (once, within 15 minutes): {link}")
        say(f"Logs are in {parts[0].folder}. Ctrl-C stops everything.")

    STOPPING.unlink(missing_ok=True)
    Supervisor(parts, watchdog, say, site.grace, STOPPING).run(lambda: answers(site), greet)
    say("Stopped.")
