"""How the shop looks: one small sheet for light and dark, and a drawing for each item."""

from __future__ import annotations

from lobstr_site.demo.catalogue import CATEGORIES, Item

CSS = """
:root{color-scheme:light dark;--ink:#20242b;--soft:#5b6472;--line:#dfe3e8;--ground:#fafaf8;
--card:#fff;--accent:#0b6e5f;--warn:#a4461c;--star:#b7791f}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa4b2;--line:#333a44;
--ground:#15181d;--card:#1c2027;--accent:#4cc2ad;--warn:#f0936a;--star:#e0b050}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
a{color:inherit;text-underline-offset:3px}a:focus-visible,button:focus-visible{outline:3px solid
var(--accent);outline-offset:2px}
.top{display:flex;flex-wrap:wrap;gap:8px 32px;align-items:center;padding:16px 24px;
border-bottom:1px solid var(--line);background:var(--card)}
.brand{font-weight:700;font-size:20px;text-decoration:none;color:var(--accent)}
.top ul{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0;padding:0;list-style:none}
.top li a{text-decoration:none;color:var(--soft)}.top li a:hover{color:var(--accent)}
main,footer{max-width:1040px;margin:0 auto;padding:24px}
h1{font-size:28px;line-height:1.2;margin:8px 0}h2,h3{font-size:17px;margin:0}
.count,.brand-name,.reviews,.was,footer,.crumbs{color:var(--soft);font-size:14px}
.product{display:grid;grid-template-columns:112px 1fr 176px;gap:20px;padding:20px 0;
border-top:1px solid var(--line)}
.product p{margin:4px 0}.product .title{text-decoration:none}.title:hover{color:var(--accent)}
.picture svg{width:100%;height:auto;border-radius:8px;display:block}
.rating{color:var(--star);letter-spacing:1px}
.facts{display:flex;flex-wrap:wrap;gap:4px 8px;margin:8px 0 0;padding:0;list-style:none}
.facts li{border:1px solid var(--line);border-radius:99px;padding:0 10px;font-size:13px;
color:var(--soft)}
.price{font-size:22px;font-weight:650;font-variant-numeric:tabular-nums}
.in{color:var(--accent)}.out{color:var(--warn)}.availability{font-size:14px}
button,.button{font:inherit;border:0;border-radius:8px;padding:8px 16px;background:var(--accent);
color:var(--card);text-decoration:none;display:inline-block;cursor:pointer}
.pager{display:flex;gap:24px;justify-content:center;list-style:none;padding:24px 0}
.hero{padding:40px 0}.hero h1{font-size:40px}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:12px;padding:0;
list-style:none}.tiles a{display:block;border:1px solid var(--line);border-radius:12px;padding:20px;
background:var(--card);text-decoration:none}.tiles span{display:block;color:var(--soft)}
.detail{display:grid;grid-template-columns:320px 1fr;gap:40px;padding:24px 0}
.specs,.switches{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:8px 12px 8px 0;border-top:1px solid var(--line);vertical-align:top}
code{font-size:14px;overflow-wrap:anywhere}
@media(max-width:700px){.product,.detail{grid-template-columns:1fr}
.product .picture{max-width:112px}
main,.top,footer{padding:16px}}
"""

SHAPES = (
    '<path d="M60 34l26 30H34zM57 64h6v22h-6z"/>',
    '<path d="M36 46h44v24a14 14 0 0 1-14 14H50a14 14 0 0 1-14-14zM80 52h8v14h-8z"/>',
    '<path d="M56 88V58c-14 0-20-8-20-20 14 0 22 6 24 16 2-10 10-14 24-14 0 12-8 18-20 18v30z"/>',
    '<path d="M40 32h34l8 8v48H40zM48 50h26v4H48zM48 60h26v4H48zM48 70h18v4H48z"/>',
    '<path d="M36 46h48v40H36zM50 36h20v10h-6v-4h-8v4h-6z"/>',
    '<path d="M36 62h22v22H36zM62 62h22v22H62zM49 36h22v22H49z"/>',
    '<path d="M34 52h8v16h-8zM44 46h8v28h-8zM52 57h16v6H52zM68 46h8v28h-8zM78 52h8v16h-8z"/>',
    '<path d="M52 36l28-6v40a9 9 0 1 1-6-8V44l-16 4v30a9 9 0 1 1-6-8z"/>',
)
HUES = {slug: number * 45 + 10 for number, slug in enumerate(CATEGORIES)}


def picture(item: Item) -> str:
    """A drawing for the item: its category's shape on its category's colour, shifted a little."""
    hue = HUES[item.category] + int(item.sku[-2:]) % 24
    shape = SHAPES[list(CATEGORIES).index(item.category)]
    return (
        '<svg viewBox="0 0 120 120" role="img" aria-label="" focusable="false">'
        f'<rect width="120" height="120" fill="hsl({hue} 45% 86%)"/>'
        f'<g fill="hsl({hue} 45% 34%)">{shape}</g></svg>'
    )
