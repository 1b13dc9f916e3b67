"""The contacts of one page, and its links to other pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from selectolax.lexbor import LexborNode

from squids.crawlers.contacts import emails, networks, phones
from squids.crawlers.contacts.contact import (
    DATA,
    EMAIL,
    LINK,
    LONGEST_LABEL,
    PHONE,
    PROFILE,
    TEXT,
    Contact,
)
from squids.crawlers.contacts.countries import country_of
from squids.crawlers.contacts.text import Text
from squids.crawlers.html_page import html_text
from squids.crawlers.interface import BadPage, Response
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.link_checker.links import text_of
from squids.crawlers.selectors import fold
from squids.crawlers.structured import json_ld
from squids.crawlers.structured.item import Item
from squids.crawlers.values import absolute

LONGEST, MOST_TAGS = 5_000_000, 200_000
"""Characters and tags of a page."""
MOST_LINKS = 5_000
MOST_CONTACTS = 500
"""Of one page."""
MOST_ITEMS = 2_000
LONGEST_URL = 1_000
_LINKS = "a[href], area[href], [data-cfemail], link[rel~=me][href]"
_BLOCKS = 'script[type*="ld+json" i]'
_MARKED = "[itemprop~=telephone], [itemprop~=faxNumber], [itemprop~=email]"
_LABEL = re.compile(r"[^.;|•·]*\Z")
_MARKS = " .:,;–—-([</"
_PHONES = ("tel", "callto", "sms")


@dataclass(slots=True)
class Found:
    """``links`` are web addresses with what the link says, in page order."""

    contacts: list[Contact] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(response: Response, region: str | None) -> Found:
    """``region`` is the country whose numbers are written without its code; None: by the page.
    Raises BadPage."""
    text = html_text(response, LONGEST).replace("\0", "")
    if (tags := text.count("<")) > MOST_TAGS:
        size = f"{tags:,} tags; at most {MOST_TAGS:,} are read"
        raise BadPage(f"The page is too large ({size}).", response.url)
    try:
        root = Lexbor().parse(text)
    except ValueError as error:
        raise BadPage(f"The page cannot be read as HTML: {error}.", response.url) from error
    return _Page(root, response.url, region).read()


class _Page:
    def __init__(self, root: LexborNode, url: str, region: str | None) -> None:
        self.root, self.found = root, Found()
        self.region = region or country_of(url, root.attributes.get("lang") or "")
        based = root.css_first("base[href]")
        href = based.attributes.get("href") if based is not None else None
        self.base = (absolute(href, url) if href else None) or url
        self._known: dict[tuple[str, str], Contact] = {}

    def read(self) -> Found:
        """Links first: what stands in a link and again in its text is the link's."""
        nodes = self.root.css(_LINKS)
        if len(nodes) > MOST_LINKS:
            self._warn(f"Only the first {MOST_LINKS:,} links of this page are read")
        for node in nodes[:MOST_LINKS]:
            self._link(node)
        self._structured()
        self._marked()
        self._text()
        self.found.contacts = list(islice(self._known.values(), MOST_CONTACTS))
        if len(self._known) > MOST_CONTACTS:
            self._warn(f"Only the first {MOST_CONTACTS:,} contacts of this page are taken")
        return self.found

    def _warn(self, text: str) -> None:
        self.found.notes.append(text)

    def _add(self, contact: Contact) -> None:
        """The first one counts, with the first label that any has."""
        key = (contact.kind, contact.value)
        known = self._known.setdefault(key, contact)
        if known.label is None and contact.label:
            self._known[key] = replace(known, label=contact.label)

    def _email(self, found: emails.Address | None, how: str, label: str | None = None) -> None:
        if found:
            self._add(Contact(EMAIL, found.value, found.written, how, label))

    def _phone(self, found: phones.Number | None, how: str, label: str | None = None) -> None:
        if found:
            self._add(Contact(PHONE, found.value, found.written, how, label))

    def _profile(self, url: str, rel: str, how: str, label: str | None = None) -> bool:
        found = networks.profile(url, rel=rel)
        if found:
            self._add(Contact(PROFILE, found.url, url, how, label, found.network))
        return found is not None

    # --- links ---

    def _link(self, node: LexborNode) -> None:
        attributes = node.attributes
        if code := attributes.get("data-cfemail"):
            self._email(emails.of_cloudflare(code), LINK)
        href = attributes.get("href") or ""
        if not href or len(href) > LONGEST_URL:
            return
        href = re.sub(r"[\t\r\n]", "", href).strip()
        scheme = href.partition(":")[0].lower()
        if scheme == "mailto":
            for one in emails.of_link(href):
                self._email(one, LINK, _label(node, one.written))
        elif scheme in _PHONES:
            number = phones.of_link(href, self.region)
            self._phone(number, LINK, _label(node, number.written if number else ""))
        elif "/cdn-cgi/l/email-protection#" in href:
            self._email(emails.of_cloudflare(href.rpartition("#")[2]), LINK)
        else:
            self._web_link(node, href)

    def _web_link(self, node: LexborNode, href: str) -> None:
        url = absolute(href, self.base)
        if url is None:
            return
        said = text_of(node) or fold(node.attributes.get("aria-label") or "")
        if number := networks.phone_of(url):
            self._phone(phones.of_link(f"tel:{number}", None), LINK, said or "WhatsApp")
        elif self._profile(url, node.attributes.get("rel") or "", LINK, said or None):
            return
        elif node.tag != "link" and not href.startswith("#"):
            self.found.links.append((url, said))

    # --- what is told to machines ---

    def _structured(self) -> None:
        blocks = [node.text() for node in self.root.css(_BLOCKS)[: json_ld.MOST_BLOCKS]]
        for item in json_ld.read(blocks).items[:MOST_ITEMS]:
            self._item(item)

    def _item(self, item: Item) -> None:
        label = next(_texts(item, "contactType"), None) or next(_texts(item, "name"), None)
        for text in _texts(item, "email"):
            self._email(emails.address(text), DATA, label)
        for text in _texts(item, "telephone"):
            self._phone(phones.of_data(text, self.region), DATA, label)
        for text in _texts(item, "faxNumber"):
            self._phone(phones.of_data(text, self.region), DATA, "Fax")
        for text in _texts(item, "sameAs"):
            self._profile(text, "me", DATA, label)

    def _marked(self) -> None:
        """Microdata: an attribute's value, or the text of the element."""
        for node in self.root.css(_MARKED)[:MOST_ITEMS]:
            attributes = node.attributes
            text = attributes.get("content") or fold("".join(_own_texts(node)))
            if "email" in (attributes.get("itemprop") or "").split():
                self._email(emails.address(text), DATA)
            else:
                self._phone(phones.of_data(text, self.region), DATA)

    # --- text ---

    def _text(self) -> None:
        body = self.root.css_first("body")
        text = Text().read(body if body is not None else self.root)
        if text.cut:
            self._warn("The page's text is long: contacts are looked for in its first part")
        self._signs, self._candidates = emails.MOST_SIGNS, phones.MOST_CANDIDATES
        self._tries = phones.MOST_TRIES
        above = ""
        for line in text.lines:
            found = self._line(emails.plain(line), above)
            above = "" if found or len(line) > LONGEST_LABEL else line

    def _line(self, line: str, above: str) -> bool:
        """Whether a line has contacts. What stands between two of them is the second one's label,
        and what stands alone in the line above that of the first."""
        found: list[emails.Address | phones.Number] = []
        self._signs -= emails.signs(line)
        if self._signs > 0:
            found += emails.of_line(line)
        if self._candidates > 0 and self._tries > 0:
            candidates = phones.candidates(line)
            self._candidates -= len(candidates)
            likely = [one for one in candidates if phones.is_likely(one, self.region)]
            self._tries -= len(likely)
            found += chain.from_iterable(phones.numbers(one, self.region) for one in likely)
        end = 0
        for one in sorted(found, key=lambda one: one.start):
            label = _before(line[end : one.start], "" if end else above)
            if isinstance(one, emails.Address):
                self._email(one, TEXT, label)
            else:
                self._phone(one, TEXT, label)
            end = one.start + len(one.written)
        return bool(found)


def _label(node: LexborNode, written: str) -> str | None:
    """What a link says, where that is more than the address it leads to."""
    said = text_of(node) or ""
    bare = said.replace(" ", "").lower()
    told = not said or "@" in said or bare == written.replace(" ", "").lower()
    digits = sum(map(str.isdigit, said)) >= 5
    named = fold(node.attributes.get("aria-label") or node.attributes.get("title") or "")
    return (named or None) if told or digits else said


def _before(text: str, above: str) -> str | None:
    """What stands in front of a contact in its line, or alone in the line above."""
    found = _LABEL.search(text[-LONGEST_LABEL:].rstrip(_MARKS))
    said = _trimmed(found[0]) if found else ""
    return said or (None if text.strip() else _trimmed(above)) or None


def _trimmed(text: str) -> str:
    said = text.strip(_MARKS)
    return said if re.search(r"\w", said) and "@" not in said else ""


def _texts(item: Item, name: str) -> Iterator[str]:
    return (fold(str(value)) for value in item.values(name) if isinstance(value, str | int))


def _own_texts(node: LexborNode) -> Iterator[str]:
    """The beginning of what an element holds."""
    inside = islice(node.traverse(include_text=True), 20)
    return ((one.text_content or "")[:LONGEST_LABEL] for one in inside if one.is_text_node)
