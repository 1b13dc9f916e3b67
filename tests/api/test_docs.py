"""The page to try the API, and the document that it reads."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories


@pytest.mark.django_db
def test_the_page_keeps_to_the_sites_policy() -> None:
    anonymous, signed_in = Client(), Client()
    signed_in.force_login(factories.user("owner"))
    for client in (anonymous, signed_in):
        answer = client.get("/v1/docs")
        page = answer.content.decode()
        assert answer.status_code == 200 and 'data-document="/v1/openapi.json"' in page
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert (
            "https://" not in page
            and "<script>" not in page
            and " style=" not in page
            and 'href="/api"' in page
        )


@pytest.mark.django_db
def test_the_document_says_how_to_show_a_key() -> None:
    document = Client().get("/v1/openapi.json").json()
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    assert "/v1/me" in document["paths"]
