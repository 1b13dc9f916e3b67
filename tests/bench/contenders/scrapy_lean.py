"""Scrapy at its leanest: selectolax, an item for each page, its aiohttp handler, uvloop, and
nothing switched on that the crawl does not need."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Any
from urllib.parse import urljoin

import scrapy
from scrapy.exporters import BaseItemExporter
from selectolax.lexbor import LexborHTMLParser

from tests.bench import shop
from tests.bench.contenders.scrapy_run import crawl


class LeanSpider(scrapy.Spider):
    name = "lean"

    def parse(self, response: Any) -> Iterator[Any]:
        tree = LexborHTMLParser(response.body)
        yield {"rows": [_row(product, response.url) for product in tree.css("article.product")]}
        onward = tree.css_first("li.next a")
        if onward is not None:
            yield scrapy.Request(urljoin(response.url, onward.attributes["href"]))


def _row(product: Any, page: str) -> tuple[str, str, str, float, str]:
    title = product.css_first("a.title")
    return (
        product.css_first(".sku").text(),
        title.text(),
        urljoin(page, title.attributes["href"]),
        float(product.css_first(".price").text().lstrip("£")),
        product.css_first(".availability").text(),
    )


class PageExporter(BaseItemExporter):
    """CSV, the rows of a page at once."""

    def __init__(self, file: Any, **options: Any) -> None:
        super().__init__(dont_fail=True, **options)
        self.stream = TextIOWrapper(file, encoding="utf-8", newline="")
        self.writer = csv.writer(self.stream)

    def start_exporting(self) -> None:
        self.writer.writerow(shop.FIELDS)

    def export_item(self, item: Any) -> None:
        self.writer.writerows(item["rows"])

    def finish_exporting(self) -> None:
        self.stream.detach()


AIOHTTP = "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler"
LEAN: dict[str, Any] = {
    "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
    "DOWNLOAD_HANDLERS": {"http": AIOHTTP, "https": AIOHTTP},
    "FEED_EXPORTERS": {"csv": PageExporter},
    "COOKIES_ENABLED": False,
    "DOWNLOADER_STATS": False,
    "HTTPPROXY_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REFERER_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "MEMUSAGE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "RETRY_ENABLED": False,
}


if __name__ == "__main__":
    crawl(LeanSpider, sys.argv[1], int(sys.argv[2]), sys.argv[3], **LEAN)
