"""One site for all the tests of this folder; what a test made is taken away after it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lobstrio import LobstrClient

from tests.clients.kinds import KINDS, Part
from tests.clients.place import RECIPE, Place, place, surroundings
from tests.clients.terminal import Lobstr
from tests.site.running import until

MEMBERS = "test-members@127.0.0.1"
"""A type without a site of its own is told which one its cookies are for."""
MEMBER = {"visitor": "demo"}


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("clients") / "data") as found:
        yield found


@pytest.fixture(scope="session")
def client(here: Place) -> Iterator[LobstrClient]:
    """What tests prepare and look at things with."""
    with LobstrClient(here.keys["ada"], here.base) as client:
        yield client


@pytest.fixture(scope="session")
def stranger(here: Place) -> Iterator[LobstrClient]:
    with LobstrClient(here.keys["bob"], here.base) as client:
        yield client


@pytest.fixture
def asked() -> set[str]:
    """The SDK's methods and the commands that this test has used."""
    return set()


@pytest.fixture(autouse=True)
def _does_what_it_covers(request: pytest.FixtureRequest, asked: set[str]) -> Iterator[None]:
    """``covers`` is no promise: what it names was called."""
    yield
    named = {str(name) for mark in request.node.iter_markers("covers") for name in mark.args}
    assert named <= asked, f"never called: {named - asked}"


@pytest.fixture(autouse=True)
def _tidied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Slots and names are free again for the next test."""

    if "here" not in request.fixturenames:
        yield
        return
    client: LobstrClient = request.getfixturevalue("client")
    squids = {squid.id for squid in client.squids.iter()}
    yield
    for account in client.accounts.iter():
        client.accounts.delete(account.id)
    for squid in {squid.id for squid in client.squids.iter()} - squids:
        client.squids.delete(squid)


def synced(api: Any, **more: Any) -> str:
    """The id of an account of ``test-members`` that was made, or refreshed, as clients do it."""
    sync = api.accounts.sync(MEMBERS, MEMBER, **more)["id"]
    done = until(lambda: _ended(api.accounts.sync_status(sync)), "the synchronization")
    assert (done.id, int(done.status_code), done.status_text) == (sync, 200, "synchronized")
    return str(done.account_hash)


def _ended(status: Any) -> Any:
    return status if int(status.status_code) not in (100, 120) else None


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Any:
    return KINDS[request.param]


@pytest.fixture
def api(kind: Any, here: Place, asked: set[str]) -> Iterator[Part]:
    """The SDK's client of each kind in turn."""
    with asyncio.Runner() as runner:
        part = Part(kind(here.keys["ada"], here.base), runner, asked)
        yield part
        part.close()


@pytest.fixture
def lobstr(here: Place, tmp_path: Path, asked: set[str]) -> Lobstr:
    own = {"LOBSTR_API_BASE": here.base, "LOBSTR_TOKEN": here.keys["ada"]}
    return Lobstr(surroundings(tmp_path, **own), tmp_path, asked)


class Maker:
    """Makes squids of the web scraper with the tests' recipe, on paths of the demo shop."""

    def __init__(self, here: Place, client: LobstrClient) -> None:
        self.here, self.client = here, client
        found = self.client.crawlers.iter()
        self.crawlers = {crawler.slug: crawler.id for crawler in found}

    def __call__(self, *paths: str, name: str | None = None, **settings: Any) -> str:
        """Its id. ``settings`` are arguments of update; ``params`` are added to the recipe."""
        squid = self.client.squids.create(self.crawlers["web-scraper"], name=name).id
        params = {"recipe": RECIPE} | settings.pop("params", {})
        self.client.squids.update(squid, params=params, **settings)
        if paths:
            tasks = [{"url": f"{self.here.shop}{path}"} for path in paths]
            self.client.tasks.add(squid=squid, tasks=tasks)
        return squid

    @contextmanager
    def kept(self, *paths: str, **settings: Any) -> Iterator[str]:
        """The same for several tests; it is gone when the block ends."""
        squid = self(*paths, **settings)
        yield squid
        self.client.squids.delete(squid)

    def ran(self, *paths: str, **settings: Any) -> str:
        """The id of a finished run of a new squid."""
        return self.run(self(*paths, **settings))

    def run(self, squid: str) -> str:
        return self.client.runs.call(squid=squid, poll_interval=0.1, timeout=60).id


@pytest.fixture(scope="session")
def make(here: Place, client: LobstrClient) -> Maker:
    return Maker(here, client)


@pytest.fixture(scope="session")
def crawlers(make: Maker) -> dict[str, str]:
    """Ids by slug."""
    return make.crawlers
