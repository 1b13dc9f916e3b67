"""The SDK: squids from their making to their end."""

from __future__ import annotations

from typing import Any

import pytest
from lobstrio import APIError, LobstrClient, NotFoundError

from tests.clients.conftest import Maker
from tests.clients.kinds import Part
from tests.clients.place import RECIPE, SLOWLY

pytestmark = pytest.mark.clients

NOBODY = "0" * 32


@pytest.mark.covers("squids.create")
def test_create(api: Part, crawlers: dict[str, str]) -> None:
    squid = api.squids.create(crawlers["web-scraper"])
    assert squid.name.startswith("Web scraper")
    assert (squid.crawler, squid.crawler_name) == (crawlers["web-scraper"], "Web scraper")
    assert (squid.concurrency, squid.total_runs, squid.last_run_status) == (1, 0, None)
    assert (squid.is_active, squid.is_ready, squid.accounts) == (True, True, [])
    assert (squid.params["max_pages"], squid.raw["created_via"]) == (10_000, "sdk")
    assert api.squids.create(crawlers["web-scraper"], name="Mine").name == "Mine"


def test_names_that_are_made_up_differ(api: Part, crawlers: dict[str, str]) -> None:
    made = [api.squids.create(crawlers["web-scraper"]).name for _ in range(3)]
    assert len(set(made)) == 3


def test_a_name_twice(api: Part, crawlers: dict[str, str]) -> None:
    api.squids.create(crawlers["web-scraper"], name="Twice")
    with pytest.raises(APIError) as refused:
        api.squids.create(crawlers["web-scraper"], name="Twice")
    assert refused.value.status_code == 400
    assert refused.value.body["type"] == "DuplicateSquid"


@pytest.mark.covers("squids.list", "squids.iter")
def test_lists(api: Part, make: Maker) -> None:
    made = [make(name=f"Listed {number}") for number in range(5)]
    assert [squid.id for squid in api.squids.list(name="LISTED")] == made[::-1], "newest first"
    pages = [api.squids.list(limit=2, page=page, name="listed") for page in (1, 2, 3, 4)]
    assert [[squid.id for squid in page] for page in pages] == [
        [made[4], made[3]],
        [made[2], made[1]],
        [made[0]],
        [],
    ]
    assert [s.id for s in api.squids.iter(limit=2, name="listed")] == made[::-1]
    assert len(api.squids.iter(limit=2, name="listed", max_pages=2)) == 4


@pytest.mark.covers("squids.get")
def test_get(api: Part, make: Maker) -> None:
    squid = api.squids.get(make("/category/toys/", name="Told"))
    assert (squid.name, squid.params["recipe"]) == ("Told", RECIPE)
    assert squid.raw["download_url"] is None


@pytest.mark.covers("squids.update")
def test_update_with_everything(api: Part, make: Maker) -> None:
    squid = api.squids.update(
        make(),
        concurrency=2,
        name="Changed",
        run_notify="on_error",
        export_unique_results=True,
        params={"recipe": RECIPE, "max_pages": 3, "max_results": None},
        is_active=True,
        to_complete=1,
        no_line_breaks=True,
        cron_expression="0 9 * * 1",
        timezone="Europe/Paris",
    )
    assert (squid.name, squid.concurrency, squid.is_active) == ("Changed", 2, True)
    assert (squid.export_unique_results, squid.to_complete) == (True, True)
    assert squid.params["max_pages"] == 3 and squid.params["recipe"] == RECIPE
    assert squid.raw["no_line_breaks"] is True
    assert squid.raw["notifications_params"]["run_notify"] == "on_error"
    assert squid.raw["next_launch_at"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "Only this"}, "name"),
        ({"is_active": False}, "is_active"),
        ({"export_unique_results": False}, "export_unique_results"),
        ({"concurrency": 4}, "concurrency"),
    ],
    ids=["name", "is_active", "export_unique_results", "concurrency"],
)
def test_one_change_leaves_the_rest(
    api: Part, make: Maker, change: dict[str, Any], told: str
) -> None:
    squid = make(params={"max_pages": 7})
    before = vars(api.squids.get(squid)) | {"raw": None}
    after = vars(api.squids.update(squid, **change)) | {"raw": None}
    assert after == before | {told: change[told]}


def test_settings_are_replaced_as_a_whole(api: Part, make: Maker) -> None:
    squid = make(params={"max_pages": 7})
    assert "recipe" not in api.squids.update(squid, params={"max_results": 2}).params or (
        api.squids.get(squid).params["recipe"] is None
    )
    assert api.squids.get(squid).params["max_results"] == 2


def test_nothing_to_change(api: Part, make: Maker) -> None:
    squid = make()
    before = api.squids.get(squid)
    assert api.squids.update(squid) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"params": {"recipe": {"fields": {"a": "::::"}}}}, "recipe"),
        ({"params": {"max_pages": "many"}}, "max_pages"),
        ({"params": {"colour": "red"}}, "colour"),
        ({"concurrency": 0}, "concurrency"),
        ({"cron_expression": "every day"}, "cron_expression"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"run_notify": "always"}, "run_notify"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_names_its_field(
    api: Part, make: Maker, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(APIError) as refused:
        api.squids.update(make(), **change)
    assert refused.value.status_code == 400
    assert field in refused.value.message


def test_a_schedule_fires_in_its_zone(api: Part, make: Maker) -> None:
    squid = api.squids.update(make("/category/toys/"), cron_expression="30 4 * * *")
    squid = api.squids.update(squid.id, cron_expression="30 4 * * *", timezone="Asia/Tokyo")
    assert "19:30" in squid.raw["next_launch_at"]


@pytest.mark.covers("squids.estimate")
def test_estimate(api: Part, make: Maker) -> None:
    squid = make("/category/toys/", "/category/music/", params={"max_pages": 1})
    make.run(squid)
    estimate = api.squids.estimate(squid)
    assert 40 <= estimate["total_credits"] == estimate["max_results"] <= 60, "at most"
    assert estimate["tasks"]["count"] == 2
    assert estimate["services"][0]["results"] == estimate["max_results"]
    assert estimate["recommended_upgrade_plan"] is None


@pytest.mark.covers("squids.empty")
def test_empty(api: Part, make: Maker) -> None:
    squid = make("/category/toys/", "/category/music/")
    assert api.squids.empty(squid, type="url") | {"object": "squid"} == {
        "id": squid,
        "object": "squid",
        "emptied": True,
        "deleted_count": 2,
    }
    assert api.tasks.list(squid=squid) == []
    assert api.squids.empty(squid, type="params")["deleted_count"] == 0


@pytest.mark.covers("squids.delete")
def test_delete(api: Part, make: Maker) -> None:
    squid = make(SLOWLY)
    run = api.runs.start(squid=squid)
    assert api.squids.delete(squid)["deleted"] is True, "the run that was going is aborted"
    for asks in (api.squids.get, api.squids.delete):
        with pytest.raises(NotFoundError) as refused:
            asks(squid)
        assert refused.value.body["type"] == "SquidDoesNotExistException"
    assert squid not in {found.id for found in api.squids.iter()}
    with pytest.raises(NotFoundError):
        api.runs.start(squid=squid)
    with pytest.raises(NotFoundError):
        api.runs.get(run.id)


@pytest.mark.parametrize("method", ["get", "update", "estimate", "empty", "delete"])
@pytest.mark.parametrize("whose", ["nobody", "stranger", "strange"])
def test_a_squid_that_is_not_there(
    api: Part, stranger: LobstrClient, crawlers: dict[str, str], method: str, whose: str
) -> None:
    theirs = stranger.squids.create(crawlers["web-scraper"]).id
    asked = {"nobody": NOBODY, "stranger": theirs, "strange": "no%20such'--"}[whose]
    try:
        with pytest.raises(NotFoundError):
            getattr(api.squids, method)(asked)
    finally:
        stranger.squids.delete(theirs)


def test_slots_are_counted(api: Part, make: Maker) -> None:
    squid, balance = make(), api.balance()
    free = balance.total_available_slots - balance.used_slots
    assert api.squids.update(squid, concurrency=1 + free).concurrency == 1 + free
    with pytest.raises(APIError) as refused:
        api.squids.update(squid, concurrency=2 + free)
    assert refused.value.body["type"] == "SlotsLimitExceeded"
    assert "0 of 20 are free" in refused.value.message


def test_not_ready(api: Part, crawlers: dict[str, str]) -> None:
    squid = api.squids.create(crawlers["test-places"])
    assert squid.is_ready is False
    api.tasks.add(squid=squid.id, tasks=[{"city": "Lisbon"}])
    with pytest.raises(APIError) as refused:
        api.runs.start(squid=squid.id)
    assert refused.value.message.startswith("Squid is not ready."), "the SDK's own words"
    ready = api.squids.update(squid.id, params={"token": "t", "functions": {"email": True}})
    assert ready.is_ready is True
    assert ready.params["functions"] == {"email": True}
