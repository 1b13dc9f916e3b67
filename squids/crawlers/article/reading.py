"""Articles by trafilatura: what it is asked for, and what of its answer makes a row."""

from __future__ import annotations

import logging
import re
import warnings
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from squids.crawlers.article.authors import authors
from squids.crawlers.interface import BadPage, Response, Row
from squids.crawlers.selectors import fold
from squids.crawlers.values import absolute

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its downloader, of no use here, misses a package for SOCKS
    from trafilatura import bare_extraction
    from trafilatura.meta import reset_caches
    from trafilatura.settings import Document

_CACHED = 20_000_000
"""Characters after which the library's caches are emptied: they count texts, not their length."""
_LAST_DAY = "2099-12-31"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.I)
_HTML_TAG = re.compile(r"<html\b[^>]{0,2000}", re.I)
_LANG = re.compile(r"""\s(?:xml:)?lang\s*=\s*["']?([\w-]+)""", re.I)
_LOCALE = re.compile(r"""<meta\s[^>]{0,200}og:locale["'\s][^>]{0,200}content=["']?([\w-]+)""", re.I)
_MOST_TAGS = 50
_LONGEST = 1_000
"""Characters of title, author and their like."""

for _name in ("trafilatura", "htmldate", "courlan"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # what a page lacks is told in the console


class Reader:
    """A run's settings. ``markdown`` keeps headings, emphasis and links in the text."""

    def __init__(self, markdown: bool, comments: bool) -> None:
        self.markdown, self.comments = markdown, comments
        self._read = 0

    def read(self, text: str, response: Response) -> Row | None:
        """The article's row; None where there is no text. Raises BadPage."""
        found = self._extracted(text, response)
        self._forget(len(text))
        if found is None or not (body := _body(found.text)):
            return None
        row = _row(found, body, text, response)
        return row | {"comments": _body(found.comments) or None} if self.comments else row

    def _extracted(self, text: str, response: Response) -> Document | None:
        try:
            found = bare_extraction(
                text,
                url=response.url,
                with_metadata=True,
                include_comments=self.comments,
                include_formatting=self.markdown,
                include_links=self.markdown,
                date_extraction_params=_dates(response),
            )
        except Exception as error:  # a page that the library stumbles over is no bug of ours
            why = f"{type(error).__name__}: {str(error)[:200]}"
            raise BadPage(
                f"The page cannot be read as an article ({why}).", response.url
            ) from error
        return found if isinstance(found, Document) else None

    def _forget(self, size: int) -> None:
        self._read += size
        if self._read > _CACHED:
            self._read = 0
            reset_caches()


def _dates(response: Response) -> dict[str, Any]:
    """The day on which it was published, told and not guessed; none later than the answer itself.

    Left to itself the library takes today's date as the last one, and so a page would be read
    otherwise tomorrow.
    """
    try:
        answered = parsedate_to_datetime(response.headers.get("date", ""))
        last = (answered + timedelta(days=1)).date().isoformat()
    except (ValueError, OverflowError):
        last = _LAST_DAY
    return {"original_date": True, "extensive_search": False, "max_date": last}


def _row(found: Document, body: str, text: str, response: Response) -> Row:
    image = found.image
    return {
        "title": _short(found.title),
        "author": authors(text) or _short(found.author),
        "date": found.date,
        "language": _language(text, response),
        "text": body,
        "sitename": _short(found.sitename),
        "description": fold(found.description or "")[: 10 * _LONGEST] or None,
        "image": absolute(image, response.url) if image else None,
        "tags": _tags(found),
        "url": response.url,
        "word_count": len(body.split()),
    }


def _body(text: str | None) -> str:
    return (text or "").strip()


def _short(text: str | None) -> str | None:
    return fold(text or "")[:_LONGEST] or None


def _tags(found: Document) -> list[str]:
    """Sections first, each once. The library leaves some lists in one text."""
    listed = [*(found.categories or []), *(found.tags or [])]
    named = (_short(tag) for text in listed for tag in re.split("[,;]", text))
    return list(dict.fromkeys(tag for tag in named if tag))[:_MOST_TAGS]


def _language(text: str, response: Response) -> str | None:
    """As the page's element, its locale or the answer's header has it: ``en``, ``pt-BR``."""
    start = text[:50_000]
    element = _HTML_TAG.search(start)
    inside = _LANG.search(element[0]) if element else None
    locale = inside or _LOCALE.search(start)
    named = locale[1] if locale else response.headers.get("content-language", "").split(",")[0]
    language = named.strip().replace("_", "-")
    return language if _LANGUAGE.fullmatch(language) else None
