"""Scrapy as its documentation writes a spider: parsel's selectors, an item for each row."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import scrapy

from tests.bench.contenders.scrapy_run import crawl


class ShopSpider(scrapy.Spider):
    name = "shop"

    def parse(self, response: Any) -> Iterator[Any]:
        for product in response.css("article.product"):
            yield {
                "sku": product.css(".sku::text").get(),
                "title": product.css("a.title::text").get(),
                "url": response.urljoin(product.css("a.title::attr(href)").get()),
                "price": float(product.css(".price::text").re_first(r"[\d.]+")),
                "availability": product.css(".availability::text").get(),
            }
        next_page = response.css("li.next a::attr(href)").get()
        if next_page is not None:
            yield response.follow(next_page, callback=self.parse)


if __name__ == "__main__":
    crawl(ShopSpider, sys.argv[1], int(sys.argv[2]), sys.argv[3])
