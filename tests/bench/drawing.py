"""Pages drawn by our fetcher, against the same browser driven without it, and a fetch."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil
from playwright.async_api import Browser, async_playwright

from runs.engine.browser.visits import AT_ONCE
from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.politeness import Politeness
from squids.crawlers import chromium
from squids.crawlers.interface import Kind, Request
from tests.bench.place import answer, tell

ROUNDS, PAGES = 5, 40
ROW = "article.product"
Draw = Callable[[str], Awaitable[int]]


def addresses(shop: str, turn: int) -> list[str]:
    """None twice in a bench."""
    return [f"{shop}/branch/{turn * PAGES + number}/shop/" for number in range(PAGES)]


async def seconds(draw: Draw, urls: list[str]) -> float:
    """A page, with as many side by side as a slice draws."""
    seats = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> None:
        async with seats:
            assert await draw(url) == 20

    started = time.perf_counter()
    await asyncio.gather(*map(one, urls))
    return (time.perf_counter() - started) / len(urls)


def ours(fetcher: Fetcher, settings: FetchSettings, kind: Kind) -> Draw:
    async def draw(url: str) -> int:
        wait_for = ROW if kind == "browser" else ""
        response = await fetcher.fetch(Request(url, kind=kind, wait_for=wait_for), settings)
        return response.text.count('<article class="product"')

    return draw


def bare(browser: Browser) -> Draw:
    async def draw(url: str) -> int:
        context = await browser.new_context()
        try:
            page = await context.new_page()
            await page.goto(url, wait_until="domcontentloaded")
            await page.wait_for_selector(ROW, state="attached")
            return (await page.content()).count('<article class="product"')
        finally:
            await context.close()

    return draw


def memory() -> float:
    """Megabytes of all that this process has started, shared pages counted once."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # pages come and go
            total += child.memory_full_info().pss
    return total / 1024**2


async def measured(shop: str) -> tuple[dict[str, list[float]], float]:
    place = shop.removeprefix("http://")
    settings = FetchSettings("Bench/1", allow_private=frozenset({place}))
    times: dict[str, list[float]] = {"ours": [], "bare": [], "fetched": []}
    polite = Politeness(Path(os.environ["LOBSTR_DATA"]) / "hosts")
    async with async_playwright() as driver, Fetcher(polite) as fetcher:
        browser = await driver.chromium.launch(
            executable_path=chromium.find(), args=["--disable-gpu"], chromium_sandbox=False
        )
        draws = {
            "ours": ours(fetcher, settings, "browser"),
            "bare": bare(browser),
            "fetched": ours(fetcher, settings, "http"),
        }
        await draws["ours"](addresses(shop, 999)[0])
        most = 0.0
        for turn in range(ROUNDS):
            for number, (name, draw) in enumerate(draws.items()):
                urls = addresses(shop, turn * len(draws) + number)
                times[name].append(await seconds(draw, urls))
                tell(f"{name}: {times[name][-1] * 1000:.1f} ms a page")
            most = max(most, memory())
        await browser.close()
    return times, most


def main(shop: str) -> None:
    times, most = asyncio.run(measured(shop))
    own, other, plain = (statistics.median(times[name]) for name in ("ours", "bare", "fetched"))
    ratio = statistics.median(a / b for a, b in zip(times["ours"], times["bare"], strict=True))
    detail = (
        f"{own * 1000:.0f} ms a page of ours, {other * 1000:.0f} without our gate, "
        f"{plain * 1000:.1f} fetched; {AT_ONCE} at once, two browsers have {most:.0f} MB"
    )
    answer({"drawn_vs_bare": {"value": ratio, "detail": detail}})


if __name__ == "__main__":
    main(sys.argv[1])
