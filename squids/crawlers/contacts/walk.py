"""Which pages of a site to read, the likeliest first, and what a walk carries from page to page."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from squids.crawlers.contacts.sites import site_of
from squids.crawlers.link_checker.links import normal

LONGEST_URL = 500
MOST_SEEN = 1_000
"""Contacts that a walk remembers; one that it forgot comes again, as a duplicate, and is free."""
_SAID = 100
_CONTACT = (
    "contact contacts contactus contacto contactos contactez contatti contatto contato contatos"
    " kontakt kontakte kontakty kontakta kontaktai kontakti yhteystiedot iletisim kapcsolat"
    " epikoinonia ota-yhteytta in-touch reach-us"
)
_IMPRINT = (
    "impressum imprint anbieterkennzeichnung colophon colofon mentions-legales mentionslegales"
    " legal-notice legal aviso-legal note-legali avviso-legale impresszum tiraz"
)
_ABOUT = (
    "about aboutus ueber-uns uber-uns ueberuns a-propos apropos qui-sommes sobre quienes-somos"
    " quem-somos chi-siamo o-nas o-firmie om-oss om-os over-ons overons hakkimizda company firma"
    " unternehmen entreprise empresa azienda despre-noi rolunk tietoa"
)
_TEAM = (
    "team people staff mitarbeiter ansprechpartner equipe equipo squadra zespol medarbetare"
    " management leadership vorstand founders employees"
)
_OFFICES = (
    "press presse prensa stampa media support help hilfe aide ayuda service kundenservice"
    " locations standorte offices stores filialen office branches sedi agences careers jobs"
)
_TERMS = "privacy datenschutz confidentialite privacidad terms agb conditions cgv"
_WORDS = {9: _CONTACT, 8: _IMPRINT, 6: _ABOUT, 5: _TEAM, 4: _OFFICES, 2: _TERMS}
_OTHER_SCRIPTS = ("контакт", "о-нас", "о нас", "联系", "聯絡", "お問い合わせ", "会社概要", "연락처")
_SCORES = {word: score for score, words in _WORDS.items() for word in words.split()}
_TWO = re.compile(r"[^\W_]+")
_NO_PAGE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|svg|webp|avif|ico|zip|gz|rar|7z|docx?|xlsx?|pptx?|csv|xml|rss|atom|json"
    r"|js|css|mp[34]|webm|mov|avi|exe|dmg|apk|ics|vcf|woff2?|ttf|txt)\Z|"
    r"/(?:log[io]n|logout|signin|sign-in|signup|register|cart|basket|checkout|wp-json|wp-login\.php"
    r"|cdn-cgi|feed)(?:/|\Z)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Walk:
    """``left``: pages that may be read after this one. ``queue`` has (score, depth, address),
    the likeliest first; ``read`` and ``seen`` are short digests of pages and of contacts.
    ``missed``: pages in a row that the site did not give. Turns into JSON and back."""

    left: int
    site: str = ""
    depth: int = 0
    missed: int = 0
    queue: tuple[tuple[int, int, str], ...] = ()
    read: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()

    @classmethod
    def from_meta(cls, meta: Mapping[str, Any]) -> Walk:
        lists = {name: tuple(meta[name]) for name in ("read", "seen")}
        queue = tuple((score, depth, url) for score, depth, url in meta["queue"])
        return cls(meta["left"], meta["site"], meta["depth"], meta["missed"], queue, **lists)

    def to_meta(self) -> dict[str, Any]:
        lists = {name: list(getattr(self, name)) for name in ("read", "seen")}
        plain = {name: getattr(self, name) for name in ("left", "site", "depth", "missed")}
        return plain | lists | {"queue": [list(entry) for entry in self.queue]}

    def having_read(self, *urls: str) -> Walk:
        """Pages that are not to be read again, by all the addresses they have."""
        read = dict.fromkeys([*self.read, *(digest(normal(url)) for url in urls)])
        return replace(self, read=tuple(read))

    def having_seen(self, keys: Iterable[str]) -> tuple[Walk, set[str]]:
        """And which of these keys are new."""
        known = set(self.seen)
        new = [key for key in dict.fromkeys(keys) if digest(key) not in known]
        kept = (*self.seen, *map(digest, new))
        return replace(self, seen=kept[:MOST_SEEN]), set(new)

    def adding(self, links: Iterable[tuple[str, str]], deepest: int) -> Walk:
        """With the page's links into its site. No more are kept than there are pages left."""
        if self.depth >= deepest or self.left <= 0:
            return self
        known = {url for _, _, url in self.queue}
        passed, entries = set(self.read), list(self.queue)
        for link, said in links:
            url = normal(link)
            if url in known or len(url) > LONGEST_URL or not _is_of(url, self.site):
                continue
            known.add(url)
            if digest(url) not in passed:
                entries.append((score(url, said), self.depth + 1, url))
        entries.sort(key=lambda entry: (-entry[0], entry[1]))
        return replace(self, queue=tuple(entries[: self.left]))

    def next(self) -> tuple[str, Walk] | None:
        """The page to read next, and the walk from there."""
        if not self.queue or self.left <= 0:
            return None
        (_, depth, url), *rest = self.queue
        return url, replace(self, depth=depth, queue=tuple(rest), left=self.left - 1)


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()


def score(url: str, said: str) -> int:
    """How likely a page has contacts, by the words of its address and of the link to it."""
    path = unquote(urlsplit(url).path)[-_SAID:]
    best = max((_score(text) for text in (path, said[:_SAID])), default=0)
    return best if best < 8 or path.count("/") <= 3 else best - 1


def _score(text: str) -> int:
    folded = unicodedata.normalize("NFKD", text.lower())
    words = _TWO.findall("".join(c for c in folded if not unicodedata.combining(c)))
    grams = words + ["-".join(two) for two in pairwise(words)]
    best = max((_SCORES.get(word, 0) for word in grams), default=0)
    return max(best, 9) if any(word in text.lower() for word in _OTHER_SCRIPTS) else best


def _is_of(url: str, site: str) -> bool:
    path = urlsplit(url).path
    return not _NO_PAGE.search(path) and site_of(url) == site
