"""A copy of a page shows what it says, and can do nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from squids.crawlers import builder
from tests.squids.crawlers.builder.pages import page, shop

ACTS = """<body class="dark" onload="x()">
<base href="//evil.example/"><meta http-equiv="refresh" content="0">
<script>steal()</script><form action="/x" onsubmit="y()"><a href="javascript:z()" ping="/p">go</a>
<input formaction="/q" autofocus onfocus="w()" value="kept"></form><iframe src="/f"></iframe>
<img src="/i.png" srcset="/j.png" alt="a lamp" onerror="v()"><object data="/o"></object>
<svg><a xlink:href="javascript:1"><text>s</text></a></svg><video src="/v"></video>
<p style="color: red; background: url(//evil.example/t.png)">hi</p>
<noscript>no <b>script</b></noscript><math><mtext><img src=x onerror=1></mtext></math></body>"""


def test_nothing_of_it_acts_or_loads() -> None:
    copy = builder.copy(page(ACTS), {})
    for word in ("script>", "javascript", "onload", "onerror", "onfocus", "onsubmit", "<iframe"):
        assert word not in copy.body
    assert not re.search(
        r"(?:src|srcset|href|action|formaction|ping|data|autofocus)\s*=", copy.body
    )
    assert "evil.example" not in copy.body + copy.style


def test_what_it_says_is_kept() -> None:
    copy = builder.copy(page(ACTS), {})
    assert copy.body.startswith('<body class="dark">')
    assert "color: red" in copy.body and 'alt="a lamp"' in copy.body and 'value="kept"' in copy.body
    text = html.fromstring(copy.body).text_content()
    assert "go" in text and "hi" in text and "no script" in text


def test_elements_have_the_numbers_that_marks_mean() -> None:
    response = page(shop())
    copied = html.fromstring(builder.copy(response, {}).body)
    recipe = {"rows": "article.card", "fields": {"price": ".price"}, "next": "li.next > a"}
    marks = builder.marks(response, recipe)
    found = {n: element for element in copied.iter() if (n := element.get("data-n"))}
    assert [found[str(n)].tag for n in marks.rows] == ["article"] * 6
    assert [found[str(n)].text for n in marks.fields["price"]] == [f"£{n}.50" for n in range(1, 7)]
    assert found[str(marks.next[0])].text == "Next"


def test_styles_go_with_it_without_what_they_load() -> None:
    sheet = '@import "x.css"; p { background: url("a;b(c)") red } </style><script>1</script>'
    copy = builder.copy(page("<style>b { color: blue }</style><p>a</p>"), {"s": sheet})
    assert "color: blue" in copy.style and "red" in copy.style
    for word in ("import", "url", "</"):
        assert word not in copy.style


def test_no_style_ends_its_element() -> None:
    sheet = "<<//style><link rel=preconnect href=x> a{} <@import x;/style> </style <!-- p < 3px {}"
    copy = builder.copy(page("<p>a</p>"), {"s": sheet})
    assert "</" not in copy.style and "<l" not in copy.style and "<!" not in copy.style
    assert "p < 3px" in copy.style


def test_its_sheets_are_named_once_and_not_those_for_paper() -> None:
    body = """<link rel="stylesheet" href="a.css"><link rel="stylesheet" href="a.css">
<link rel="stylesheet" media="print" href="b.css"><link rel="icon" href="c.css">"""
    assert builder.sheets(page(body)) == ["https://shop.example/lamps/a.css"]


PIECES = """<script> </script> <svg> <math> <style> </style> <!-- --> <img/src=x> <noscript> text
</noscript> <a/href=javascript:1> <textarea> </textarea> <title> <p/onclick=1> <template>
<iframe/srcdoc='<script>1</script>'> &lt;script&gt;"""
_pieces = st.sampled_from(PIECES.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(_pieces, max_size=12))
def test_however_it_is_nested(pieces: list[str]) -> None:
    try:
        copy = builder.copy(page("<p>a</p>" + "".join(pieces)), {})
    except builder.Unreadable:
        return
    for element in html.fromstring(f"<html>{copy.body}</html>").iter():
        if isinstance(element.tag, str):
            assert element.tag not in ("script", "iframe", "svg", "math", "style", "template")
            names = {str(name).lower() for name in element.attrib}
            assert not names & {"href", "src", "srcdoc", "onclick"}


@pytest.mark.parametrize("body", ["", "\x00\x01\x02\x03" * 50])
def test_what_is_no_page(body: str) -> None:
    with pytest.raises(builder.Unreadable):
        builder.copy(page(body), {})
