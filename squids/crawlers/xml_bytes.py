"""XML of feeds and sitemaps out of bytes: streamed, and without what makes XML dangerous.

A document type declaration is cut away before the parser sees it, so there are no entities to
expand and nothing to load. Broken XML is read as far as it goes.
"""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.entities import html5

from lxml import etree

from squids.crawlers.interface import BadPage, Response

MAX_UNPACKED = 100 * 1024 * 1024
"""Bytes of a packed sitemap, unpacked. The protocol allows half of it."""
_GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_PLAIN = {"utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"}
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32)])
MAX_TAGS = 2_000_000
"""More would let the parser's tree outgrow the memory, however short they are."""
_AMPERSAND = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)"
    rb"(#X[0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?"
)
_HEAD = 4096
_HTML = re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])", re.I)
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]{0,99}:)?([A-Za-z_][\w.-]{0,99})[\s/>]")
_PROLOG = re.compile(rb"\s*(<!--|<\?|<!doctype\b)?", re.I)


def document(response: Response) -> bytes:
    """A text in UTF-8, unpacked where it was an archive. Raises BadPage where it is empty, or has
    too much in it."""
    body, encoding = _body_of(response)
    data = _utf8(body, encoding)
    if not data:
        raise BadPage("The page is empty.", response.url)
    if data.count(b"<") > MAX_TAGS:
        raise BadPage(f"The page has more than {MAX_TAGS:,} tags.", response.url)
    return data


def _body_of(response: Response) -> tuple[bytes, str]:
    if not response.body.startswith(_GZIP):
        return response.body, response.encoding
    body = _unpacked(response)
    return body, _encoding(body)


def _unpacked(response: Response) -> bytes:
    """All members of the archive; one cut short is read as far as it goes."""
    parts, room, rest = [], MAX_UNPACKED, response.body
    try:
        while rest.startswith(_GZIP):
            reader = zlib.decompressobj(wbits=31)
            part = reader.decompress(rest, room + 1)
            room -= len(part)
            if room < 0:
                size = f"{MAX_UNPACKED // 1048576} MB"
                raise BadPage(f"The archive has more than {size} in it.", response.url)
            parts.append(part)
            rest = reader.unused_data
    except zlib.error as error:
        raise BadPage(f"The archive cannot be unpacked: {error}.", response.url) from None
    return b"".join(parts)


def _encoding(body: bytes) -> str:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    declared = _DECLARED.match(body[:_HEAD])
    return declared[1].decode() if declared else "utf-8"


def _utf8(body: bytes, encoding: str) -> bytes:
    """In UTF-8, whatever it was in, without byte order mark and without what XML forbids."""
    name = encoding.lower().replace("_", "-")
    if name not in _PLAIN or not _is_utf8(body):
        try:
            text = body.decode(encoding, "replace")
        except (LookupError, ValueError):  # some codecs can only be strict
            text = body.decode("utf-8", "replace")
        body = text.encode("utf-8", "replace")
    return body.removeprefix(codecs.BOM_UTF8).translate(None, _CONTROL).lstrip()


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_html(data: bytes) -> bool:
    """Whether it begins as a web page does."""
    return bool(_HTML.match(data, _start(data, doctypes=False)))


def root_name(data: bytes) -> str:
    """The name of the first element, without prefix and in lower case; empty where there is
    none."""
    found = _ROOT.match(data, _start(data))
    return found[2].decode().lower() if found else ""


def _start(data: bytes, *, doctypes: bool = True) -> int:
    """Where the first element begins: behind comments, instructions and document types."""
    place = 0
    while found := _PROLOG.match(data, place):
        mark = found[1]
        if mark is None:  # white space up to the end, or up to what is none of them
            return found.end()
        if mark == b"<!--":
            end = data.find(b"-->", found.end()) + 3
        elif mark == b"<?":
            end = data.find(b"?>", found.end()) + 2
        elif doctypes:
            end = _end_of_doctype(data, found.end())
        else:
            return found.start(1)
        place = end if end > found.end() else len(data)
    return place


def tree(data: bytes) -> tuple[etree._Element | None, str]:
    """All of it at once, and what was wrong with it; None where there is nothing to read."""
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(_bare(data), parser)
    except etree.XMLSyntaxError as error:
        return None, str(error)[:200]
    log = parser.error_log
    return root, f"line {log[0].line}: {log[0].message}"[:200] if len(log) else ""


@dataclass(slots=True)
class Elements:
    """Iterates over the finished elements with these local names; each is emptied once the next
    is asked for. ``broken`` then says what was wrong with the XML, if anything."""

    data: bytes
    names: Collection[str]
    broken: str = field(default="", init=False)

    def __iter__(self) -> Iterator[etree._Element]:
        source = io.BytesIO(_bare(self.data))
        events = etree.iterparse(
            source,
            events=("end",),
            tag=[f"{{*}}{name}" for name in self.names],
            encoding="utf-8",
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=False,
        )
        try:
            for _, element in events:
                yield element
                _empty(element)
        except (etree.XMLSyntaxError, OSError) as error:
            self.broken = str(error)[:200]
        log = events.error_log
        if len(log) and not self.broken:
            self.broken = f"line {log[0].line}: {log[0].message}"[:200]


def _empty(element: etree._Element) -> None:
    """With all that stands before it, or the tree would grow with the document."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        del parent[: parent.index(element)]


def _bare(data: bytes) -> bytes:
    """From the first element on; HTML's named characters as numbers, other ampersands escaped."""
    data = data[_start(data) :]
    return b"".join(_escaped(data)) if _AMPERSAND.search(data) else data


def _escaped(data: bytes) -> Iterator[bytes]:
    """In pieces; what stands in CDATA sections stays as it is."""
    place = 0
    while (start := data.find(b"<![CDATA[", place)) >= 0:
        yield _AMPERSAND.sub(_number, data[place:start])
        end = data.find(b"]]>", start)
        place = len(data) if end < 0 else end
        yield data[start:place]
    yield _AMPERSAND.sub(_number, data[place:])


def _end_of_doctype(data: bytes, start: int) -> int:
    """Behind its closing bracket; 0 where it has none."""
    bracket, close = data.find(b"[", start), data.find(b">", start)
    if 0 <= bracket < close:
        inner = data.find(b"]", bracket)
        close = data.find(b">", inner) if inner >= 0 else -1
    return close + 1


def _number(found: re.Match[bytes]) -> bytes:
    name = found[1] or b""
    if name.startswith(b"#"):
        return b"&#x" + name[2:]
    characters = html5.get(name.decode())
    if characters is None:
        return b"&amp;" + name
    return "".join(f"&#{ord(one)};" for one in characters).encode()


def text_of(element: etree._Element | None) -> str | None:
    """All text in it, white space at the ends cut off; None where there is none."""
    if element is None:
        return None
    return "".join(element.itertext(with_tail=False)).strip() or None


def name_of(element: etree._Element) -> str:
    """Its local name in lower case; empty for what is no element."""
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) and len(tag) < 500 else ""
