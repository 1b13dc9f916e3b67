"""The contact finder: what is a contact of a page, and in which form."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from squids.crawlers.interface import BadPage, ParamError, Response, Row
from tests.squids.crawlers.contacting import CRAWLER, URL, first, parse, read, values


def one(html: str, url: str = URL) -> Row:
    [row] = read(html, url).rows
    return row


# --- e-mails --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<a href='mailto:Sales@Lamps.DE?subject=x'>x</a>", ["sales@lamps.de"]),
        (
            "<a href='mailto:a%40b.de,c@d.org?cc=e@f.net&body=g@h.de'>",
            ["a@b.de", "c@d.org", "e@f.net"],
        ),
        ("<a href='mailto:Ann%20%3Cann@b.de%3E'>", ["ann@b.de"]),
        ("<a href='mailto:?subject=look'>", []),
        ("<a href='mailto:nobody@nowhere'>", []),
        ("<p>Write to ann.lee+x@mail.lamps.co.uk.</p>", ["ann.lee+x@mail.lamps.co.uk"]),
        ("<p>(ann@lamps.de), <ann@lamps.de></p>", ["ann@lamps.de"]),
        ("<p>ann&#64;lamps&#46;de</p>", ["ann@lamps.de"]),
        ("<p>a<b>nn</b>@lamps.de</p>", ["ann@lamps.de"]),
        ("<div>ann</div><div>@lamps.de</div>", []),
        ("<p>name [at] example [dot] com</p>", ["name@example.com"]),
        ("<p>name (at) example dot com</p>", ["name@example.com"]),
        ("<p>jo [dot] lee {at} lampen (punkt) de</p>", ["jo.lee@lampen.de"]),
        ("<p>etu.suku(a)yritys.fi</p>", ["etu.suku@yritys.fi"]),
        ("<p>ann<span style='display: none'>no-spam</span>@lamps.de</p>", ["ann@lamps.de"]),
        ("<p>info@bücher.de</p>", ["info@bücher.de"]),
        ("<script type='application/ld+json'>{'@type': 1}</script>", []),
        (
            '<script type="application/ld+json">{"@type":"Org","email":"mailto:a@b.de"}</script>',
            ["a@b.de"],
        ),
        ("<b itemprop=email>ann@lamps.de</b>", ["ann@lamps.de"]),
    ],
)  # fmt: skip
def test_e_mails(html: str, found: list[str]) -> None:
    assert values(html) == found


@pytest.mark.parametrize(
    "html",
    [
        "<p>logo@2x.png, photo@3x.jpg, anim@2x.mov, icon@lamps.webp</p>",
        "<img src='/logo@2x.png'>",
        "<p>react@18.2.0 left-pad@1.0.js</p>",
        "<p>meet me @lamps.de or @ home, user@localhost</p>",
        "<script>x = 'ann@lamps.de'</script><style>/* ann@lamps.de */</style>",
        "<!-- ann@lamps.de -->",
        "<template>ann@lamps.de</template>",
        "<p>one@two@lamps.de@three.de@</p>",
    ],
)
def test_what_only_looks_like_an_e_mail(html: str) -> None:
    assert values(html) == []


@given(st.from_regex(r"[a-z][a-z0-9.]{0,20}[a-z0-9]@[a-z]{2,20}\.(?:de|com|org)", fullmatch=True))
def test_what_cloudflare_hides_is_found(address: str) -> None:
    if ".." in address:
        address = address.replace("..", ".x")
    code = bytes([0x5A, *(byte ^ 0x5A for byte in address.encode())]).hex()
    span = f"<a href='/x'><span class=__cf_email__ data-cfemail='{code}'>[email protected]</span>"
    assert values(span) == [address]
    assert values(f"<a href='/cdn-cgi/l/email-protection#{code}'>x</a>") == [address]


@pytest.mark.parametrize("code", ["", "5", "5a5", "zz", "5a" * 400, "ffffff"])
def test_a_broken_cloudflare_code_is_nothing(code: str) -> None:
    assert values(f"<i data-cfemail='{code}'>x</i>") == []


# --- phone numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "url", "found"),
    [
        ("<a href='tel:+49-30-901820'>x</a>", URL, ["+4930901820"]),
        ("<a href='tel:030%20901820;ext=5'>x</a>", URL, ["+4930901820"]),
        ("<a href='tel:030901820'>x</a>", "https://lamps.com/", ["030901820"]),
        ("<a href='tel:123'>x</a>", URL, []),
        ("<a href='https://wa.me/4917112345678'>x</a>", URL, ["+4917112345678"]),
        ("<p>Tel.: 030 901820</p>", URL, ["+4930901820"]),
        ("<p>Fax +49 (0)30 90 18 20</p>", "https://lamps.com/", ["+4930901820"]),
        ("<p>0049 30 901820</p>", URL, ["+4930901820"]),
        ("<p>(212) 555-0123</p>", "https://lamps.us/", ["+12125550123"]),
        ("<p>☎ 020 7946 0018</p>", "https://lamps.co.uk/", ["+442079460018"]),
        ("<html lang=de-AT><p>Tel. 01 5120000</p>", "https://lamps.com/", ["+4315120000"]),
        ("<html lang=fr><p>Tél : 01 42 68 53 00</p>", "https://lamps.com/", ["+33142685300"]),
        ("<html lang=en><p>Tel. 030 901820</p>", "https://lamps.com/", []),
        ("<dl><dt>Phone<dd>030 901820</dl>", URL, ["+4930901820"]),
        ("<i itemprop=telephone content='030 901820'></i>", URL, ["+4930901820"]),
    ],
)
def test_phone_numbers(html: str, url: str, found: list[str]) -> None:
    assert values(html, url) == found


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-05 10:00:00",
        "12.345.678,00",
        "USt-IdNr.: DE 123456789",
        "IBAN DE89 3704 0044 0532 0130 00",
        "Order no. 4711-0815-99",
        "HRB 123456 B",
        "ISBN 978-3-16-148410-0",
        "01309018201234567890123456",
    ],
)
def test_other_numbers_are_no_phones(text: str) -> None:
    assert values(f"<p>{text}</p>") == []


def test_the_country_that_is_set_goes_before_what_the_page_says() -> None:
    assert values("<p>Tel. 01 5120000</p>", region="at") == ["+4315120000"]
    with pytest.raises(ParamError, match="no country"):
        CRAWLER.check_settings({"region": "XX"})


# --- profiles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "network", "value"),
    [
        ("https://de.linkedin.com/company/Lamps/about/?x=1", "LinkedIn", "https://www.linkedin.com/company/lamps"),
        ("https://www.linkedin.com/in/ann-lee", "LinkedIn", "https://www.linkedin.com/in/ann-lee"),
        ("http://twitter.com/Lamps", "X", "https://x.com/lamps"),
        ("https://x.com/lamps?ref=y", "X", "https://x.com/lamps"),
        ("https://m.facebook.com/Lamps.GmbH/", "Facebook", "https://www.facebook.com/lamps.gmbh"),
        ("https://fb.com/profile.php?id=10001", "Facebook", "https://www.facebook.com/profile.php?id=10001"),
        ("https://instagram.com/lamps/", "Instagram", "https://www.instagram.com/lamps"),
        ("https://www.youtube.com/@Lamps/videos", "YouTube", "https://www.youtube.com/@Lamps"),
        ("https://youtube.com/channel/UCx_-1", "YouTube", "https://www.youtube.com/channel/UCx_-1"),
        ("https://www.tiktok.com/@lamps", "TikTok", "https://www.tiktok.com/@lamps"),
        ("https://github.com/lamps", "GitHub", "https://github.com/lamps"),
        ("https://mastodon.social/@lamps", "Mastodon", "https://mastodon.social/@lamps"),
        ("https://bsky.app/profile/lamps.de", "Bluesky", "https://bsky.app/profile/lamps.de"),
        ("https://www.xing.com/pages/lamps", "Xing", "https://www.xing.com/pages/lamps"),
    ],
)  # fmt: skip
def test_profiles(link: str, network: str, value: str) -> None:
    row = one(f"<a href='{link}'>Follow us</a>")
    assert (row["kind"], row["network"], row["value"]) == ("profile", network, value)
    assert (row["label"], row["written"]) == ("Follow us", link)


@pytest.mark.parametrize(
    "link",
    [
        "https://twitter.com/intent/tweet?url=x",
        "https://twitter.com/share",
        "https://x.com/lamps/status/1",
        "https://www.facebook.com/sharer/sharer.php?u=x",
        "https://www.facebook.com/sharer.php?u=x",
        "https://www.facebook.com/dialog/share?x",
        "https://www.linkedin.com/shareArticle?url=x",
        "https://www.linkedin.com/sharing/share-offsite/?url=x",
        "https://www.instagram.com/p/abc/",
        "https://www.youtube.com/watch?v=x",
        "https://github.com/lamps/bulbs",
        "https://github.com/login",
        "https://t.me/share/url?url=x",
        "https://pinterest.com/pin/create/button/",
        "https://notfacebook.com/lamps",
        "https://blog.other.de/@ann",
    ],
)
def test_links_to_share_and_to_posts_are_no_profiles(link: str) -> None:
    assert values(f"<a href='{link}'>x</a>") == []


def test_whose_profile_it_is_a_link_says_itself_where_hosts_have_any_name() -> None:
    assert values("<a rel='me noopener' href='https://lamps.org/@ann'>x</a>") == [
        "https://lamps.org/@ann"
    ]


# --- rows -----------------------------------------------------------------------------------------


def test_a_row_has_every_column_and_says_where_and_how() -> None:
    row = one("<p>Sales: Ann@Lamps.de</p>")
    assert set(row) == {column.name for column in CRAWLER.columns}
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "site": "lamps.de",
        "kind": "email",
        "value": "ann@lamps.de",
        "label": "Sales",
        "written": "Ann@Lamps.de",
        "found_in": "text",
        "source": URL,
    }


def test_what_stands_in_a_link_and_in_its_text_is_one_row_with_a_label() -> None:
    row = one("<dl><dt>Press<dd><a href='mailto:p@lamps.de'>p@lamps.de</a></dl>")
    assert (row["found_in"], row["label"]) == ("link", "Press")


def test_labels() -> None:
    html = "<p>Sales: a@b.de | Support: c@d.de</p><h3>Berlin</h3><p>e@f.de</p><p>g@h.de</p>"
    labels = {row["value"]: row["label"] for row in read(html).rows}
    assert labels == {"a@b.de": "Sales", "c@d.de": "Support", "e@f.de": "Berlin", "g@h.de": None}
    phones = "<p>Call us. Tel.: 030 901820, Fax (030) 901821"
    assert [row["label"] for row in read(phones).rows] == ["Tel", "Fax"]


def test_phone_details_cost_where_the_number_is_valid() -> None:
    html = "<a href='tel:+493012345'>x</a><a href='tel:+11111111111'>y</a>"
    outcome = read(html, URL, "phone_details")
    usage = outcome.functions["phone_details"]
    assert (usage.attempts, usage.hits, usage.rows) == (2, 1, (0,))
    assert [row["phone_valid"] for row in outcome.rows] == [True, False]
    assert outcome.rows[0]["phone_country"] == "DE"
    assert outcome.rows[0]["phone_type"] == "fixed_line"
    assert outcome.rows[0]["phone_format"] == "+49 30 12345"
    assert outcome.rows[1]["phone_country"] is None


# --- whatever comes -------------------------------------------------------------------------------

PIECES = st.sampled_from(
    (
        *("<a href='mailto:", "tel:", "'>", "@", ".de", " (at) ", "[dot]", "+49", "030 901820"),
        *("<p>", "\0", "<script type='application/ld+json'>", '{"@type":"P","email":', "</script>"),
        *("%", "é", "</a>", "<i data-cfemail='", "https://x.com/", "<base href='", "http://["),
        *("&#", "<svg>", "Tel. ", "\n"),
    )
)


@limits(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(PIECES).map(lambda p: "".join(p).encode())))
def test_whatever_the_bytes(body: bytes) -> None:
    response = Response(URL, 200, {"content-type": "text/html"}, body)
    for functions in ((), ("phone_details", "verified_emails")):
        try:
            outcome = parse(response, first(), *functions)
        except BadPage:
            continue
        for row in outcome.rows:
            assert row["value"] and len(row["written"]) <= 300


BIG = 20_000_000
HOSTILE = {
    "one word": "a" * BIG,
    "at signs": "@" * BIG,
    "halves of addresses": "a@" * (BIG // 2),
    "names without end": "x@" + "a." * (BIG // 2),
    "brackets": "[ " * (BIG // 2),
    "digits": "1" * BIG,
    "groups of digits": "1 " * (BIG // 2),
    "spaces": " " * BIG + "x@y.de",
    "code": "<i data-cfemail='" + "ab" * (BIG // 2) + "'>",
    "one long link": "<a href='mailto:" + "a@b.de," * (BIG // 7) + "'>",
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_twenty_megabytes_are_refused_before_anything_is_searched(html: str) -> None:
    with pytest.raises(BadPage, match="too large"):
        read(html)


def _steps(html: str) -> float:
    """How many times as long four times the text takes: about four, where it is linear."""
    took = []
    for size in (len(html) // 4, len(html)):
        best = float("inf")
        for _ in range(2):
            start = process_time()
            read(html[:size])
            best = min(best, process_time() - start)
        took.append(best)
    return took[1] / max(took[0], 0.01)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "spaces"])
def test_time_grows_with_the_text_and_not_with_its_square(name: str) -> None:
    assert _steps(HOSTILE[name][:2_000_000]) < 10


def test_a_page_of_nothing_but_contacts_is_cut() -> None:
    html = "".join(f"<a href='mailto:a{n}@lamps.de'>x</a>" for n in range(3_000))
    outcome = read(html)
    assert len(outcome.rows) == 500
    assert any("first 500 contacts" in text for _, text in outcome.notes)
