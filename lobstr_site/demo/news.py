"""The shop's news: posts newest first, two a day. Its link to older posts never ends, as on many
sites: past the last post it leads to pages without any.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from html import escape

from lobstr_site.demo.pages import frame

POSTS = 60
PER_PAGE = 10
APART = timedelta(hours=12)
NEWEST = date(2025, 6, 30)
TOPICS = ("Opening hours", "A new lamp", "From the workshop", "Sale begins", "A letter", "Repairs")


def posted_at(number: int, newest: date = NEWEST) -> datetime:
    """When post ``number`` (from 1, the newest) appeared; the newest one at 18:00 UTC."""
    return datetime.combine(newest, time(18), UTC) - (number - 1) * APART


def page(path: str, newest: date = NEWEST, folder: str = "/news/") -> str | None:
    """A page of the news, or None where there is none. Links are relative."""
    if not path.startswith(folder):
        return None
    name = path.removeprefix(folder)
    number = _number(name, "page-") if name else 1
    if number:
        return _listing(number, newest)
    post = _number(name, "post-")
    return _post(post, newest) if 1 <= post <= POSTS else None


def _number(name: str, start: str) -> int:
    """N of ``page-N.html``; 0 for anything else."""
    digits = name.removeprefix(start).removesuffix(".html")
    exact = name == f"{start}{digits}.html" and digits.isascii() and digits.isdigit()
    return int(digits) if exact and len(digits) < 4 else 0


def _listing(number: int, newest: date) -> str:
    first = (number - 1) * PER_PAGE + 1
    shown = range(first, min(first + PER_PAGE, POSTS + 1))
    rows = "".join(_row(post, newest) for post in shown) or "<p>Nothing older.</p>"
    older = f'<li class="next"><a rel="next" href="page-{number + 1}.html">Older posts</a></li>'
    body = f"""<h1>News</h1><section class="posts">{rows}</section>
<nav aria-label="Pages"><ul class="pager">{older}</ul></nav>"""
    return frame(f"News, page {number}", body, "../")


def _row(number: int, newest: date) -> str:
    return f"""<article class="post" data-number="{number}">
<h2><a class="title" href="post-{number}.html">{escape(_title(number))}</a></h2>
<p>{_when(number, newest)}</p></article>
"""


def _post(number: int, newest: date) -> str:
    body = f"""<article class="post"><h1>{escape(_title(number))}</h1>
<p>{_when(number, newest)}</p><p class="text">Nothing in it is true.</p></article>"""
    return frame(_title(number), body, "../")


def _when(number: int, newest: date) -> str:
    at = posted_at(number, newest)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at.day} {at:%B %Y}</time>'


def _title(number: int) -> str:
    return f"{TOPICS[number % len(TOPICS)]}, no. {POSTS + 1 - number}"
