"""The link to the next page, by its relation, its name, its words, its place beside the number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborNode

from squids.crawlers import selectors, values
from squids.crawlers.builder.page import Page, number_of
from squids.crawlers.builder.steps import kind
from squids.crawlers.selectors import fold

LINKS, TRIED = 5_000, 20
"""Links of the page that are read, and those for which a selector is looked for."""
_WORDS = re.compile(
    r"(?:next|next page|older|older posts|more|more results|load more|show more|weiter|nächste"
    r"|nächste seite|suivant|suivante|page suivante|siguiente|próxima|próximo|siguiente página"
    r"|avanti|successiva|pagina successiva|volgende|następna|dalej|nästa|neste|næste|seuraava"
    r"|következő|další|înainte|sonraki|далее|следующая|вперёд|вперед|наступна|次へ|次|次のページ"
    r"|下一页|下页|下一頁|다음|>|>>|»|›|→|⟩|❯|▶|⏵)",
    re.I,
)
_PLAIN = re.compile(r"[A-Za-z_][\w-]{0,60}", re.A)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_NAMED = re.compile(
    r"(?:^|[-_\s])(?:next|nextpage|pagination-next|pager-next|older)(?:$|[-_\s])", re.I
)
_CURRENT = '[aria-current="page"], .current, .active, .selected'


def onward(page: Page) -> Iterator[tuple[str, str]]:
    """Selectors with the absolute address each finds first, the surest first. The page itself is
    no next page, and neither is what no page leads to, such as a script."""
    seen: set[str] = set()
    for selector, link in _found(page):
        leads_to = values.absolute((link.attributes.get("href") or "").strip(), page.base)
        if leads_to is None or leads_to in seen or _is_itself(page, leads_to):
            continue
        seen.add(leads_to)
        yield selector, leads_to


def _is_itself(page: Page, address: str) -> bool:
    return values.page_address(address) == values.page_address(page.response.url)


def _found(page: Page) -> Iterator[tuple[str, LexborNode]]:
    for selector in ("a[rel~=next]", "link[rel~=next]"):
        first = page.root.css_first(f"{selector}[href]")
        if first is not None:
            yield selector, first
    links = list(islice(page.root.css("a[href]"), LINKS))
    for test in (_is_named, _says_next):
        for link in islice(filter(test, links), TRIED):
            yield from _selected(page, link)
    yield from _beside_current(page)


def _is_named(link: LexborNode) -> bool:
    """By a class or id of its own or of the item of a list that it stands in."""
    around = (
        link.parent if link.parent is not None and kind(link.parent) in ("li", "span") else None
    )
    return any(_NAMED.search(_names(node)) for node in (link, around) if node is not None)


def _names(node: LexborNode) -> str:
    return f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"


def _says_next(link: LexborNode) -> bool:
    told = (link.attributes.get("aria-label"), link.attributes.get("title"), link.text())
    return any(_is_next(fold(text)) for text in told if text)


def _is_next(text: str) -> bool:
    if len(text) > 40:
        return False
    return bool(_WORDS.fullmatch(text) or _WORDS.fullmatch(_EDGES.sub("", text)))


def _selected(page: Page, link: LexborNode) -> Iterator[tuple[str, LexborNode]]:
    """With a selector that finds this link before any other on the page, and says what it is: one
    by its place would find the link back on the next page."""
    for selector in dict.fromkeys(_by_name(link)):
        found = page.find(selectors.read(selector))
        if found and found[0] == number_of(link):
            yield selector, link
            return


def _by_name(link: LexborNode) -> Iterator[str]:
    for node, tail in ((link, ""), (link.parent, " > a")):
        written = (node.attributes.get("class") or "").split() if node is not None else []
        for word in written:
            if node is not None and _NAMED.search(word) and _PLAIN.fullmatch(word):
                yield f"{kind(node)}.{word}{tail}"
    label = link.attributes.get("aria-label") or ""
    if re.fullmatch(r"[\w ]{1,40}", label):
        yield f'a[aria-label="{label}"]'
    text = fold(link.text())
    if _is_next(text) and not set(text) & set("'\"\\"):
        yield f"//a[normalize-space()='{text}']"


def _beside_current(page: Page) -> Iterator[tuple[str, LexborNode]]:
    """The number after the one that is shown, in a row of page numbers."""
    for current in islice(page.root.css(_CURRENT), 50):
        if not fold(current.text()).isdecimal():
            continue
        follower = _next_element(current)
        link = follower if follower is None or kind(follower) == "a" else follower.css_first("a")
        for mark in ('[aria-current="page"]', ".current", ".active", ".selected"):
            tail = " + a" if follower is link else f" + {kind(follower)} a" if follower else ""
            selector = f"{kind(current)}{mark}{tail}"
            if link is not None and tail and _is_first(page, selector, link):
                yield selector, link


def _next_element(node: LexborNode) -> LexborNode | None:
    follower = node.next
    while follower is not None and not follower.is_element_node:
        follower = follower.next
    return follower


def _is_first(page: Page, selector: str, link: LexborNode) -> bool:
    first = page.root.css_first(selector)
    return first is not None and number_of(first) == number_of(link)
