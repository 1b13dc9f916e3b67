"""Which charset a body is written in: BOM, header, markup, and then a look at the bytes."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

DETECTED_BYTES = 65536
MARKUP_BYTES = 2048
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.I)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
# Browsers read these labels as their supersets, and pages rely on it (WHATWG Encoding).
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# What browsers can read; others are not worth a guess. Between equals the first wins.
_CANDIDATES = [
    "cp1252", "cp1251", "cp932", "euc_jp", "gb18030", "big5", "cp949", "koi8_r", "cp1250",
    "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "iso8859_2",
    "iso8859_5", "iso8859_7", "koi8_u", "cp866",
]  # fmt: skip
_TEXTUAL = ("text/", "html", "xml", "json", "javascript")


def encoding_of(body: bytes, content_type: str = "") -> str:
    """A name that ``bytes.decode`` knows; utf-8 where nothing can be said (empty, not a text)."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    if content_type:
        match = _HEADER.search(content_type)
        if match and (declared := python_name(match[1])):
            return declared
        if not any(word in content_type.lower() for word in _TEXTUAL):
            return "utf-8"
    return _from_markup(body[:MARKUP_BYTES]) or _from_bytes(body)


@lru_cache(maxsize=256)
def python_name(label: str) -> str | None:
    """A declared charset as Python's codec name, or None when there is no such text codec."""
    try:
        info = codecs.lookup(label.strip())
        b"a".decode(info.name)
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(info.name, info.name)


def _from_markup(start: bytes) -> str | None:
    match = _XML.search(start) or _META.search(start)
    name = python_name(match[1].decode("ascii", "ignore")) if match else None
    # Markup that could be read as ASCII is not UTF-16, whatever it says of itself.
    return "utf-8" if name and name.startswith(("utf-16", "utf-32")) else name


def _from_bytes(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return _detected(body[:DETECTED_BYTES])
    return "utf-8"


def _detected(sample: bytes) -> str:
    if b"\0" in sample[:1024]:
        return "utf-8"
    # Imported late: it costs 20 ms and hardly any page needs it.
    from charset_normalizer import from_bytes

    found = list(from_bytes(sample, cp_isolation=_CANDIDATES))
    if not found:
        return "cp1252"
    best = (found[0].chaos, found[0].coherence)
    equals = [match.encoding for match in found if (match.chaos, match.coherence) == best]
    return min(equals, key=_CANDIDATES.index)
