"""A site in this process that may go down, and may have something done at a page's request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from django.db import connections

from tests.runs.engine.servers import Answer, Hit, Site

TASKS, PAGES = 4, 5


class Shop:
    """Chains of pages, a row on each; may be down, and may call somebody at a page's request."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.is_up = True
        self._lock = Lock()
        self._at_page: Callable[[], None] | None = None
        self._pages_left = 0
        self._error: BaseException | None = None
        for task in range(TASKS):
            for page in range(PAGES):
                site.pages[f"/{task}/{page}"] = self.answer

    def urls(self) -> list[str]:
        """The first one's pages show the crawler's bug, while it has it."""
        return [self.site.url("/0/0?bug"), *(self.site.url(f"/{n}/0") for n in range(1, TASKS))]

    def answer(self, hit: Hit) -> Answer:
        with self._lock:
            self._pages_left -= 1
            if self._pages_left == 0:
                self._call()
        return self._page(hit.path) if self.is_up else Answer(status=502)

    def _call(self) -> None:
        try:
            if self._at_page:
                self._at_page()
        except BaseException as error:
            self._error = error
        finally:
            connections.close_all()

    @contextmanager
    def calling(self, act: Callable[[], None] | None, page: int) -> Iterator[None]:
        """Call at so many pages' request. Afterwards nothing of it goes on, and what it raised is
        raised."""
        self._at_page, self._pages_left, self._error = act, page, None
        yield
        with self._lock:
            self._at_page = None
        if self._error:
            raise self._error

    def _page(self, address: str) -> Answer:
        path, mark, query = address.partition("?")
        task, page = map(int, path.strip("/").split("/"))
        onward = f"/{task}/{page + 1}{mark}{query}" if page + 1 < PAGES else ""
        link = f"<a rel=next href='{onward}'></a>" if onward else ""
        return Answer(f"<article class=product data-sku={task}-{page}></article>{link}".encode())
