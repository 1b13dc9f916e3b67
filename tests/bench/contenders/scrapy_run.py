"""A Scrapy crawl, timed: from the spider's opening to its feed being closed."""

from __future__ import annotations

import csv
import time
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess

from tests.bench import shop
from tests.bench.place import answer

SETTINGS: dict[str, Any] = {
    "CONCURRENT_REQUESTS": shop.IN_FLIGHT,
    "CONCURRENT_REQUESTS_PER_DOMAIN": shop.IN_FLIGHT,
    "DOWNLOAD_DELAY": 0,
    "LOG_LEVEL": "ERROR",
    "ROBOTSTXT_OBEY": False,
}


def crawl(spider: type[Any], site: str, tasks: int, file: str, **settings: Any) -> None:
    """Scrape the shop into a CSV file and answer how long it took."""
    process = AsyncCrawlerProcess(SETTINGS | {"FEEDS": {file: {"format": "csv"}}} | settings)
    crawler = process.create_crawler(spider)
    clock: dict[str, float] = {}

    def opened() -> None:
        clock["opened"] = time.perf_counter()

    def closed() -> None:
        clock["closed"] = time.perf_counter()

    crawler.signals.connect(opened, signals.spider_opened)
    crawler.signals.connect(closed, signals.feed_exporter_closed)
    process.crawl(crawler, start_urls=shop.tasks(site, tasks))
    process.start()
    with open(file, newline="") as saved:
        rows = list(csv.DictReader(saved))
    pages = crawler.stats.get_value("response_received_count")
    seconds = clock["closed"] - clock["opened"]
    answer({"pages": pages, "seconds": seconds, "rows": len(rows), "digest": shop.digest(rows)})
