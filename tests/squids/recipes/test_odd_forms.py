"""Whatever a form says, the builder answers with a page, a region or a refusal."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from squids.models import SamplePage, Squid
from tests import factories

ODD = [
    "",
    " ",
    "\0",
    "a\0b",
    "é\u200b",
    "9" * 400,
    "-1",
    "[",
    "]]",
    "//",
    "//*[",
    "p[",
    "::attr(",
    "*",
]
ODD += [
    "{}",
    "[1]",
    "null",
    "NaN",
    "true",
    "a.b.c",
    "@",
    "items[?",
    "x" * 3_000,
    "field:{",
    "block:9",
]
ODD += [
    "raise:fields-0",
    "drop:detail-0",
    "add:detail",
    "detail:on",
    "rows:p[",
    "next://a",
    "preset",
]
NAMES = [
    "rows",
    "next",
    "detail-link",
    "date",
    "signed_out",
    "headers",
    "total",
    "paging-by",
    "url",
]
NAMES += [
    "paging-first",
    "paging-param",
    "paging-size",
    "do",
    "part",
    "number",
    "preset",
    "has_detail",
]
NAMES += [f"{of}-{n}-{key}" for of in ("fields", "detail") for n in ("0", "1", "007", "99")
          for key in ("name", "select", "type", "many", "required", "key")]  # fmt: skip
VERBS = ("edit_recipe", "save_recipe", "keep_preset", "point_at", "undo_recipe", "discard_recipe")
_forms = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(ODD) | st.text(max_size=20), max_size=14
)


@pytest.mark.parametrize("slug", ["web-scraper", "json-api-scraper"])
def test_any_form(client: Client, squid: Squid, listing: SamplePage, slug: str) -> None:
    own = squid if slug == "web-scraper" else factories.squid(squid.owner, crawler=slug, tasks=0)
    if own is not squid:
        body = '{"items": [{"id": 1, "a": {"b": [2]}}, {"id": 2}], "next": "/b"}'
        factories.sample_page(own, body, kind="application/json")

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.sampled_from(VERBS), _forms, st.booleans())
    def whatever(verb: str, form: dict[str, Any], by_htmx: bool) -> None:
        headers = {"HX-Request": "true"} if by_htmx else {}
        answer = client.post(reverse(f"squids:{verb}", args=[own.uid]), form, headers=headers)
        assert answer.status_code in (200, 302, 400, 404, 422)
        page = client.get(reverse("squids:recipe", args=[own.uid]))
        assert page.status_code == 200

    whatever()
