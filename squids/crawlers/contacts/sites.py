"""Which addresses belong to one site, and which names there can be."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from tld import get_fld, get_tld

from squids.crawlers.link_checker.links import host_of

_OWN_USE = frozenset({"example", "test", "local", "internal", "lan"})
"""Ends of names that nobody registers, and that networks of one's own have."""


def site_of(url: str) -> str:
    """The name that somebody registered, by the list of public suffixes; else the host, without
    ``www.`` and with a port that is not the scheme's own."""
    parts = urlsplit(url)
    found = get_fld(f"http://{parts.hostname or ''}", fail_silently=True, search_private=True)
    return found if isinstance(found, str) else host_of(parts).removeprefix("www.")


@lru_cache(maxsize=1024)
def can_be_a_name(host: str) -> bool:
    """Whether a host's name ends as names do: what tells ``logo@2x.png`` from an address."""
    *names, end = host.split(".")
    if not names or any(_is_scale(name) for name in names):
        return False
    return end in _OWN_USE or get_tld(f"http://{host}", fail_silently=True) is not None


def _is_scale(name: str) -> bool:
    """As pictures for finer screens have it: ``2x``."""
    return name.endswith("x") and name[:-1].isdecimal()
