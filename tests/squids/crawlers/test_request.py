"""A request travels as JSON between a page and the next slice."""

from __future__ import annotations

import json

import orjson
from hypothesis import given
from hypothesis import strategies as st

from squids.crawlers.interface import Request

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
REQUESTS = st.builds(
    Request,
    url=TEXT,
    method=st.sampled_from(["GET", "POST", "HEAD"]),
    headers=st.dictionaries(TEXT, TEXT, max_size=3),
    body=st.none() | TEXT,
    label=TEXT,
    meta=st.dictionaries(TEXT, JSON, max_size=3),
    accept=st.lists(st.integers(100, 599), max_size=3).map(tuple),
    kind=st.sampled_from(["http", "browser", "dns"]),
    variant=TEXT,
)


@given(REQUESTS)
def test_json_and_back(request: Request) -> None:
    for text in (json.dumps(request.to_dict()), orjson.dumps(request.to_dict())):
        back = Request.from_dict(json.loads(text))
        assert back == request
        assert back.fingerprint == request.fingerprint


def test_the_fingerprint_is_of_what_is_asked_and_for_which_row() -> None:
    request = Request("https://a.example/")
    assert request.fingerprint == Request("https://a.example/", meta={"page": 2}).fingerprint
    others = [
        Request("https://a.example/b"),
        Request("https://a.example/", method="POST"),
        Request("https://a.example/", body="x"),
        Request("https://a.example/", label="detail"),
        Request("https://a.example/", kind="dns"),
        Request("https://a.example/", variant="1.0"),
    ]
    prints = {other.fingerprint for other in [request, *others]}
    assert len(prints) == len(others) + 1
