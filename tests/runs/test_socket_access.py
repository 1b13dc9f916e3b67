"""Every socket route, on a real server, as anonymous, stranger, operator and owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from runs.models import Run
from runs.routing import websocket_urlpatterns
from runs.states import Status
from squids.models import User
from tests import factories
from tests.runs.live.web import Web, page, signed_in, web

SAMPLES: dict[str, Callable[[Run], str]] = {
    "ws/squids/<str:uid>": lambda run: f"/ws/squids/{run.squid.uid}",
    "ws/runs/<str:uid>": lambda run: f"/ws/runs/{run.uid}",
}
"""Routes of one user's things. The list is everybody's own, and the last route is nothing's."""
OTHERS = {"ws/list": "/ws/list", "": "/ws/nothing"}


def opens(site: Web, path: str, cookies: dict[str, str]) -> bool:
    async def look() -> None:
        async with page(site, path, cookies):
            pass

    try:
        asyncio.run(look())
    except aiohttp.WSServerHandshakeError:
        return False
    return True


def test_every_route_has_a_sample() -> None:
    assert {str(route.pattern) for route in websocket_urlpatterns} == {*SAMPLES, *OTHERS}


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return {
        "owner": factories.user("owner"),
        "stranger": factories.user("stranger"),
        "operator": factories.user("operator", is_staff=True, is_superuser=True),
    }


def test_each_lets_in_its_owner_alone(people: dict[str, User]) -> None:
    run: Run = factories.run(factories.squid(people["owner"]), status=Status.RUNNING)
    cookies = {name: signed_in(user) for name, user in people.items()} | {"nobody": {}}
    with web() as site:
        for sample in SAMPLES.values():
            found = {name: opens(site, sample(run), cookies[name]) for name in cookies}
            assert [name for name in found if found[name]] == ["owner"], sample(run)
        assert [name for name in cookies if opens(site, "/ws/list", cookies[name])] == [*people]
        assert not any(opens(site, "/ws/nothing", cookies[name]) for name in cookies)
