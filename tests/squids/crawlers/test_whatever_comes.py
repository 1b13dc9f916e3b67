"""Every crawler, whatever the bytes: rows or a named error, in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.squids.crawlers import hostile

ROOT = Path(__file__).parents[3]
MEGABYTES = 700
"""For a body of 20 MB at most, its text, and its tree."""
SECONDS = 300
"""After which one that does not come back has failed; none takes a tenth of it."""

PIECES = [b"<a href='/x'>", b"</a>", b"<p>", b"<item>", b"<rss>", b"<urlset>", b"<url><loc>"]
PIECES += [b"http://a.example/", b"{", b"}", b"[", b"]", b'"', b":", b",", b"items", b"a@b.example"]
PIECES += [b"+49 30 1234567", b"<script type='application/ld+json'>", b"</script>", b"@type", b"\0"]
PIECES += [b"<![CDATA[", b"]]>", b"&amp;", b"&#x0;", b"\xff\xfe", b"<!DOCTYPE x [", b"2026-01-01"]
PIECES += [
    b"<feed xmlns='http://www.w3.org/2005/Atom'>",
    b"<entry>",
    b"\xf0\x9f",
    b"1e400",
    b"<td>",
]
_bodies = st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)
_encodings = st.sampled_from(["utf-8", "utf-16", "latin-1", "idna", "no-such-charset", "cp037"])


@pytest.mark.parametrize("slug", hostile.ours())
def test_any_bytes_give_rows_or_a_named_error(slug: str) -> None:
    ready = list(hostile.settings_of(slug))

    @settings(max_examples=120, deadline=None)
    @given(_bodies, st.sampled_from(hostile.KINDS), _encodings)
    def whatever(body: bytes, kind: str, encoding: str) -> None:
        for code, own in ready:
            for outcome in hostile.read(code, own, body, kind, encoding):
                hostile.check(outcome)

    whatever()


@pytest.mark.parametrize("slug", hostile.ours())
def test_what_does_harm_does_none(slug: str) -> None:
    """In a process of its own, whose memory ends soon after what a large page takes."""
    words = [sys.executable, "-m", "tests.squids.crawlers.hostile", slug, str(MEGABYTES)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-200:] + done.stderr[-3000:]
    assert done.stdout.splitlines() == list(hostile.BODIES)


def test_they_are_all_there() -> None:
    assert len(hostile.ours()) == 8
