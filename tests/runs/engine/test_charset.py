"""The charset that a page is read in: BOM, header, markup, bytes, in that order."""

from __future__ import annotations

import pytest

from runs.engine.charset import encoding_of
from runs.engine.fetch import Fetcher
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import Site

HTML = "text/html"
RUSSIAN = "<p>Съешь же ещё этих мягких французских булок, да выпей чаю. " * 20
CZECH = "<p>Příliš žluťoučký kůň úpěl ďábelské ódy. " * 20
JAPANESE = "<p>いろはにほへと ちりぬるを わかよたれそ つねならむ。" * 20


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é"),
        ("é".encode(), 'text/html; Charset = "UTF-8"; x=y', "é"),
        (b"\x93quoted\x94 \x80", "text/html;charset=latin1", "“quoted” €"),
        (b"\x93\x94", "text/plain; charset=us-ascii", "“”"),
        ("漢字".encode("gb18030"), "text/html; charset=gb2312", "漢字"),
        ("①".encode("cp932"), "text/html; charset=Shift_JIS", "①"),
        (b'<meta charset="windows-1251">' + "ы".encode("cp1251"), HTML, None),
        (b"<META http-equiv=Content-Type content='text/html; charset=koi8-r'>\xd9", HTML, None),
        (b'<?xml version="1.0" encoding="iso-8859-2"?><a>\xb1</a>', "text/xml", None),
        (b'<meta charset="utf-16">plain', HTML, '<meta charset="utf-16">plain'),
        (b"\xef\xbb\xbfabc", "text/html; charset=latin1", "abc"),
        ("\ufeffåß".encode("utf-16-le"), HTML, "åß"),
        ("\ufeffåß".encode("utf-16-be"), HTML, "åß"),
        ("é".encode(), "text/html; charset=no-such-thing", "é"),
        ("é".encode(), "text/html; charset=", "é"),
        ("é".encode(), "text/html; charset=rot13", "é"),
        ("ünï".encode(), "", "ünï"),
        (b"", HTML, ""),
        ("El niño mañana".encode("cp1252"), HTML, "El niño mañana"),
        (CZECH.encode("cp1250"), HTML, CZECH),
        (RUSSIAN.encode("cp1251"), HTML, RUSSIAN),
        (RUSSIAN.encode("koi8-r"), HTML, RUSSIAN),
        (JAPANESE.encode("cp932"), HTML, JAPANESE),
        (JAPANESE.encode("euc-jp"), HTML, JAPANESE),
    ],
)  # fmt: skip
def test_how_a_body_is_read(body: bytes, content_type: str, text: str | None) -> None:
    read = body.decode(encoding_of(body, content_type), "replace")
    if text is None:
        assert {"ы", "ą"} & set(read[-5:].lower()), read
    else:
        assert read == text


def test_what_is_no_text_is_left_alone() -> None:
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
    assert encoding_of(png, "image/png") == "utf-8"
    assert encoding_of(png, "") == "utf-8"


@pytest.mark.asyncio
async def test_a_page_without_any_word_of_its_charset(fetcher: Fetcher, site: Site) -> None:
    site.page("/", RUSSIAN.encode("cp1251"))
    assert (await fetcher.fetch(Request(site.url()), allowing(site))).text == RUSSIAN
