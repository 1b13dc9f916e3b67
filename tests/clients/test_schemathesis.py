"""The OpenAPI document against the running site, with data made from it, good and bad: no failure
of the server, and no status and no answer that the document does not have.

All operations take part. Two checks are left out where they would be wrong: that good data is
accepted, since whether a recipe or a task works is more than a schema says; and, with real ids put
in, that bad data is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, settings
from lobstrio import LobstrClient
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from lobstr_site.api import api
from tests.clients.conftest import Maker
from tests.clients.place import Place, place

pytestmark = pytest.mark.clients

Ids = dict[str, str]
KINDS = {
    "crawlers": "crawler",
    "squids": "squid",
    "tasks": "task",
    "upload": "upload",
    "runs": "run",
    "accounts": "account",
    "synchronize": "account",
}
"""What the id in a path names, by the word before it."""

schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
bounded = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class World:
    """A site of its own without a limit, since wrong keys by the dozen are part of it, and things
    of each kind there."""

    def __init__(self, own: Place) -> None:
        self.origin = own.base.removesuffix("/v1/")
        self.headers = {"Authorization": f"Token {own.keys['ada']}"}
        self.session = requests.Session()
        self.client = LobstrClient(own.keys["ada"], own.base)
        self.make = Maker(own, self.client)
        self.lasting = self.things()
        self.lasting["run"] = self.make.run(self.lasting["squid"])

    def things(self) -> Ids:
        squid = self.make("/category/toys/")
        return {
            "crawler": self.make.crawlers["web-scraper"],
            "squid": squid,
            "task": next(iter(self.client.tasks.iter(squid=squid))).id,
            "upload": self._upload(squid),
            "account": str(
                self.client.accounts.sync("web-session@shop.example", {"sid": "1"})["id"]
            ),
        }

    def _upload(self, squid: str) -> str:
        answer = httpx.post(
            f"{self.origin}/v1/tasks/upload",
            headers=self.headers,
            data={"squid": squid},
            files={"file": ("a.csv", b"url\nhttp://shop.example/1\n", "text/csv")},
        )
        return str(answer.json()["id"])

    def tidy(self) -> None:
        for squid in list(self.client.squids.iter()):
            if squid.id != self.lasting["squid"]:
                self.client.squids.delete(squid.id)
        for account in list(self.client.accounts.iter()):
            if account.id != self.lasting["account"]:
                self.client.accounts.delete(account.id)

    def call(self, case: schemathesis.Case[Any], *without: Any) -> None:
        case.call_and_validate(
            base_url=self.origin,
            session=self.session,
            headers=self.headers,
            excluded_checks=[positive_data_acceptance, *without],
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with place(tmp_path_factory.mktemp("schemathesis") / "data", rate=0) as own:
        found = World(own)
        yield found
        found.client.close()
        found.session.close()


@pytest.fixture
def fresh(world: World) -> Iterator[Callable[[], Ids]]:
    """Things that may be changed and deleted, the same for all examples; gone after the test."""
    yield cache(lambda: world.lasting | world.things())
    world.tidy()


@schema.parametrize()
@bounded
def test_with_any_data(
    case: schemathesis.Case[Any], world: World, fresh: Callable[[], Ids]
) -> None:
    known = {parameter.name for parameter in case.operation.query}
    assume(set(case.query or {}) <= known)  # parameters nobody knows are passed over
    world.call(case)


@schema.parametrize()
@bounded
def test_with_real_ids(
    case: schemathesis.Case[Any], world: World, fresh: Callable[[], Ids]
) -> None:
    put_in(case, world.lasting if case.method.upper() == "GET" else fresh())
    world.call(case, negative_data_rejection)


def put_in(case: schemathesis.Case[Any], ids: Ids) -> None:
    """Real ids wherever the case has a place for one."""
    words = case.path.split("/")
    for name in case.path_parameters:
        case.path_parameters[name] = ids[KINDS[words[words.index(f"{{{name}}}") - 1]]]
    for given in (case.query, case.body):
        if not isinstance(given, dict):
            continue
        for name in given:
            kind = "account" if name == "accounts" else name
            if kind in ids:
                given[name] = [ids[kind]] if isinstance(given[name], list) else ids[kind]
