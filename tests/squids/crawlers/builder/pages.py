"""Pages to build recipes on."""

from __future__ import annotations

from squids.crawlers.interface import Response

URL = "https://shop.example/lamps/"


def page(body: str, url: str = URL, kind: str = "text/html; charset=utf-8") -> Response:
    return Response(url, 200, {"content-type": kind}, body.encode())


def card(number: int) -> str:
    was = f'<s class="was">£{number + 5}.00</s>' if number % 3 else ""
    return f"""<article class="card col-4 css-1x{number}9z">
<a class="picture" href="/lamp/{number}"><img src="/p/{number}.jpg" alt=""></a>
<h3><a href="/lamp/{number}" title="Lamp {number} of the long series">Lamp {number} of th…</a></h3>
<p class="price">£{number}.50</p>{was}<p class="star-rating Three"></p>
<ul class="tags"><li>desk</li><li>brass {number}</li></ul>
<time datetime="2026-01-{number:02}">some day</time><button>Add</button></article>"""


def shop(count: int = 6) -> str:
    cards = "".join(card(number) for number in range(1, count + 1))
    return f"""<html><head><title>Lamps</title></head><body>
<nav class="menu"><ul><li><a href="/a">All lamps</a></li><li><a href="/b">Chairs</a></li>
<li><a href="/c">Tables</a></li><li><a href="/d">Beds</a></li></ul></nav>
<main><h1>Lamps</h1><div class="grid">{cards}</div>
<ul class="pager"><li class="next"><a href="?page=2">Next</a></li></ul></main>
<footer><p>Imprint</p></footer></body></html>"""
