"""The shop's HTML. Links are relative, so that a whole crawl stays inside a switch's prefix."""

from __future__ import annotations

from functools import cache
from html import escape

from lobstr_site.demo.catalogue import CATEGORIES, SALE, Item, by_sku, listing, page_count, page_of
from lobstr_site.demo.look import CSS, picture

WORDS = ("", "One", "Two", "Three", "Four", "Five")
GREETING = "Welcome · Grüß Gott · Bienvenue · Здравствуйте · こんにちは"
NAMES = {slug: name for slug, (name, _) in CATEGORIES.items()} | {SALE: "Sale"}


@cache
def page(path: str) -> str | None:
    """The page at ``path`` (which starts with a slash), or None where the shop has none."""
    match path.strip("/").split("/"):
        case [""]:
            return _home()
        case ["shop", *rest]:
            return _listing(None, rest, "../")
        case ["category", slug, *rest] if slug in NAMES:
            return _listing(slug, rest, "../../")
        case ["item", name] if item := by_sku().get(name.removesuffix(".html")):
            return _detail(item)
        case ["forbidden", *_]:
            return frame("Staff only", "<p>Robots are asked to stay out of here.</p>", "../")
    return None


def frame(title: str, body: str, root: str) -> str:
    """A whole page; ``root`` is the relative way to the shop's front page."""
    links = "".join(
        f'<li><a href="{root}category/{slug}/">{name}</a></li>' for slug, name in NAMES.items()
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Demo shop</title>
<meta name="description" content="A shop that sells nothing, made to be scraped.">
<style>{CSS}</style>
</head>
<body>
<header class="top">
<a class="brand" href="{root}">Demo shop</a>
<nav aria-label="Categories"><ul><li><a href="{root}shop/">All</a></li>{links}</ul></nav>
</header>
<main>
{body}
</main>
<footer>
<p>{GREETING}</p>
<p>Nothing here is for sale; <a href="{root}members/">members</a> pay less.
<a href="{root}switches">Make this site slow or broken</a>.</p>
</footer>
</body>
</html>
"""


def row(item: Item, root: str, level: str = "h2") -> str:
    """One item as it stands in a listing."""
    href = f"{root}item/{item.sku}.html"
    return f"""<article class="product" data-sku="{item.sku}" itemscope>
<a class="picture" href="{href}" tabindex="-1" aria-hidden="true">{picture(item)}</a>
<div class="about">
<{level}><a class="title" href="{href}">{escape(item.title)}</a></{level}>
<p class="brand-name"><span class="maker">{escape(item.brand)}</span> ·
<span class="sku">{item.sku}</span></p>
<p class="rating {WORDS[item.rating]}" title="{item.rating} of 5">{_stars(item.rating)}
<span class="reviews">({item.reviews})</span></p>
<p class="summary">{escape(item.description[:150])}…</p>
<ul class="facts">{"".join(f"<li>{escape(value)}</li>" for _, value in item.specs[:3])}</ul>
</div>
<div class="buy">
<p class="price">£{item.price:.2f}</p>{_was(item)}
<p class="availability {"in" if item.stock else "out"}">{item.availability}</p>
<p><a class="button" href="{href}" aria-label="Details of {escape(item.title)}">Details</a></p>
</div>
</article>
"""


def _home() -> str:
    tiles = "".join(
        f'<li><a href="category/{slug}/"><strong>{name}</strong>'
        f"<span>{len(listing(slug))} items</span></a></li>"
        for slug, name in NAMES.items()
    )
    body = f"""<section class="hero"><h1>A shop made to be scraped</h1>
<p>{len(listing())} items on {page_count()} pages, the same on every machine, every time.</p>
<p><a class="button" href="shop/">Browse everything</a></p></section>
<ul class="tiles">{tiles}</ul>
<section class="featured"><h2>Picked for you</h2>{"".join(row(i, "", "h3") for i in page_of(7)[:3])}
</section>"""
    return frame("Front page", body, "")


def _listing(slug: str | None, rest: list[str], root: str) -> str | None:
    number = page_number(rest)
    shown = page_of(number, slug) if number else ()
    if not shown:
        return None
    name = NAMES[slug] if slug else "All items"
    pages, total = page_count(slug), len(listing(slug))
    rows = "".join(row(item, root) for item in shown)
    body = f"""<h1>{name}</h1>
<p class="count"><strong>{total}</strong> results, page {number} of {pages}</p>
<section class="products">{rows}</section>
{pager(number, pages)}"""
    return frame(f"{name}, page {number}", body, root)


def page_number(rest: list[str]) -> int:
    """1 for a listing's folder, N for ``page-N.html``, 0 for anything else."""
    if not rest:
        return 1
    digits = rest[0].removeprefix("page-").removesuffix(".html")
    exact = len(rest) == 1 and rest[0] == f"page-{digits}.html"
    return int(digits) if exact and digits.isascii() and digits.isdigit() else 0


def pager(number: int, pages: int) -> str:
    back = f'<li class="previous"><a href="page-{number - 1}.html">Previous</a></li>'
    onward = f'<li class="next"><a rel="next" href="page-{number + 1}.html">Next</a></li>'
    return f"""<nav aria-label="Pages"><ul class="pager">{back if number > 1 else ""}
<li class="current">Page {number} of {pages}</li>{onward if number < pages else ""}</ul></nav>"""


def _detail(item: Item) -> str:
    rows = "".join(
        f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in _table(item)
    )
    body = f"""<nav class="crumbs"><a href="../">Shop</a> ›
<a href="../category/{item.category}/">{NAMES[item.category]}</a> › {escape(item.title)}</nav>
<article class="detail" data-sku="{item.sku}">
<div class="picture">{picture(item)}</div>
<div>
<h1>{escape(item.title)}</h1>
<p class="brand-name">{escape(item.brand)}</p>
<p class="rating {WORDS[item.rating]}" title="{item.rating} of 5">{_stars(item.rating)}
<span class="reviews">({item.reviews})</span></p>
<p class="price">£{item.price:.2f}</p>{_was(item)}
<p class="availability {"in" if item.stock else "out"}">{item.availability}</p>
<p class="description">{escape(item.description)}</p>
<table class="specs">{rows}</table>
</div>
</article>"""
    return frame(item.title, body, "../")


def _table(item: Item) -> tuple[tuple[str, str], ...]:
    return (("SKU", item.sku), ("EAN", item.ean), ("Brand", item.brand), *item.specs)


def _stars(rating: int) -> str:
    return "★" * rating + "☆" * (5 - rating)


def _was(item: Item) -> str:
    return f'<p class="was">was <s>£{item.was:.2f}</s></p>' if item.was else ""
