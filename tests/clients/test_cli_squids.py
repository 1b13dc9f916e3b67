"""The command line: squids."""

from __future__ import annotations

import json

import pytest
from lobstrio import LobstrClient

from tests.clients.conftest import Maker
from tests.clients.place import RECIPE, recipe_text
from tests.clients.terminal import Lobstr

pytestmark = pytest.mark.clients


@pytest.mark.covers("lobstr squid create")
def test_create(lobstr: Lobstr, client: LobstrClient, crawlers: dict[str, str]) -> None:
    said = lobstr("squid", "create", "web-scraper", "--name", "From a shell")
    assert "Created squid: From a shell" in said.err
    told = lobstr("--json", "squid", "create", crawlers["web-scraper"]).json
    squid = client.squids.get(told["id"])
    assert squid.crawler == crawlers["web-scraper"] and squid.name == told["name"]
    assert squid.raw["created_via"] == "cli"
    refused = lobstr.fails("squid", "create", "web-scraper", "--name", "From a shell")
    assert "[400]" in refused.err


@pytest.mark.covers("lobstr squid ls", "lobstr squid show")
def test_lists(lobstr: Lobstr, make: Maker) -> None:
    first, second = make(name="Shown one"), make(name="Shown two", concurrency=3)
    said = lobstr("squid", "ls", "--name", "shown").out
    assert first[:12] in said and second[:12] in said and "Web scraper" in said
    page = lobstr("--json", "squid", "ls", "--name", "shown", "--limit", "1", "--page", "2")
    assert [squid["id"] for squid in page.json] == [first]
    for word in (second, second[:10], "Shown two", "shown TW"):
        assert second in lobstr("squid", "show", word).out
    told = lobstr("--json", "squid", "show", second).json
    assert (told["concurrency"], told["params"]["recipe"]) == (3, RECIPE)
    refused = lobstr.fails("squid", "show", "no such squid")
    assert "No squid matching" in refused.err


@pytest.mark.covers("lobstr squid update")
def test_update(lobstr: Lobstr, make: Maker, client: LobstrClient) -> None:
    squid = make(name="Old", params={"max_results": 5})
    changes = (
        "--name New --concurrency 2 --notify on_success --unique-results --to-complete 1"
        " --no-line-breaks --timezone Europe/Paris --param max_pages=3 --active"
    )
    lobstr("squid", "update", squid, *changes.split(), "--cron", "0 9 * * 1")
    told = client.squids.get(squid)
    assert (told.name, told.concurrency, told.export_unique_results) == ("New", 2, True)
    assert told.raw["notifications_params"]["run_notify"] == "on_success"
    assert told.raw["no_line_breaks"] is True and told.raw["next_launch_at"]
    assert (told.params["max_pages"], told.params["max_results"]) == (3, 5), "merged by the client"
    assert told.params["recipe"] == RECIPE
    said = lobstr("--json", "squid", "update", squid, "--inactive", "--line-breaks").json
    assert said["is_active"] is False and said["raw"]["no_line_breaks"] is False


def test_settings_typed_in_a_shell(lobstr: Lobstr, make: Maker, client: LobstrClient) -> None:
    squid = make()
    words = [f"recipe={recipe_text(unique_by=['title'])}", "max_results=none"]
    lobstr("squid", "update", squid, "--param", words[0], "--param", words[1])
    assert client.squids.get(squid).params["recipe"] == RECIPE | {"unique_by": ["title"]}
    refused = lobstr.fails("squid", "update", squid, "--param", "recipe={not json")
    assert "recipe" in refused.err


def test_an_add_on(lobstr: Lobstr, client: LobstrClient, crawlers: dict[str, str]) -> None:
    squid = client.squids.create(crawlers["test-places"]).id
    lobstr("squid", "update", squid, "--param", "token=t", "--function", "email")
    assert client.squids.get(squid).params["functions"] == {"email": True}
    lobstr("squid", "update", squid, "--function", "email=false")
    assert client.squids.get(squid).params["functions"] == {"email": False}
    assert client.squids.get(squid).params["token"] == "t"
    refused = lobstr.fails("squid", "update", squid, "--function", "phone")
    assert "Unknown function 'phone'. Available: email" in refused.err


@pytest.mark.covers("lobstr squid estimate")
def test_estimate(lobstr: Lobstr, make: Maker) -> None:
    squid = make("/category/toys/", params={"max_pages": 1})
    make.run(squid)
    said = lobstr("squid", "estimate", squid).out
    told = lobstr("--json", "squid", "estimate", squid).json
    assert 20 <= told["total_credits"] <= 30
    assert "Total Credits" in said and str(told["total_credits"]) in said


@pytest.mark.covers("lobstr squid empty")
def test_empty(lobstr: Lobstr, make: Maker, client: LobstrClient) -> None:
    squid = make("/a/", "/b/")
    assert "Emptied 2 tasks" in lobstr("squid", "empty", squid).err
    assert client.tasks.list(squid=squid) == []
    told = lobstr("--json", "squid", "empty", squid, "--type", "params").json
    assert told["deleted_count"] == 0


@pytest.mark.covers("lobstr squid rm")
def test_rm(lobstr: Lobstr, make: Maker, client: LobstrClient) -> None:
    squid, other = make(name="Goes away"), make(name="Goes too")
    lobstr.fails("squid", "rm", squid, typed="n\n")
    assert client.squids.get(squid).name == "Goes away"
    assert "Deleted squid" in lobstr("squid", "rm", squid, typed="y\n").err
    assert json.loads(lobstr("--json", "squid", "rm", other, "-f").out)["deleted"] is True
    assert {found.id for found in client.squids.iter()}.isdisjoint({squid, other})
