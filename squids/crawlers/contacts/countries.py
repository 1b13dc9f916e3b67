"""Which country's phone numbers a page is likely to show."""

from __future__ import annotations

from urllib.parse import urlsplit

import phonenumbers

_EVERYWHERE = frozenset(
    {"ac", "ai", "cc", "co", "fm", "gg", "im", "io", "is", "la", "ly", "me", "mu", "nu", "pw"}
    | {"sc", "sh", "so", "st", "tk", "to", "tv", "vc", "vu", "ws"}
)
"""Ends of names that are a country's, and are taken by anybody."""
_BY_LANGUAGE = {
    "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "et": "EE", "fi": "FI", "fr": "FR", "he": "IL",
    "hu": "HU", "is": "IS", "it": "IT", "ja": "JP", "ko": "KR", "lt": "LT", "lv": "LV", "nb": "NO",
    "nl": "NL", "no": "NO", "pl": "PL", "ro": "RO", "sk": "SK", "sl": "SI", "sv": "SE", "th": "TH",
    "tr": "TR", "uk": "UA", "vi": "VN",
}  # fmt: skip
"""Where most who write a language live; none for English, Spanish, Portuguese, Arabic…"""


def is_known(region: str) -> bool:
    return region in phonenumbers.SUPPORTED_REGIONS


def country_of(url: str, language: str) -> str | None:
    """Two letters, by the host's end, else by the page's language; None: nobody can tell."""
    end = (urlsplit(url).hostname or "").rpartition(".")[2]
    ended = "GB" if end == "uk" else end.upper()
    if end not in _EVERYWHERE and is_known(ended):
        return ended
    tongue, *rest = language.strip().replace("_", "-").lower().split("-")[:4]
    told = next((part.upper() for part in rest if len(part) == 2), "")
    return told if is_known(told) else _BY_LANGUAGE.get(tongue)
