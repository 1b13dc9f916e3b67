"""The shop's members' area: prices for those who signed in, a form for all others.

A session is its cookie: ``member=ada-7`` is Ada's seventh and as good as any, also after a restart.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html import escape
from urllib.parse import parse_qs

from lobstr_site.demo.catalogue import SALE, page_count, page_of
from lobstr_site.demo.http import Reply, Request
from lobstr_site.demo.pages import frame, page_number, pager, row

COOKIE = "member"
PASSWORD = "lobster"
USERS = ("ada", "bob")
BLOCKED = "mallory"
SHARE = 0.8
"""Of the price that all others see."""
_SESSION = re.compile(rf"\b{COOKIE}=([a-z]+)-\d+\b")
FORM = b'class="sign-in"'
"""What is on the page of somebody who is not signed in."""


def session(request: Request) -> str:
    """The session's cookie, empty for somebody who is not signed in."""
    found = _SESSION.search(request.headers.get("cookie", ""))
    return found[0] if found and found[1] in (*USERS, BLOCKED) else ""


def page(request: Request, path: str, counts: Counter[str]) -> Reply | None:
    """The answer for a path under ``/members``, or None where there is none."""
    name = path.strip("/")
    if name == "sign-in":
        return _sign_in(request, counts) if request.method == "POST" else form()
    if name == "sign-out":
        return _moved("./", f"{COOKIE}=; Path=/; Max-Age=0")
    number = page_number([name] if name else [])
    if not number or not page_of(number, SALE):
        return None
    member = session(request)
    if not member:
        return form()
    return _blocked() if BLOCKED in member else Reply(body=_listing(number, member).encode())


def form(wrong: bool = False) -> Reply:
    """The page of somebody who is not signed in; its status is 200, as on many sites."""
    told = '<p class="out" role="alert">Wrong user or password.</p>' if wrong else ""
    body = f"""<h1>Members only</h1>{told}
<form {FORM.decode()} method="post" action="sign-in">
<p><label>User <input name="user" value="{USERS[0]}" autocomplete="off"></label></p>
<p><label>Password <input name="password" value="{PASSWORD}" autocomplete="off"></label></p>
<p><button>Sign in</button></p></form>
<p class="count">Members are {", ".join(USERS)} and {BLOCKED}, whose account is blocked;
the password of each is {PASSWORD}.</p>"""
    return Reply(body=frame("Members only", body, "../").encode())


def _sign_in(request: Request, counts: Counter[str]) -> Reply:
    given = parse_qs(request.body.decode("utf-8", "replace"))
    user, password = (given.get(name, [""])[0] for name in ("user", "password"))
    if user not in (*USERS, BLOCKED) or password != PASSWORD:
        return form(wrong=True)
    counts[COOKIE] += 1
    return _moved("./", f"{COOKIE}={user}-{counts[COOKIE]}; Path=/; HttpOnly")


def _moved(location: str, cookie: str) -> Reply:
    return Reply(302, headers=[("Location", location), ("Set-Cookie", cookie)])


def _blocked() -> Reply:
    body = '<h1>Account blocked</h1><p class="account-blocked">This account is blocked.</p>'
    return Reply(403, frame("Account blocked", body, "../").encode())


def _listing(number: int, member: str) -> str:
    items = [replace(item, price=round(item.price * SHARE, 2)) for item in page_of(number, SALE)]
    pages = page_count(SALE)
    body = f"""<h1>Members' prices</h1>
<p class="count">Page {number} of {pages}. Your session's cookie is <code>{escape(member)}</code>.
<a href="sign-out">Sign out</a></p>
<section class="products">{"".join(row(item, "../") for item in items)}</section>
{pager(number, pages)}"""
    return frame(f"Members' prices, page {number}", body, "../")
