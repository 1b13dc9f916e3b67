"""The pages' sockets on a real server: who may open one, and what it brings."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from runs import credits, lifecycle
from runs.live import regions
from runs.models import Run
from runs.states import Reason
from squids.models import Squid, User
from tests import factories
from tests.runs.live.conftest import begin, launch
from tests.runs.live.lines import write, writing
from tests.runs.live.web import Page, Web, page, signed_in, web

REFUSED = aiohttp.WSServerHandshakeError


def open_it(site: Web, path: str, cookies: dict[str, str], origin: str = "") -> None:
    async def look() -> None:
        async with page(site, path, cookies, origin=origin):
            pass

    asyncio.run(look())


@pytest.fixture
def cookies(owner: User) -> dict[str, str]:
    return signed_in(owner)


@pytest.fixture
def paths(run: Run) -> list[str]:
    return [f"/ws/squids/{run.squid.uid}", f"/ws/runs/{run.uid}", "/ws/list"]


def test_the_owner_is_let_in(site: Web, owner: User, paths: list[str]) -> None:
    for path in paths:
        open_it(site, path, signed_in(owner))


def test_others_are_refused(site: Web, stranger: User, paths: list[str]) -> None:
    for path in paths[:2]:
        with pytest.raises(REFUSED):
            open_it(site, path, signed_in(stranger))
    for path in [*paths, "/ws/nothing", "/"]:
        with pytest.raises(REFUSED):
            open_it(site, path, {})


def test_operators_have_no_way_round_it(site: Web, stranger: User, paths: list[str]) -> None:
    stranger.is_staff = stranger.is_superuser = True
    stranger.save()
    for path in paths[:2]:
        with pytest.raises(REFUSED):
            open_it(site, path, signed_in(stranger))


def test_what_is_not_there_is_refused(site: Web, owner: User, squid: Squid) -> None:
    for path in ("/ws/squids/" + "0" * 32, "/ws/runs/" + "0" * 32, "/ws/nothing"):
        with pytest.raises(REFUSED):
            open_it(site, path, signed_in(owner))


def test_another_sites_page_is_refused(site: Web, owner: User, paths: list[str]) -> None:
    for path in paths:
        with pytest.raises(REFUSED):
            open_it(site, path, signed_in(owner), origin="http://elsewhere.example")


async def _follow(site: Web, run: Run, cookies: dict[str, str], have: int, until: int) -> list[int]:
    async with page(site, f"/ws/squids/{run.squid.uid}", cookies, run=run.uid, have=have) as seen:
        await seen.until_line(until)
        return seen.numbers


async def _come_and_go(site: Web, run: Run, cookies: dict[str, str], until: int) -> list[int]:
    """A browser whose socket drops again and again, and that comes back with its place."""
    got: list[int] = []
    step = 0
    while not got or got[-1] < until:
        have, step = got[-1] if got else 0, step + 1
        got += await _follow(site, run, cookies, have, min(have + 40 * step, until))
    return got


def test_a_dropped_socket_goes_on_after_its_last_line(
    site: Web, cookies: dict[str, str], run: Run
) -> None:
    end = run.last_line + 1_500
    with writing(run, 1_500):
        got = asyncio.run(_come_and_go(site, run, cookies, end))
    assert got == list(range(1, end + 1))


def test_all_sockets_of_two_web_processes_get_every_line(
    site: Web, cookies: dict[str, str], run: Run
) -> None:
    end = run.last_line + 600

    async def look(sites: list[Web]) -> list[list[int]]:
        return await asyncio.gather(
            *(_follow(each, run, cookies, 0, end) for each in sites for _ in range(5))
        )

    with web() as other, writing(run, 600):
        seen = asyncio.run(look([site, other]))
    assert all(numbers == list(range(1, end + 1)) for numbers in seen)


def test_two_hundred_sockets_get_every_line(site: Web, cookies: dict[str, str], run: Run) -> None:
    end = run.last_line + 500

    async def look() -> list[list[int]]:
        return await asyncio.gather(*(_follow(site, run, cookies, 0, end) for _ in range(200)))

    with writing(run, 500):
        seen = asyncio.run(look())
    assert all(numbers == list(range(1, end + 1)) for numbers in seen)


def test_a_browser_that_takes_in_nothing_is_not_flooded(
    site: Web, cookies: dict[str, str], run: Run
) -> None:
    """And what it did not get comes when it goes on."""
    write(run.pk, 9_000)
    path = f"/ws/squids/{run.squid.uid}"

    async def look() -> Page:
        async with page(site, path, cookies, run=run.uid) as seen:
            seen.run = "not yet"  # its acknowledgements name another console: they do not count
            await seen.until_line(4_000)
            write_more = sync_to_async(Run.objects.filter(pk=run.pk).update)
            await write_more(results=77)
            await seen.until_region("progress", "<dd>77</dd>")
            held = seen.numbers[-1]
            assert held <= 4_500
            await seen.say(run.uid, held)
            seen.run = run.uid
            await seen.until_line(run.last_line + 9_000)
            return seen

    assert asyncio.run(look()).numbers == list(range(1, run.last_line + 9_001))


def test_nonsense_from_a_browser_changes_nothing(
    site: Web, cookies: dict[str, str], run: Run
) -> None:
    async def look() -> list[int]:
        async with page(site, f"/ws/squids/{run.squid.uid}", cookies, run=run.uid) as seen:
            for text in ("", "{", "[]", '{"run": 1, "have": 2}', '{"run": "x"}', "x" * 5_000):
                await seen.ws.send_str(text)
            await seen.ws.send_bytes(b"\x00\xff")
            await seen.until_line(run.last_line)
            return seen.numbers

    assert asyncio.run(look()) == list(range(1, run.last_line + 1))


def test_progress_moves_and_ends_with_launch(site: Web, cookies: dict[str, str], run: Run) -> None:
    def work() -> None:
        with transaction.atomic():
            lifecycle.finish(lifecycle.lock(run.pk), Reason.TASKS_DONE)

    async def look() -> tuple[str, str]:
        async with page(site, f"/ws/squids/{run.squid.uid}", cookies) as seen:
            await seen.until_region("progress", "Abort")
            await sync_to_async(work)()
            launch_again = await seen.until_region("progress", "Launch")
            return launch_again, await seen.until_region("runs-table", "Done")

    progress, table = asyncio.run(look())
    assert "Abort" not in progress
    assert run.short_id in table


def test_a_run_launched_elsewhere_takes_the_console_over(
    site: Web, cookies: dict[str, str], run: Run
) -> None:
    squid = run.squid

    def again() -> Run:
        lifecycle.abort(run, by="owner")
        return launch(squid)

    async def look() -> tuple[Run, Page]:
        async with page(site, f"/ws/squids/{squid.uid}", cookies, run=run.uid) as seen:
            await seen.until_line(run.last_line)
            newer: Run = await sync_to_async(again)()
            await seen.until_run(newer.uid)
            await sync_to_async(write)(newer.pk, 30)
            await seen.until_line(newer.last_line + 30)
            await seen.until_region(f"run-row-{newer.uid}", newer.short_id)
            return newer, seen

    newer, seen = asyncio.run(look())
    assert seen.numbers == list(range(1, newer.last_line + 31))


def test_a_row_comes_alone(site: Web, cookies: dict[str, str], run: Run) -> None:
    """A parser drops a row that follows another element."""
    lifecycle.abort(run, by="owner")
    newer = launch(run.squid)

    async def look() -> Page:
        async with page(site, f"/ws/squids/{run.squid.uid}", cookies) as seen:
            await seen.until_region(f"run-row-{newer.uid}", "Running")
            await sync_to_async(lifecycle.abort)(newer, by="owner")
            await seen.until_region(f"run-row-{newer.uid}", "Aborted")
            return seen

    rows = [frame for frame in asyncio.run(look()).frames if "<tr" in frame]
    assert len(rows) >= 2
    assert all(row.startswith("<tr") and row.endswith("</tr>") for row in rows)


def test_the_first_run_of_a_squid_brings_console_and_table(
    site: Web, cookies: dict[str, str], squid: Squid
) -> None:
    async def look() -> tuple[Run, Page]:
        async with page(site, f"/ws/squids/{squid.uid}", cookies) as seen:
            await seen.until_region("progress", "Launch")
            made: Run = await sync_to_async(lifecycle.start)(squid, by="elsewhere")
            await seen.until_region("runs-table", made.short_id)
            await sync_to_async(begin)(made)
            await seen.until_line(1)
            return made, seen

    made, seen = asyncio.run(look())
    assert seen.run == made.uid


def test_a_squid_that_is_deleted_ends_its_sockets(
    site: Web, cookies: dict[str, str], run: Run
) -> None:
    async def look() -> int | None:
        async with page(site, f"/ws/squids/{run.squid.uid}", cookies) as seen:
            await seen.until_region("progress", "Abort")
            await sync_to_async(lifecycle.delete)(run.squid, by="owner")
            return await seen.until_closed()

    assert asyncio.run(look()) == 4404


def test_the_run_pages_figures_move(site: Web, cookies: dict[str, str], run: Run) -> None:
    async def look() -> str:
        async with page(site, f"/ws/runs/{run.uid}", cookies) as seen:
            await seen.until_region("run-cards", "Running")
            await sync_to_async(lifecycle.abort)(run, by="owner")
            return await seen.until_region("run-cards", "Aborted")

    assert Reason.ABORTED.label in asyncio.run(look())


def test_the_figures_of_its_tabs_move(site: Web, cookies: dict[str, str], run: Run) -> None:
    async def look() -> None:
        async with page(site, f"/ws/runs/{run.uid}", cookies) as seen:
            await seen.until_region("count-tasks", "0 of 4")
            await sync_to_async(_read_a_page)(run)
            await seen.until_region("count-results", 'data-count="20"')
            await seen.until_region("count-all", 'data-count="25"')
            await seen.until_region("count-tasks", "1 failed")
            await seen.until_region("count-lines", f'data-count="{run.last_line + 3}"')
            await seen.until_region("tasks-head", "1 ended, 1 of them failed")

    asyncio.run(look())


def _read_a_page(run: Run) -> None:
    numbers = {"results": 25, "unique_results": 20, "tasks_done": 1, "tasks_failed": 1}
    Run.objects.filter(pk=run.pk).update(**numbers)
    write(run.pk, 3)


def test_the_figures_cost_one_question_however_many_they_are(run: Run) -> None:
    with CaptureQueriesContext(connection) as queries:
        picture = regions.paint(regions.Topic("run", run.pk), frozenset())
    assert len(picture.regions) > 5
    assert len(queries) == 2  # whose zone, and the run


def test_the_lists_rows_move(site: Web, cookies: dict[str, str], run: Run) -> None:
    row = f"squid-row-{run.squid.uid}"

    async def look() -> str:
        async with page(site, "/ws/list", cookies) as seen:
            await seen.until_region(row, "Running")
            await sync_to_async(lifecycle.abort)(run, by="owner")
            return await seen.until_region(row, "Aborted")

    assert "Launch" in asyncio.run(look())


def test_the_list_brings_nobody_elses_rows(
    site: Web, cookies: dict[str, str], stranger: User, run: Run
) -> None:
    theirs = factories.squid(stranger)

    async def look() -> Page:
        async with page(site, "/ws/list", cookies) as seen:
            await seen.until_region(f"squid-row-{run.squid.uid}", "Running")
            await sync_to_async(lifecycle.start)(theirs, by="stranger")
            await sync_to_async(lifecycle.abort)(run, by="owner")
            await seen.until_region(f"squid-row-{run.squid.uid}", "Aborted")
            return seen

    assert set(asyncio.run(look()).regions) == {f"squid-row-{run.squid.uid}", "account"}


def test_the_frames_credits_move_on_every_page(
    site: Web, cookies: dict[str, str], owner: User, paths: list[str], run: Run
) -> None:
    """By a page that was paid for, and by a grant, with which no run moves."""

    def pay() -> None:
        assert credits.charge(credits.balance_of(owner), 400_000)
        lifecycle.abort(run, by="owner")

    async def look() -> None:
        async with AsyncExitStack() as stack:
            pages = [await stack.enter_async_context(page(site, p, cookies)) for p in paths]
            for seen in pages:
                await seen.until_region("account", "1,000,000")
            await sync_to_async(pay)()
            for seen in pages:
                assert "renews in" in await seen.until_region("account", "999,600")
            await sync_to_async(lifecycle.grant)(owner, 50_000_000, by="operator")
            for seen in pages:
                await seen.until_region("account", "1,049,600")

    asyncio.run(look())
