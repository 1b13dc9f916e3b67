"""``lobstr go``: from addresses to a file in one command, and the ways in which that can end."""

from __future__ import annotations

from pathlib import Path

import pytest
from lobstrio import LobstrClient

from tests.clients.conftest import synced
from tests.clients.place import SLOWLY, Place, recipe_text, rows_of, sold
from tests.clients.terminal import Lobstr, bar

pytestmark = pytest.mark.clients

PARAM = ("--param", f"recipe={recipe_text()}")
CATEGORIES = ("toys", "music", "garden", "sport")


def go(here: Place, *paths: str) -> list[str]:
    return ["go", "web-scraper", *(f"{here.shop}{path}" for path in paths), *PARAM]


@pytest.fixture
def squids(client: LobstrClient, here: Place) -> set[str]:
    """Those that were there before."""
    return {squid.id for squid in client.squids.iter()}


def added(client: LobstrClient, squids: set[str]) -> set[str]:
    return {squid.id for squid in client.squids.iter()} - squids


@pytest.mark.covers("lobstr go")
def test_the_whole_way(
    lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str], tmp_path: Path
) -> None:
    paths = [f"/category/{slug}/" for slug in CATEGORIES]
    said = lobstr(*go(here, *paths), "-o", "out.csv", "-c", "4")
    assert "Using crawler: Web scraper" in said.err and "Added 4 tasks" in said.err
    assert "Downloaded 1200 results to out.csv" in said.err
    assert "done" in said.out and "1200" in said.out
    wares: dict[str, dict[str, str]] = {}
    for slug in CATEGORIES:
        wares |= sold(slug)
    assert rows_of(tmp_path / "out.csv") == wares
    (squid,) = added(client, squids)
    assert (client.squids.get(squid).concurrency, client.squids.get(squid).total_runs) == (4, 1)


def test_the_bar_moves(lobstr: Lobstr, here: Place, tmp_path: Path) -> None:
    paths = [f"/slow/180/category/{slug}/" for slug in CATEGORIES]
    said = lobstr.watched(*go(here, *paths), "-o", "out.csv")
    states = bar(said)
    assert len({percent for _, _, percent in states if 0 < percent < 100}) >= 2, states
    assert len({done for done, _, _ in states}) >= 2, states
    assert states[-1] == (4, 4, 100)
    assert [percent for *_, percent in states] == sorted(percent for *_, percent in states)
    assert len(rows_of(tmp_path / "out.csv")) == 1200


def test_from_a_file_with_a_key(lobstr: Lobstr, here: Place, tmp_path: Path) -> None:
    lines = ["# toys", f"{here.shop}/category/toys/", "", f"{here.shop}/category/toys/"]
    (tmp_path / "urls.txt").write_text("\n".join(lines))
    words = ["go", "Web scraper", "--file", "urls.txt", "--key", "url", *PARAM]
    said = lobstr(*words, "-p", "max_pages=2", "--delete")
    assert "Added 1 tasks (1 duplicates)" in said.err
    assert rows_of(tmp_path / "results.csv") == sold("toys", 2)


def test_a_name_is_used_again(
    lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str], tmp_path: Path
) -> None:
    one, two = "/status/404/a/", "/category/music/"
    name = ("--name", "Again and again", "-p", "max_pages=1", "-o", "out.csv")
    lobstr(*go(here, one), *name)
    assert rows_of(tmp_path / "out.csv") == {}
    again = lobstr(*go(here, two), *name)
    assert "Reusing squid: Again and again" in again.err
    (squid,) = added(client, squids)
    assert len(client.tasks.list(squid=squid)) == 2
    emptied = lobstr(*go(here, two), *name, "--empty")
    assert "Emptied old tasks" in emptied.err and "Added 1 tasks" in emptied.err
    assert rows_of(tmp_path / "out.csv") == sold("music", 1)
    assert len(client.runs.list(squid=squid)) == 3


def test_delete(lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str]) -> None:
    said = lobstr(*go(here, "/status/404/a/"), "--delete")
    assert "Deleted squid" in said.err and added(client, squids) == set()


def test_no_download(
    lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str], tmp_path: Path
) -> None:
    said = lobstr(*go(here, "/category/toys/"), "--no-download")
    assert "Run started. Watch with: lobstr run watch" in said.err
    assert not (tmp_path / "results.csv").exists()
    told = lobstr("--json", *go(here, "/category/toys/"), "--no-download").json
    assert set(told) == {"squid", "run"} and told["squid"] in added(client, squids)
    run = client.runs.wait(told["run"], poll_interval=0.1, timeout=60)
    assert (run.status, run.total_results) == ("done", 300)


def test_as_json(lobstr: Lobstr, here: Place) -> None:
    said = lobstr("--json", "--quiet", *go(here, "/category/toys/"), "-p", "max_pages=1")
    assert '"total_results": 20' in said.out


def test_ctrl_c_leaves_the_run(
    lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str]
) -> None:
    said = lobstr.watched(*go(here, SLOWLY), stop=lambda text: "0/1 tasks" in text)
    assert "Interrupted." in said
    (squid,) = added(client, squids)
    (run,) = client.runs.list(squid=squid)
    assert f"Run: {run.id}" in said.replace("\r\n", "")
    assert run.status in ("pending", "running"), "it goes on at the site"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/status/503/a/", "request_failed"), ("/nothing", "website_inaccessible")],
    ids=["errors", "no answer"],
)
def test_a_site_in_trouble_pauses_the_run(
    lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str], path: str, reason: str
) -> None:
    def paused(_: str) -> bool:
        runs = [run for squid in added(client, squids) for run in client.runs.list(squid=squid)]
        return any(run.status == "paused" for run in runs)

    said = lobstr.watched(*go(here, path), stop=paused)
    assert "Interrupted." in said
    (squid,) = added(client, squids)
    (run,) = client.runs.list(squid=squid)
    assert (run.status, run.done_reason, run.total_results) == ("paused", reason, 0)
    assert run.raw["next_launch_at"] and client.runs.stats(run.id).is_done is False
    lobstr("run", "abort", run.id)


def test_an_address_that_may_not_be_asked(
    lobstr: Lobstr, here: Place, tmp_path: Path, client: LobstrClient, squids: set[str]
) -> None:
    words = ["go", "web-scraper", "http://127.0.0.1:9/", *PARAM, "-o", "out.csv"]
    said = lobstr(*words)
    assert "Downloaded 0 results to out.csv" in said.err
    (squid,) = added(client, squids)
    (task,) = client.tasks.list(squid=squid)
    status = client.tasks.get(task.id).status
    assert status and (status.status, status.has_errors) == ("failed", True)


@pytest.mark.parametrize(
    ("param", "said"),
    [
        ("recipe={not json", "recipe"),
        ('recipe={"fields": {"a": "::::"}}', "recipe.fields.a"),
        ("colour=red", "colour"),
        ("max_pages=0", "max_pages"),
    ],
    ids=["no json", "no selector", "unknown", "too small"],
)
def test_a_setting_that_is_refused_leaves_nothing(
    lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str], param: str, said: str
) -> None:
    refused = lobstr.fails("go", "web-scraper", f"{here.shop}/category/toys/", "-p", param)
    assert f"[400] {said}" in refused.err and "Cleaned up squid" in refused.err
    assert added(client, squids) == set()


def test_a_task_that_is_refused_leaves_nothing(
    lobstr: Lobstr, client: LobstrClient, squids: set[str]
) -> None:
    refused = lobstr.fails("go", "web-scraper", "no address", *PARAM)
    assert "url" in refused.err and "Cleaned up squid" in refused.err
    assert added(client, squids) == set()


def test_what_a_crawler_requires(lobstr: Lobstr, client: LobstrClient, squids: set[str]) -> None:
    several = lobstr.fails("go", "test-places", "Lisbon")
    assert "Pick one with --key" in several.err
    missing = lobstr.fails("go", "test-places", "Lisbon", "--key", "city")
    assert "requires squid param(s): token" in missing.err
    assert added(client, squids) == set()


def test_an_add_on(lobstr: Lobstr, client: LobstrClient) -> None:
    words = "go test-places Lisbon --key city -p token=t -p depth=5 --function email --no-download"
    squid = lobstr("--json", *words.split()).json["squid"]
    params = client.squids.get(squid).params
    assert params["functions"] == {"email": True}
    assert (params["token"], params["depth"], params["images"]) == ("t", 5, True)
    unknown = lobstr.fails(*words.replace("email", "phone").split())
    assert "Unknown function 'phone'" in unknown.err


def test_an_account_is_picked(
    lobstr: Lobstr, here: Place, client: LobstrClient, squids: set[str], tmp_path: Path
) -> None:
    words = ["go", "test-members", f"{here.shop}/cookie/need/category/toys/", "-o", "out.csv"]
    without = lobstr.fails(*words)
    assert "none of yours is healthy" in without.err.replace("\n", " ")
    assert added(client, squids) == set(), "the new squid is taken away again"
    synced(client)
    said = lobstr(*words)
    assert "Auto-picked account" in said.err and "Downloaded 300 results" in said.err
    synced(client)
    several = lobstr.fails(*words)
    assert "Pick one with --account" in several.err.replace("\n", " ")


def test_an_account_where_none_is_used(lobstr: Lobstr, here: Place) -> None:
    refused = lobstr.fails(*go(here, "/category/toys/"), "--account", "ada")
    assert "does not use an account" in refused.err
